// The small HTTP server that the stand-ins share: whole requests in, whole answers out, and faults on demand.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export type HttpRequest = {
  method: string;
  /** As sent, still percent-encoded, without the query: `URL` would fold the dot segments of an object's key. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
};

export type HttpAnswer = { status: number; headers?: Record<string, string>; body?: string | Buffer };

/** `drop` cuts the connection without an answer. A handler that throws is answered 500 with its message. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer | 'drop'>;

export type HttpServer = {
  /** `http://host:port`, without a final slash. */
  url: string;
  host: string;
  port: number;
  /** Stops listening and cuts every connection, also those in the middle of an answer. */
  close(): Promise<void>;
};

/**
 * Starts a server; port 0 picks a free one. Bodies are read whole, and `Expect: 100-continue` is granted.
 * Rejects when the address cannot be bound.
 */
export async function startHttp(handler: HttpHandler, where: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer((incoming, response) => {
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

async function serve(handler: HttpHandler, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await handler(await readRequest(incoming));
    if (answer === 'drop') {
      incoming.socket.destroy();
      return;
    }
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0));
    // A 204 or 304 has no body and must not announce one; HEAD announces the length of a body that it leaves out.
    const length = answer.status === 204 || answer.status === 304 ? {} : { 'content-length': String(body.length) };
    response.writeHead(answer.status, { ...length, ...answer.headers });
    response.end(body);
  } catch (error) {
    if (response.headersSent || incoming.socket.destroyed) {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`the stand-in failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

/** The first value of a header; null when it was not sent. */
export function headerOf(request: HttpRequest, name: string): string | null {
  const value = request.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
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
  /** Held back before the work is done (`request`) or after it (`answer`). */
  | { kind: 'delay'; at: 'request' | 'answer'; seconds: number }
  /** Nothing is done; the service answers with this error, in its own format. */
  | { kind: 'refuse'; status: number; code: string };

/** Asked for every request; null lets it pass. */
export type Faults = (request: HttpRequest) => Fault | null;

/** Puts faults before a handler. `refuse` words an error as the service would. */
export function withFaults(
  handler: HttpHandler,
  faults: Faults,
  refuse: (status: number, code: string, request: HttpRequest) => HttpAnswer,
): HttpHandler {
  return async (request) => {
    const fault = faults(request);
    if (fault === null) return handler(request);
    if (fault.kind === 'drop') return 'drop';
    if (fault.kind === 'refuse') return refuse(fault.status, fault.code, request);
    if (fault.kind === 'delay' && fault.at === 'request') await pause(fault.seconds);
    const answer = await handler(request);
    if (fault.kind === 'lose-answer') return 'drop';
    if (fault.at === 'answer') await pause(fault.seconds);
    return answer;
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    // Unreferenced: a held-back answer must not keep a stopped stand-in's process alive.
    setTimeout(resolve, seconds * 1000).unref();
  });
}
