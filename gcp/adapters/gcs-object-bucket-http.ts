// Requests to Cloud Storage over Node's own HTTP: raw bytes both ways, which `fetch` would decompress, and sockets that end when told to.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import type { AuthClient } from 'google-auth-library';

export type GcsConnection = {
  authClient: Pick<AuthClient, 'getRequestHeaders'>;
  /** Without a final slash: `https://storage.googleapis.com`. */
  baseUrl: string;
  connectTimeoutSeconds: number;
  /** How many requests may be under way at once; more wait for a socket. */
  maxSockets: number;
};

export type GcsRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the first slash, percent-encoded. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Pieces in memory, or a stream whose length its header gives. */
  body?: readonly Uint8Array[] | Readable;
};

/** Answers with the head of the answer, whatever its status; the body is the caller's to read or to destroy. */
export type GcsHttp = (request: GcsRequest, signal: AbortSignal) => Promise<IncomingMessage>;

export class ConnectTimedOut extends Error {
  override readonly name = 'ConnectTimedOut';
}

export function createGcsHttp(connection: GcsConnection): GcsHttp {
  const { authClient, baseUrl, maxSockets, connectTimeoutSeconds } = connection;
  const { protocol, hostname, port } = new URL(baseUrl);
  const secure = protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets })
    : new HttpAgent({ keepAlive: true, maxSockets });
  const open = secure ? httpsRequest : httpRequest;
  return async ({ method, path, query, headers, body }, signal) => {
    const target = `${path}${query === undefined ? '' : `?${new URLSearchParams(query).toString()}`}`;
    const authorization = Object.fromEntries(await orAborted(authClient.getRequestHeaders(baseUrl + target), signal));
    return new Promise((resolve, reject) => {
      // In its parts: a URL would be parsed for every request.
      const sent = open({
        protocol,
        hostname,
        port,
        path: target,
        method,
        agent,
        signal,
        headers: { ...authorization, ...headers },
      });
      sent.once('response', resolve);
      sent.on('error', reject);
      sent.once('socket', (socket) => {
        if (!socket.connecting) return;
        const late = new ConnectTimedOut(`no connection within ${connectTimeoutSeconds} s`);
        const timer = setTimeout(() => sent.destroy(late), connectTimeoutSeconds * 1000);
        for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
      });
      if (body === undefined) sent.end();
      else if (isStream(body)) pipeline(body, sent, () => {});
      else {
        for (const piece of body) sent.write(piece);
        sent.end();
      }
    });
  };
}

function isStream(body: readonly Uint8Array[] | Readable): body is Readable {
  return 'pipe' in body;
}

/** Finding credentials asks a metadata server or another cloud, and has no clock of its own. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
