// One call to an AWS API with a deadline, and what its failure says: refused for good, or not known.

/** The service answered and refused: `code` is the API's own word. Anything else is not known. */
export class AwsRefused extends Error {
  override readonly name = 'AwsRefused';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** No answer that can be trusted: a time-out, a cut connection, throttling, 5xx, or credentials that were not accepted. */
export class AwsUnknown extends Error {
  override readonly name = 'AwsUnknown';
}

/** Answers with status 4xx that a later try may not get. */
const passing = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'Throttled',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'ServiceUnavailable',
]);

/** Runs `send` with an abort signal of `timeoutSeconds`. Throws `AwsRefused` or `AwsUnknown`, saying what was tried. */
export async function callAws<T>(
  what: string,
  timeoutSeconds: number,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await send({ abortSignal: AbortSignal.timeout(timeoutSeconds * 1000) });
  } catch (cause) {
    const { code, status, message } = readFailure(cause);
    if (status !== null && status >= 400 && status < 500 && status !== 429 && !passing.has(code)) {
      throw new AwsRefused(code, `${what}: refused with ${code} (${status}): ${message}`, { cause });
    }
    const how = status === null ? `no answer within ${timeoutSeconds} s` : `answered ${status}`;
    throw new AwsUnknown(`${what}: ${how}: ${code}: ${message}`, { cause });
  }
}

function readFailure(cause: unknown): { code: string; status: number | null; message: string } {
  if (!(cause instanceof Error)) return { code: 'unknown', status: null, message: String(cause) };
  const metadata = '$metadata' in cause ? cause.$metadata : null;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : null;
  return { code: cause.name, status: typeof status === 'number' ? status : null, message: cause.message };
}
