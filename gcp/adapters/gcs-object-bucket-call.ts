// One call to Cloud Storage for a bucket of objects: its clock, its JSON, and what its failure says.
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { BucketUnavailable } from '../../shared/ports/object-bucket.ts';
import { ConnectTimedOut, type GcsHttp, type GcsRequest } from './gcs-object-bucket-http.ts';

export type GcsBucket = {
  http: GcsHttp;
  /** How errors call it. */
  name: string;
  bucket: string;
  /** For what is answered at once. */
  callTimeoutSeconds: number;
  /** For what the service works on before it answers: composing and rewriting. */
  longCallTimeoutSeconds: number;
  /** How long a body may stop on its way. */
  stallSeconds: number;
};

/** The service answered, and not with what was asked for. */
export class GcsRefusal extends Error {
  override readonly name = 'GcsRefusal';
  readonly status: number;
  /** `rateLimitExceeded`, `forbidden`; empty where the answer names none. */
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Our own clock ran out. */
export class Late extends Error {
  override readonly name = 'Late';
}

export function objectPath(bucket: string, key: string): string {
  return `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(key)}`;
}

export function preconditions(condition: { kind: 'absent' } | { kind: 'tag'; tag: string; revision: number }) {
  return condition.kind === 'absent'
    ? { ifGenerationMatch: '0' }
    : { ifGenerationMatch: condition.tag, ifMetagenerationMatch: String(condition.revision) };
}

/** A precondition did not hold. 409 is another change of the same object, under way at this moment. */
export function isConflict({ status }: GcsRefusal): boolean {
  return status === 412 || status === 409;
}

/** A missing bucket answers 404 too, in other words: that must not pass for an absent object. */
export function isNotThere({ status, message }: GcsRefusal): boolean {
  return status === 404 && message.includes('No such object');
}

/** `Provided CRC32C "..." doesn't match calculated CRC32C "..."`, in several wordings. */
export function corruption({ status, message }: GcsRefusal): string | null {
  return status === 400 && /match (the )?calculated/i.test(message) ? message : null;
}

/** The JSON of an answer; a failure that `expected` does not know is thrown as `BucketUnavailable`. */
export async function callGcs<T, E = never>(
  bucket: GcsBucket,
  tried: string,
  request: GcsRequest,
  { schema, timeoutSeconds = bucket.callTimeoutSeconds }: { schema: z.ZodType<T>; timeoutSeconds?: number },
  expected: (refusal: GcsRefusal) => E | null = () => null,
): Promise<T | E> {
  return answered(bucket, tried, timeoutSeconds, expected, async (signal) =>
    schema.parse(JSON.parse(await textOf(await accepted(await bucket.http(request, signal))))),
  );
}

/** A call whose answer has nothing to read. */
export async function tellGcs<E = never>(
  bucket: GcsBucket,
  tried: string,
  request: GcsRequest,
  expected: (refusal: GcsRefusal) => E | null = () => null,
): Promise<'done' | E> {
  return answered(bucket, tried, bucket.callTimeoutSeconds, expected, async (signal) => {
    await textOf(await accepted(await bucket.http(request, signal)));
    return 'done' as const;
  });
}

/** Runs `work` until `timeoutSeconds`, and puts its failure into the port's words. */
export async function answered<T, E>(
  bucket: GcsBucket,
  tried: string,
  timeoutSeconds: number,
  expected: (refusal: GcsRefusal) => E | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | E> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutSeconds * 1000);
  try {
    return await work(controller.signal);
  } catch (cause) {
    const answer = cause instanceof GcsRefusal ? expected(cause) : null;
    if (answer !== null) return answer;
    // Made here, and not for every call: an error writes down where it is made, which costs more than the call's own words.
    const late = () => new Late(`no answer within ${timeoutSeconds} s`);
    throw gcsUnavailable(bucket, tried, controller.signal.aborted ? late() : cause);
  } finally {
    clearTimeout(timer);
  }
}

/** The answer, if it is a good one; else its body is read and thrown. */
export async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const text = await textOf(answer);
  const { message, reason } = wordsOf(text);
  throw new GcsRefusal(status, reason, message);
}

const Failure = z.object({
  error: z.object({ message: z.string(), errors: z.array(z.object({ reason: z.string().optional() })).optional() }),
});

/** A download's error is its bare message, without JSON around it. */
function wordsOf(text: string): { message: string; reason: string } {
  try {
    const { error } = Failure.parse(JSON.parse(text));
    return { message: error.message, reason: error.errors?.[0]?.reason ?? '' };
  } catch {
    return { message: text.slice(0, 300), reason: '' };
  }
}

export async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const piece of answer) text += String(piece);
  return text;
}

export function gcsUnavailable(bucket: GcsBucket, tried: string, cause: unknown): BucketUnavailable {
  if (cause instanceof BucketUnavailable) return cause;
  const reason = reasonOf(cause);
  const status = cause instanceof GcsRefusal ? cause.status : 'no answer';
  const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const message = `${tried} in ${bucket.bucket} ended in ${status} (${said})${wayOut(reason)}`;
  return new BucketUnavailable(bucket.name, reason, message, { cause });
}

/**
 * What is held or retained must not be changed, whoever asks: that object's own matter, and none of its bucket or of our role.
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
const held = ['retentionPolicyNotMet', 'objectUnderActiveHold'];

function reasonOf(cause: unknown): BucketUnavailable['reason'] {
  if (cause instanceof Late || cause instanceof ConnectTimedOut) return 'time-out';
  if (!(cause instanceof GcsRefusal)) return 'failed';
  const { status, reason } = cause;
  if (status === 408) return 'time-out';
  if (status === 429 || status === 503 || /rateLimitExceeded|quotaExceeded/i.test(reason)) return 'throttled';
  if (held.includes(reason)) return 'invalid';
  // A bucket that is missing, or whose billing is off, is a person's to mend: the request itself is good.
  if ([401, 402, 403, 404].includes(status)) return 'refused';
  return status >= 400 && status < 500 ? 'invalid' : 'failed';
}

function wayOut(reason: BucketUnavailable['reason']): string {
  switch (reason) {
    case 'refused':
      return "; check that the bucket exists, the credentials, and the identity's role on the bucket (roles/storage.objectUser)";
    case 'invalid':
      return '; trying again will not help: what is wrong is named above';
    default:
      return '';
  }
}
