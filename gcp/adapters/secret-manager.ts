// Secrets of a Google site: Secret Manager over REST, because the generated client would double a function's cold start.
import type { AuthClient } from 'google-auth-library';
import * as z from 'zod';
import { type Secrets, SecretUnavailable } from '../../shared/ports/secrets.ts';

// https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
const Access = z.object({ payload: z.object({ data: z.base64() }) });

export type SecretManagerOptions = { project: string; authClient: AuthClient; baseUrl: string; timeoutSeconds: number };

/** Keeps what it has read for the life of the process, so that a failover does not depend on the secret store answering once more. */
export function createSecretManager(options: SecretManagerOptions): Secrets {
  const kept = new Map<string, string>();
  return {
    async read(name) {
      const known = kept.get(name);
      if (known !== undefined) return known;
      const value = await fetchSecret(options, name);
      kept.set(name, value);
      return value;
    },
  };
}

async function fetchSecret(
  { project, authClient, baseUrl, timeoutSeconds }: SecretManagerOptions,
  name: string,
): Promise<string> {
  try {
    const { data } = await authClient.request({
      url: `${baseUrl}/v1/projects/${encodeURIComponent(project)}/secrets/${encodeURIComponent(name)}/versions/latest:access`,
      timeout: timeoutSeconds * 1000,
      retry: false,
    });
    return Buffer.from(Access.parse(data).payload.data, 'base64').toString('utf8');
  } catch (cause) {
    throw new SecretUnavailable(
      `the secret "${name}" could not be read from Secret Manager of ${project}: it must exist with an enabled version, and the service account needs roles/secretmanager.secretAccessor on it`,
      { cause },
    );
  }
}
