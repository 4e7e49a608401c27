// What the stand-ins share over HTTP: whole requests in, JSON answers out, and faults on demand.
import {
  type BodyStream,
  type HttpAnswer,
  type HttpHead,
  type HttpServer,
  readWhole,
  startStreamHttp,
} from './http-server.ts';

export { type HttpAnswer, type HttpServer, headerOf } from './http-server.ts';

export type HttpRequest = HttpHead & { body: Buffer };

/** `drop` cuts the connection without an answer. A handler that throws is answered 500 with its message. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer | 'drop'>;

/** Starts a server that reads each body whole before its handler is asked; otherwise as `startStreamHttp`. */
export async function startHttp(handler: HttpHandler, where: { host: string; port: number }): Promise<HttpServer> {
  return startStreamHttp(async ({ stream, ...head }) => handler({ ...head, body: await readWhole(stream) }), where);
}

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** What can go wrong between a client and a service. */
export type Fault =
  /** The request never arrives: the connection is cut before anything is done. */
  | { kind: 'drop' }
  /** The work is done, and the connection is cut before the answer. */
  | { kind: 'lose-answer' }
  /** The work is done, and the connection is cut after that many bytes of the answer's body. */
  | { kind: 'cut-answer'; afterBytes: number }
  /** One byte of the answer's body arrives as another; its headers, checksums among them, are as they should be. */
  | { kind: 'spoil-answer'; atByte: number }
  /** Held back before the work is done (`request`) or after it (`answer`). */
  | { kind: 'delay'; at: 'request' | 'answer'; seconds: number }
  /** Nothing is done; the service answers with this error, in its own format. */
  | { kind: 'refuse'; status: number; code: string };

/** Asked for every request; null lets it pass. Servers that stream bodies ask before they have read one. */
export type Faults<Request extends HttpHead = HttpRequest> = (request: Request) => Fault | null;

/** Puts faults before a handler. `refuse` words an error as the service would. */
export function withFaults<Request extends HttpHead>(
  handler: (request: Request) => Promise<HttpAnswer | 'drop'>,
  faults: (request: Request) => Fault | null,
  refuse: (status: number, code: string, request: Request) => HttpAnswer,
): (request: Request) => Promise<HttpAnswer | 'drop'> {
  return async (request) => {
    const fault = faults(request);
    if (fault === null) return handler(request);
    if (fault.kind === 'drop') return 'drop';
    if (fault.kind === 'refuse') return refuse(fault.status, fault.code, request);
    if (fault.kind === 'delay' && fault.at === 'request') await pause(fault.seconds);
    const answer = await handler(request);
    if (fault.kind === 'lose-answer') return 'drop';
    if (fault.kind === 'cut-answer') return changed(answer, (chunks) => cut(chunks, fault.afterBytes));
    if (fault.kind === 'spoil-answer') return changed(answer, (chunks) => spoil(chunks, fault.atByte));
    if (fault.at === 'answer') await pause(fault.seconds);
    return answer;
  };
}

function changed(
  answer: HttpAnswer | 'drop',
  change: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>,
): HttpAnswer | 'drop' {
  if (answer === 'drop') return answer;
  const body = streamOf(answer.body ?? '');
  return { ...answer, body: { sizeBytes: body.sizeBytes, chunks: () => change(body.chunks()) } };
}

function streamOf(body: string | Buffer | BodyStream): BodyStream {
  const whole = typeof body === 'string' ? Buffer.from(body) : body;
  if (!Buffer.isBuffer(whole)) return whole;
  return {
    sizeBytes: whole.length,
    async *chunks() {
      yield whole;
    },
  };
}

async function* cut(chunks: AsyncIterable<Buffer>, afterBytes: number): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of chunks) {
    if (sent + chunk.length > afterBytes) {
      yield chunk.subarray(0, afterBytes - sent);
      throw new Error('the answer is cut, as asked for');
    }
    sent += chunk.length;
    yield chunk;
  }
}

async function* spoil(chunks: AsyncIterable<Buffer>, atByte: number): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    const at = atByte - sent;
    if (at >= 0 && at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
    sent += chunk.length;
    yield copy;
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    // Unreferenced: a held-back answer must not keep a stopped stand-in's process alive.
    setTimeout(resolve, seconds * 1000).unref();
  });
}
