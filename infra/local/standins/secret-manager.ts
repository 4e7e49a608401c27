// A stand-in for Google Secret Manager: access to the latest version over REST.
import { googleFailure } from './google-failure.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type SecretManagerStandinOptions = {
  host: string;
  port: number;
  project: string;
  secrets: Record<string, string>;
  faults: Faults;
};

/** A bearer token must be there; it is not verified. */
export function startSecretManagerStandin(options: SecretManagerStandinOptions): Promise<HttpServer> {
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (!headerOf(request, 'authorization')?.startsWith('Bearer '))
      return googleFailure(401, 'UNAUTHENTICATED', 'no bearer token');
    const found = /^\/v1\/projects\/([^/]+)\/secrets\/([^/]+)\/versions\/latest:access$/.exec(request.path);
    const name = decodeURIComponent(found?.[2] ?? '');
    const value = found?.[1] === options.project ? options.secrets[name] : undefined;
    if (value === undefined)
      return googleFailure(404, 'NOT_FOUND', `Secret [projects/${options.project}/secrets/${name}] not found.`);
    const data = Buffer.from(value, 'utf8').toString('base64');
    return jsonAnswer(200, { name: `projects/${options.project}/secrets/${name}/versions/1`, payload: { data } });
  };
  return startHttp(
    withFaults(handle, options.faults, (status, code) => googleFailure(status, code, code)),
    options,
  );
}
