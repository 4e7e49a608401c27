// A stand-in for AWS Secrets Manager: GetSecretValue over its JSON wire.
import * as z from 'zod';
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

export type SecretsManagerStandinOptions = {
  host: string;
  port: number;
  secrets: Record<string, string>;
  faults: Faults;
};

const GetSecretValue = z.object({ SecretId: z.string() });

/** Answers as the service does: unknown names are ResourceNotFoundException with status 400. Signatures must be there; they are not verified. */
export function startSecretsManagerStandin(options: SecretsManagerStandinOptions): Promise<HttpServer> {
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (headerOf(request, 'authorization') === null)
      return failure('MissingAuthenticationToken', 'Missing Authentication Token');
    if (headerOf(request, 'x-amz-target') !== 'secretsmanager.GetSecretValue') {
      return failure('UnknownOperationException', 'this stand-in knows GetSecretValue alone');
    }
    const { SecretId } = GetSecretValue.parse(JSON.parse(request.body.toString()));
    const SecretString = options.secrets[SecretId];
    if (SecretString === undefined) {
      return failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return jsonAnswer(200, { Name: SecretId, SecretString, VersionStages: ['AWSCURRENT'] });
  };
  return startHttp(withFaults(handle, options.faults, failureOf), options);
}

function failure(type: string, message: string): HttpAnswer {
  return jsonAnswer(400, { __type: type, message }, { 'x-amzn-errortype': type });
}

function failureOf(status: number, code: string): HttpAnswer {
  return jsonAnswer(status, { __type: code, message: code }, { 'x-amzn-errortype': code });
}
