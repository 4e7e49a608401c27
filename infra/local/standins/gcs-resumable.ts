// Resumable uploads to Cloud Storage: a session that takes the bytes piece by piece, from whoever holds its address.
import { joinBodies, type StoredBody } from './bodies.ts';
import type { GcsBucket } from './gcs-bucket.ts';
import { checkHashes, createHashes, type RunningHashes, sentHashes } from './gcs-hashes.ts';
import {
  checkName,
  type Described,
  describedBy,
  type GcsObject,
  readResource,
  type SentResource,
} from './gcs-object.ts';
import { GcsError, type Preconditions } from './gcs-wire.ts';
import { type HttpAnswer, type HttpStreamRequest, headerOf, readWhole } from './http-server.ts';

type Session = {
  bucket: GcsBucket;
  name: string;
  sent: SentResource;
  described: Described;
  preconditions: Preconditions;
  pieces: StoredBody[];
  receivedBytes: number;
  hashes: RunningHashes;
  /** One request at a time: another one waits. */
  busy: Promise<void>;
  state: { kind: 'open' } | { kind: 'stored'; object: GcsObject } | { kind: 'failed'; error: GcsError };
};

/** `stored` is answered as the object's resource; an `answer` goes out as it is. */
export type UploadResult = { kind: 'stored'; object: GcsObject } | { kind: 'answer'; answer: HttpAnswer };

export type ResumableUploads = {
  begin(request: HttpStreamRequest, bucket: GcsBucket, preconditions: Preconditions): Promise<UploadResult>;
  resume(request: HttpStreamRequest, uploadId: string): Promise<UploadResult>;
  cancel(uploadId: string): HttpAnswer;
};

/** `unitBytes`: what a piece that is not the last must have, and be a multiple of; the service's own is 256 KiB. */
export function createResumableUploads(unitBytes: number): ResumableUploads {
  const sessions = new Map<string, Session>();
  let begun = 0;
  const find = (id: string): Session => {
    const session = sessions.get(id);
    if (session) return session;
    throw new GcsError(404, 'notFound', `No such upload session: ${id}`);
  };
  return {
    async begin(request, bucket, preconditions) {
      const sent = readResource((await readWhole(request.stream)).toString('utf8'));
      const name = checkName(request.query.get('name') ?? sent.name);
      const type = headerOf(request, 'x-upload-content-type') ?? 'application/octet-stream';
      const described = describedBy(sent, type);
      bucket.check(name, preconditions);
      const id = `upload-${++begun}`;
      sessions.set(id, {
        bucket,
        name,
        sent,
        described,
        preconditions,
        pieces: [],
        receivedBytes: 0,
        hashes: createHashes(),
        busy: Promise.resolve(),
        state: { kind: 'open' },
      });
      const location = `http://${headerOf(request, 'host')}/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&upload_id=${id}`;
      return { kind: 'answer', answer: { status: 200, headers: { location, 'x-guploader-uploadid': id } } };
    },
    async resume(request, uploadId) {
      const session = find(uploadId);
      const before = session.busy;
      let done: () => void = () => {};
      session.busy = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      try {
        return await goOn(session, request, unitBytes);
      } finally {
        done();
      }
    },
    cancel(uploadId) {
      const session = find(uploadId);
      if (session.state.kind === 'open') giveUp(session, new GcsError(499, 'canceled', 'Client Closed Request'));
      return { status: 499 };
    },
  };
}

async function goOn(session: Session, request: HttpStreamRequest, unitBytes: number): Promise<UploadResult> {
  const { state } = session;
  if (state.kind === 'stored') return { kind: 'stored', object: state.object };
  if (state.kind === 'failed') throw state.error;
  const isWhole = await takePiece(session, request, unitBytes);
  if (!isWhole) return { kind: 'answer', answer: incomplete(session, request) };
  return { kind: 'stored', object: finish(session, headerOf(request, 'x-goog-hash')) };
}

/** Content-Range is `bytes 0-9/10`, with `*` for what is not known yet, or `bytes *\/10` to ask. True when all bytes are here. */
async function takePiece(session: Session, request: HttpStreamRequest, unitBytes: number): Promise<boolean> {
  const range = headerOf(request, 'content-range') ?? 'bytes 0-*/*';
  const [, first, last, total] = /^bytes (\*|\d+)(?:-(\*|\d+))?\/(\*|\d+)$/.exec(range) ?? [];
  if (first === undefined) throw new GcsError(400, 'invalid', `Content-Range "${range}" is not a range of bytes`);
  if (first === '*') return total !== '*' && session.receivedBytes === Number(total);
  if (Number(first) > session.receivedBytes) {
    throw new GcsError(503, 'backendError', `The piece begins at ${first} and ${session.receivedBytes} bytes are here`);
  }
  const isLast = last === '*' || total === String(Number(last) + 1);
  const announced = headerOf(request, 'content-length');
  if (!isLast && announced !== null && Number(announced) < unitBytes) {
    throw new GcsError(
      400,
      'badRequest',
      `Invalid request. The number of bytes uploaded is required to be equal or greater than ${unitBytes}, except for the final request (it's recommended to be the exact multiple of ${unitBytes}). The received request contained ${announced} bytes, which does not meet this requirement.`,
    );
  }
  const ending = { isBroken: false };
  const fresh = skipping(request.stream, session.receivedBytes - Number(first));
  const body = await session.bucket.bodies.receive(inUnits(fresh, unitBytes, isLast, ending), session.hashes.update);
  session.pieces.push(body);
  session.receivedBytes += body.sizeBytes;
  if (ending.isBroken || !isLast) return false;
  return total === '*' || session.receivedBytes === Number(total);
}

/** Bytes that are here already are passed over. */
async function* skipping(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of stream) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

/** Whole units, and the rest only of a last piece that came to its end: what a broken connection leaves behind is of whole units, too. */
async function* inUnits(
  stream: AsyncIterable<Buffer>,
  unitBytes: number,
  isLast: boolean,
  ending: { isBroken: boolean },
): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  try {
    for await (const chunk of stream) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < unitBytes) continue;
      const joined = Buffer.concat(waiting);
      const whole = joined.length - (joined.length % unitBytes);
      yield joined.subarray(0, whole);
      waiting = [joined.subarray(whole)];
      waitingBytes = joined.length - whole;
    }
  } catch {
    // The client is gone in the middle of a piece: the session keeps what came, and its next request is told how much.
    ending.isBroken = true;
    return;
  }
  if (isLast && waitingBytes > 0) yield Buffer.concat(waiting);
}

function finish(session: Session, hashHeader: string | null): GcsObject {
  const made = session.hashes.finish();
  try {
    checkHashes(made, sentHashes(hashHeader, session.sent));
    session.bucket.check(session.name, session.preconditions);
  } catch (error) {
    if (error instanceof GcsError) giveUp(session, error);
    throw error;
  }
  const body = joinBodies(session.pieces);
  const whole = { body, ...made, described: session.described, componentCount: null };
  session.pieces = [];
  try {
    const object = session.bucket.write(session.name, whole, session.preconditions);
    session.state = { kind: 'stored', object };
    return object;
  } catch (error) {
    if (error instanceof GcsError) giveUp(session, error);
    throw error;
  }
}

function giveUp(session: Session, error: GcsError): void {
  for (const piece of session.pieces) session.bucket.bodies.release(piece);
  session.pieces = [];
  session.state = { kind: 'failed', error };
}

/** Clients whose HTTP library would follow a 308 as a redirect ask for a 200 that says so in a header: Google's own for Go does. */
function incomplete(session: Session, request: HttpStreamRequest): HttpAnswer {
  const length = session.receivedBytes;
  const headers: Record<string, string> = length === 0 ? {} : { range: `bytes=0-${length - 1}` };
  if (headerOf(request, 'x-guploader-no-308') !== 'yes') return { status: 308, headers };
  return { status: 200, headers: { ...headers, 'x-http-status-code-override': '308' } };
}
