// One call to a Google client with a deadline, and what its failure says, whichever transport it came over.
import type { AuthClient } from 'google-auth-library';

/** `status` is the name of a google.rpc.Code; DEADLINE_EXCEEDED and UNKNOWN also stand for our own time-out and a cut connection. */
export class GoogleCallFailed extends Error {
  override readonly name = 'GoogleCallFailed';
  readonly status: string;
  constructor(status: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
  /** True when the service answered and will not answer otherwise until a person mends something. */
  get final(): boolean {
    return ['INVALID_ARGUMENT', 'NOT_FOUND', 'PERMISSION_DENIED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'].includes(
      this.status,
    );
  }
}

/** google.rpc.Code by number, as gRPC gives it. */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The same for an HTTP status whose body names none. */
const httpCodes: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  412: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  501: 'UNIMPLEMENTED',
  504: 'DEADLINE_EXCEEDED',
};

/**
 * Waits at most `timeoutSeconds`. The REST transport of the clients ignores its own timeout option, so the deadline is kept here; the
 * request itself may still arrive. Throws `GoogleCallFailed`, saying what was tried.
 */
export async function callGoogle<T>(what: string, timeoutSeconds: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${what}: no answer within ${timeoutSeconds} s`;
    timer = setTimeout(() => reject(new GoogleCallFailed('DEADLINE_EXCEEDED', message)), timeoutSeconds * 1000);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (cause) {
    if (cause instanceof GoogleCallFailed) throw cause;
    const { status, message } = readFailure(cause);
    throw new GoogleCallFailed(status, `${what}: ${status}: ${message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function readFailure(cause: unknown): { status: string; message: string } {
  if (!(cause instanceof Error)) return { status: 'UNKNOWN', message: String(cause) };
  const code = 'code' in cause ? Number(cause.code) : Number.NaN;
  if (!Number.isInteger(code)) return { status: 'UNKNOWN', message: cause.message };
  const byNumber = code < 100 ? codes[code] : (httpCodes[code] ?? (code >= 500 ? 'UNAVAILABLE' : undefined));
  // Over REST the message is the answer's body.
  const named = /"status":\s*"([A-Z_]+)"/.exec(cause.message)?.[1];
  const said = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(cause.message)?.[1];
  return { status: named ?? byNumber ?? 'UNKNOWN', message: said ?? cause.message.slice(0, 300) };
}

/** Calls `make` once and keeps what it gave; a failure is not kept, so that the next call tries again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = null;
      throw error;
    }
  };
}

export type GoogleEndpoint = {
  authClient: AuthClient;
  /** Null: the service's own address. Otherwise plain http to that place, as for a stand-in or an emulator. */
  at: { host: string; port: number } | null;
};

export type RestClientOptions = {
  fallback: true;
  protocol?: 'http';
  apiEndpoint?: string;
  port?: number;
};

/**
 * Options of a generated Google client over REST (no gRPC is loaded). The auth client is put in untyped: the clients bring their own
 * copy of google-auth-library, whose types differ from ours while its calls do not.
 */
export function restClientOptions({ authClient, at }: GoogleEndpoint): RestClientOptions {
  const options: RestClientOptions = {
    fallback: true,
    ...(at ? { protocol: 'http', apiEndpoint: at.host, port: at.port } : {}),
  };
  return Object.assign(options, { authClient });
}
