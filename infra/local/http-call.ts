// One HTTP request over a connection of its own, whose failure says whether the other side can have acted on it.
import { request } from 'node:http';

export type HttpReply =
  | { kind: 'answered'; status: number; headers: Record<string, string>; body: string }
  /** No connection was made: nobody can have acted on the request. */
  | { kind: 'not-sent'; because: string }
  /** A connection stood and no whole answer came: it may or may not have been acted on. */
  | { kind: 'unknown'; because: string };

export type HttpCall = {
  method: string;
  host: string;
  port: number;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** For connecting and answering together. */
  timeoutSeconds: number;
  /** Ends the call early; it then counts as unknown or not sent, as the case is. */
  signal?: AbortSignal;
};

/** Never throws: how it went wrong is the answer. */
export function callHttp(call: HttpCall): Promise<HttpReply> {
  const { promise, resolve } = deferred<HttpReply>();
  let connected = false;
  const outgoing = request({
    method: call.method,
    host: call.host,
    port: call.port,
    path: call.path,
    headers: call.body === null ? call.headers : { 'content-length': Buffer.byteLength(call.body), ...call.headers },
    agent: false,
  });
  const giveUp = (because: string): void => {
    resolve({ kind: connected ? 'unknown' : 'not-sent', because });
    outgoing.destroy();
  };
  const abort = (): void => giveUp('the caller gave up');
  const timer = setTimeout(
    () => giveUp(`no ${connected ? 'answer' : 'connection'} within ${call.timeoutSeconds} s`),
    call.timeoutSeconds * 1000,
  );
  if (call.signal?.aborted) abort();
  call.signal?.addEventListener('abort', abort, { once: true });
  outgoing.once('socket', (socket) => socket.once('connect', () => (connected = true)));
  outgoing.once('error', (error) => giveUp(error.message));
  outgoing.once('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('error', (error) => giveUp(error.message));
    incoming.once('end', () =>
      resolve({
        kind: 'answered',
        status: incoming.statusCode ?? 0,
        headers: plain(incoming.headers),
        body: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
  outgoing.end(call.body ?? undefined);
  return promise.finally(() => {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', abort);
  });
}

function plain(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
