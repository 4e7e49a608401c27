// The HTTP server below all stand-ins: bodies come in as streams, and go out as text, bytes or streams.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export type HttpHead = {
  method: string;
  /** As sent, still percent-encoded, without the query: `URL` would fold the dot segments of an object's key. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
};

/** A request whose body is read as it comes; what a handler leaves unread is thrown away. */
export type HttpStreamRequest = HttpHead & { stream: AsyncIterable<Buffer> };

/** Bytes that are read when they are sent; `sizeBytes` null when their number is not known before. */
export type BodyStream = { sizeBytes: number | null; chunks(): AsyncIterable<Buffer> };

export type HttpAnswer = { status: number; headers?: Record<string, string>; body?: string | Buffer | BodyStream };

/** `drop` cuts the connection without an answer. A handler that throws is answered 500 with its message. */
export type HttpStreamHandler = (request: HttpStreamRequest) => Promise<HttpAnswer | 'drop'>;

export type HttpServer = {
  /** `http://host:port`, without a final slash. */
  url: string;
  host: string;
  port: number;
  /** Stops listening and cuts every connection, also those in the middle of an answer. */
  close(): Promise<void>;
};

/** Starts a server; port 0 picks a free one. `Expect: 100-continue` is granted. Rejects when the address cannot be bound. */
export async function startStreamHttp(
  handler: HttpStreamHandler,
  where: { host: string; port: number },
): Promise<HttpServer> {
  // A large upload may take longer than Node allows a request by default.
  // Idle connections are kept for as long as the services keep them: Node's 5 s end many just as a client takes them up again.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (incoming, response) => {
    void serve(handler, incoming, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error(`the server at ${where.host}:${where.port} listens on no TCP port`);
  }
  return {
    url: `http://${where.host}:${address.port}`,
    host: where.host,
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function serve(handler: HttpStreamHandler, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await handler(requestOf(incoming));
    if (answer === 'drop') {
      incoming.socket.destroy();
      return;
    }
    await send(answer, incoming, response);
    incoming.resume();
  } catch (error) {
    if (response.headersSent || incoming.socket.destroyed) {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`the stand-in failed: ${error instanceof Error ? error.stack : String(error)}`);
    incoming.resume();
  }
}

function requestOf(incoming: IncomingMessage): HttpStreamRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: incoming.headers,
    stream: incoming,
  };
}

async function send(answer: HttpAnswer, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = answer.body ?? '';
  const whole = typeof body === 'string' ? Buffer.from(body) : body;
  const sizeBytes = Buffer.isBuffer(whole) ? whole.length : whole.sizeBytes;
  // A 204 or 304 has no body and must not announce one; HEAD announces the length of a body that it leaves out.
  const length =
    answer.status === 204 || answer.status === 304 || sizeBytes === null ? {} : { 'content-length': String(sizeBytes) };
  response.writeHead(answer.status, { ...length, ...answer.headers });
  if (Buffer.isBuffer(whole) || incoming.method === 'HEAD') {
    response.end(Buffer.isBuffer(whole) ? whole : undefined);
    return;
  }
  for await (const chunk of whole.chunks()) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** Resolves when more may be written, or when nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    if (response.destroyed) done();
  });
}

/** The whole body in memory. */
export async function readWhole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The first value of a header; null when it was not sent. */
export function headerOf(request: HttpHead, name: string): string | null {
  const value = request.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
