// How Cloud Storage's JSON API speaks: its errors, its preconditions, and who may ask.

import { jsonAnswer } from './http.ts';
import { type HttpAnswer, type HttpHead, headerOf } from './http-server.ts';

/** An error answer of the JSON API. */
export class GcsError extends Error {
  override readonly name = 'GcsError';
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** The query parameters of a request, each null when it was not given. */
export type Preconditions = {
  generationMatch: string | null;
  generationNotMatch: string | null;
  metagenerationMatch: string | null;
  metagenerationNotMatch: string | null;
};

/** `prefix` is `if`, or `ifSource` for what a copy asks of its source. */
export function preconditionsOf(request: HttpHead, prefix: 'if' | 'ifSource' = 'if'): Preconditions {
  const value = (name: string) => {
    const given = request.query.get(`${prefix}${name}`);
    if (given === null || /^\d+$/.test(given)) return given;
    throw new GcsError(400, 'invalid', `Invalid unsigned long value: '${given}'.`);
  };
  return {
    generationMatch: value('GenerationMatch'),
    generationNotMatch: value('GenerationNotMatch'),
    metagenerationMatch: value('MetagenerationMatch'),
    metagenerationNotMatch: value('MetagenerationNotMatch'),
  };
}

/** Generation 0 stands for "there is none". Throws 412. */
export function judge(
  found: { generation: bigint; metageneration: number } | null,
  preconditions: Preconditions,
): void {
  const generation = String(found?.generation ?? 0);
  const metageneration = String(found?.metageneration ?? 0);
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = preconditions;
  const holds =
    (generationMatch === null || generationMatch === generation) &&
    (generationNotMatch === null || generationNotMatch !== generation) &&
    (metagenerationMatch === null || metagenerationMatch === metageneration) &&
    (metagenerationNotMatch === null || metagenerationNotMatch !== metageneration);
  if (!holds) {
    throw new GcsError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
  }
}

export function errorAnswer(error: GcsError, request: HttpHead): HttpAnswer {
  if (error.status === 304) return { status: 304 };
  // A download's error is its bare message, without JSON around it.
  if (request.query.get('alt') === 'media') {
    return { status: error.status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: error.message };
  }
  const { status, message, reason } = error;
  return jsonAnswer(status, { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });
}

export function notSpoken(request: HttpHead): GcsError {
  return new GcsError(501, 'notImplemented', `The stand-in does not speak ${request.method} ${request.path}`);
}

export function authorise(request: HttpHead, bucket: { name: string; isPublic: boolean }, permission: string): void {
  if (headerOf(request, 'authorization')?.startsWith('Bearer ')) return;
  if (bucket.isPublic && permission === 'storage.objects.get') return;
  throw new GcsError(
    401,
    'required',
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage bucket ${bucket.name}.`,
  );
}

/** Where the client has found this service. */
export function addressOf(request: HttpHead): string {
  return `http://${headerOf(request, 'host') ?? 'storage.googleapis.com'}`;
}
