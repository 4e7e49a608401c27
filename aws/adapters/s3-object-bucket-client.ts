// The S3 client for objects that are replicated: tries once, hashes nothing twice, and leaves the clocks of long bodies to the adapter.
import type { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

export type S3BucketConnection = {
  region: string;
  /** Null: AWS's own endpoint of the region. */
  endpoint: string | null;
  forcePathStyle: boolean;
  /** Null: the SDK's own chain (a function's role). */
  credentials: NonNullable<S3ClientConfig['credentials']> | null;
  connectTimeoutSeconds: number;
  /** How many requests may be under way at once; more wait for a socket. */
  maxSockets: number;
};

/** A body whose CRC32C is known once it has gone by. */
export function withChecksum(body: Readable, crc32c: () => string): Readable {
  return Object.assign(body, { crc32c });
}

/**
 * Checksums are computed by whoever streams the bytes, faster than by the SDK, which is told to compute none of its own accord. The
 * trailer of a streamed part is asked from its body. Time-outs of whole requests are off: the adapter has a clock for each.
 */
export function createS3BucketClient(connection: S3BucketConnection): S3Client {
  const agent = { keepAlive: true, maxSockets: connection.maxSockets };
  const client = new S3Client({
    region: connection.region,
    forcePathStyle: connection.forcePathStyle,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    streamHasher: checksumOfBody,
    logger: silence,
    requestHandler: {
      connectionTimeout: connection.connectTimeoutSeconds * 1000,
      requestTimeout: 0,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(connection.endpoint === null ? {} : { endpoint: connection.endpoint }),
    ...(connection.credentials === null ? {} : { credentials: connection.credentials }),
  });
  // It would go through each input and output for the sake of a logger that says nothing.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/** What failed is thrown; the SDK would also say on stderr that it does not try again. */
const silence = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function checksumOfBody(_algorithm: unknown, body: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    body.once('error', reject);
    body.once('end', () => {
      const told: unknown = 'crc32c' in body && typeof body.crc32c === 'function' ? body.crc32c() : null;
      if (typeof told === 'string') resolve(Buffer.from(told, 'base64'));
      else reject(new Error('a body is streamed to S3 without its CRC32C'));
    });
  });
}
