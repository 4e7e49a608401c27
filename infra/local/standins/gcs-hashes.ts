// The hashes that Cloud Storage makes of what comes in, and checks against what its client said.
import type { BodyStore, StoredBody } from './bodies.ts';
import { createHasher } from './checksums.ts';
import type { SentResource } from './gcs-object.ts';
import { GcsError } from './gcs-wire.ts';

export type Hashes = { crc32c: string; md5Hash: string };
export type SentHashes = { crc32c: string | null; md5Hash: string | null };

/** Hashes of what has come so far. */
export type RunningHashes = { update(chunk: Buffer): void; finish(): Hashes };

export function createHashes(): RunningHashes {
  const crc32c = createHasher('crc32c');
  const md5 = createHasher('md5');
  return {
    update: (chunk) => {
      crc32c.update(chunk);
      md5.update(chunk);
    },
    finish: () => ({ crc32c: crc32c.digest().toString('base64'), md5Hash: md5.digest().toString('base64') }),
  };
}

/** Stores what comes and checks it. What is not as it was said is not kept. */
export async function receiveHashed(
  stream: AsyncIterable<Buffer>,
  bodies: BodyStore,
  sent: SentHashes,
): Promise<{ body: StoredBody } & Hashes> {
  const hashes = createHashes();
  const body = await bodies.receive(stream, hashes.update);
  const made = hashes.finish();
  try {
    checkHashes(made, sent);
  } catch (error) {
    bodies.release(body);
    throw error;
  }
  return { body, ...made };
}

export function checkHashes(made: Hashes, sent: SentHashes): void {
  if ((sent.md5Hash ?? made.md5Hash) === made.md5Hash && (sent.crc32c ?? made.crc32c) === made.crc32c) return;
  throw new GcsError(
    400,
    'invalid',
    `Provided hash does not match calculated hash (MD5 "${made.md5Hash}", CRC32C "${made.crc32c}").`,
  );
}

/** `x-goog-hash: crc32c=...,md5=...`; what it says counts beside the resource. */
export function sentHashes(header: string | null, sent: SentResource): SentHashes {
  const said = new Map(
    (header ?? '')
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1)]),
  );
  return { crc32c: sent.crc32c ?? said.get('crc32c') ?? null, md5Hash: sent.md5Hash ?? said.get('md5') ?? null };
}
