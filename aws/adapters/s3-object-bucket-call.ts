// One call to S3 for a bucket of objects: its clock, and what its failure says.
import { type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { BucketUnavailable } from '../../shared/ports/object-bucket.ts';
import type { S3Wire } from './s3-object-bucket-wire.ts';

export type S3Bucket = {
  client: S3Client;
  /** The same client's, for what is asked of every object. */
  wire: S3Wire;
  /** How errors call it. */
  name: string;
  bucket: string;
  /** For what is answered at once. */
  callTimeoutSeconds: number;
  /** For what S3 works on before it answers: completing an upload, copying up to 5 GiB. */
  longCallTimeoutSeconds: number;
  /** How long a body may stop on its way. */
  stallSeconds: number;
  now(): Date;
};

/** Runs `send` until `timeoutSeconds`; a failure that `expected` does not know is thrown as `BucketUnavailable`. */
export async function callS3<T, E = never>(
  { name, bucket }: S3Bucket,
  tried: string,
  timeoutSeconds: number,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
  expected: (failure: S3ServiceException) => E | null = () => null,
): Promise<T | E> {
  // Not `AbortSignal.timeout`: the SDK listens to it for as long as a body streams, which has another clock.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutSeconds * 1000);
  try {
    return await send({ abortSignal: controller.signal });
  } catch (cause) {
    const answer = cause instanceof S3ServiceException ? expected(cause) : null;
    if (answer !== null) return answer;
    throw s3Unavailable(name, `${tried} in ${bucket}`, cause, `no answer within ${timeoutSeconds} s`);
  } finally {
    clearTimeout(timer);
  }
}

export function statusOf(failure: S3ServiceException): number {
  return failure.$metadata.httpStatusCode ?? 0;
}

/** A precondition did not hold, or another write of the key was under way. `If-Match` on what is not there is answered 404. */
export function isConflict(failure: S3ServiceException): boolean {
  if (['PreconditionFailed', 'ConditionalRequestConflict', 'OperationAborted'].includes(failure.name)) return true;
  return isNotThere(failure) || statusOf(failure) === 412;
}

/** The key or the version is not there. A missing bucket is answered 404 too, and that says nothing about a key. */
export function isNotThere(failure: S3ServiceException): boolean {
  return ['NoSuchKey', 'NotFound', 'NoSuchVersion'].includes(failure.name);
}

/** The bytes that arrived are not those of the checksum. */
export function corruption(failure: S3ServiceException): string | null {
  return ['BadDigest', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'].includes(failure.name)
    ? failure.message
    : null;
}

const Headers = z.object({ headers: z.record(z.string(), z.string().optional()) });

/** Headers that the SDK's outputs leave out, of an error's answer. */
export function headersOf(failure: S3ServiceException): Record<string, string | undefined> {
  return Headers.safeParse(failure.$response).data?.headers ?? {};
}

export function s3Unavailable(name: string, tried: string, cause: unknown, late: string): BucketUnavailable {
  if (cause instanceof BucketUnavailable) return cause;
  const reason = reasonOf(cause);
  const status = cause instanceof S3ServiceException ? statusOf(cause) : 0;
  const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const ended = reason === 'time-out' ? late : `${status || 'no answer'} (${said})`;
  return new BucketUnavailable(name, reason, `${tried} ended in ${ended}${wayOut(reason)}`, { cause });
}

const throttling = ['SlowDown', 'ServiceUnavailable', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded'];
/** Answered 400, 404 or 301, and a person must mend it: the request itself is good. */
const forAPerson = [
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'NoSuchBucket',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
];
const passing = ['IncompleteBody', 'RequestTimeout', 'BadDigest'];

function reasonOf(cause: unknown): BucketUnavailable['reason'] {
  if (!(cause instanceof Error)) return 'failed';
  if (cause.name === 'CredentialsProviderError') return 'refused';
  if (!(cause instanceof S3ServiceException)) {
    // The SDK calls a cut connection a TimeoutError too; its code tells them apart.
    const cut = 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
    if (isUnsendable(cause)) return 'invalid';
    return ['AbortError', 'TimeoutError'].includes(cause.name) && !cut ? 'time-out' : 'failed';
  }
  const status = statusOf(cause);
  if (cause.name === 'RequestTimeout') return 'time-out';
  // What the key's own service says is handed on, with 400: a key that is disabled is a person's to enable.
  if (cause.name.startsWith('KMS.')) return cause.name.includes('Throttling') ? 'throttled' : 'refused';
  if (status === 429 || status === 503 || throttling.includes(cause.name)) return 'throttled';
  // An archived object is refused with 403, and no permission mends that.
  if (cause.name === 'InvalidObjectState') return 'invalid';
  if (status === 401 || status === 403 || forAPerson.includes(cause.name)) return 'refused';
  return (status >= 400 && status < 500 && !passing.includes(cause.name)) || status === 501 ? 'invalid' : 'failed';
}

/** Node takes no such header: a name of metadata that is no token. */
function isUnsendable(cause: Error): boolean {
  return 'code' in cause && (cause.code === 'ERR_INVALID_HTTP_TOKEN' || cause.code === 'ERR_INVALID_CHAR');
}

function wayOut(reason: BucketUnavailable['reason']): string {
  switch (reason) {
    case 'refused':
      return "; check that the bucket exists in this region, the credentials, their clock, and the role's permissions on the bucket and its key";
    case 'invalid':
      return '; trying again will not help: what is wrong is named above (an archived object must be restored first)';
    default:
      return '';
  }
}
