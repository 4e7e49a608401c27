// Secrets of an AWS site: AWS Secrets Manager.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Secrets, SecretUnavailable } from '../../shared/ports/secrets.ts';

/** Keeps what it has read for the life of the process, so that a failover does not depend on the secret store answering once more. */
export function createSecretsManager(client: SecretsManagerClient): Secrets {
  const kept = new Map<string, string>();
  return {
    async read(name) {
      const known = kept.get(name);
      if (known !== undefined) return known;
      const value = await fetchSecret(client, name);
      kept.set(name, value);
      return value;
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, name: string): Promise<string> {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
    if (answer.SecretString !== undefined) return answer.SecretString;
  } catch (cause) {
    const why = cause instanceof Error ? cause.name : 'an error';
    throw new SecretUnavailable(
      `the secret "${name}" could not be read from Secrets Manager (${why}): it must exist in this region, and the role needs secretsmanager:GetSecretValue`,
      { cause },
    );
  }
  throw new SecretUnavailable(`the secret "${name}" is binary; Causeway reads secrets as text`);
}
