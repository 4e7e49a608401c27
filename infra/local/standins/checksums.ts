// The checksums that object stores verify on upload and hand out on download, in base64 as they travel in headers.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc, crcPolynomials } from './crc-combine.ts';

export const checksumAlgorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export type Hasher = {
  update(chunk: Buffer): void;
  /** The digest's bytes; CRCs are big-endian, as both S3 and GCS write them. */
  digest(): Buffer;
};

export function createHasher(algorithm: ChecksumAlgorithm | 'md5'): Hasher {
  if (algorithm === 'crc32') {
    let value = 0;
    return {
      update: (chunk) => {
        value = crc32(chunk, value);
      },
      digest: () => bigEndian(value),
    };
  }
  if (algorithm === 'crc32c') {
    let value = 0xffffffff;
    return {
      update: (chunk) => {
        value = crc32cOf(chunk, value);
      },
      digest: () => bigEndian(~value),
    };
  }
  if (algorithm === 'crc64nvme') {
    const state = { low: 0xffffffff, high: 0xffffffff };
    return {
      update: (chunk) => crc64nvmeOf(chunk, state),
      digest: () => Buffer.concat([bigEndian(~state.high), bigEndian(~state.low)]),
    };
  }
  const hash = createHash(algorithm);
  return {
    update: (chunk) => void hash.update(chunk),
    digest: () => hash.digest(),
  };
}

/** Base64 of the digest of one piece. */
export function checksumOf(algorithm: ChecksumAlgorithm, body: Buffer): string {
  return digestOf(algorithm, body).toString('base64');
}

export function digestOf(algorithm: ChecksumAlgorithm | 'md5', body: Buffer): Buffer {
  const hasher = createHasher(algorithm);
  hasher.update(body);
  return hasher.digest();
}

/** The checksum of one body after the other, from theirs: base64 in, base64 out. Null where the algorithm cannot tell. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  pieces: readonly { value: string; sizeBytes: number }[],
): string | null {
  if (algorithm === 'sha1' || algorithm === 'sha256') return null;
  const polynomial = crcPolynomials[algorithm];
  const hex = (value: string) => BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
  const whole = pieces.reduce((sum, piece) => combineCrc(polynomial, sum, hex(piece.value), piece.sizeBytes), 0n);
  return Buffer.from(whole.toString(16).padStart(polynomial.bits / 4, '0'), 'hex').toString('base64');
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** `table[k * 256 + b]` is the CRC of byte b followed by k zeros, so that eight bytes are taken at a time. Signed halves: V8 is fastest so. */
const castagnoli = tablesOf(0x82f63b78n).low;

/** The NVM Express polynomial, which S3 computes when the client sends no checksum; 64 bits as two halves. */
const nvme = tablesOf(0x9a6c9329ac4bc9b5n);

function tablesOf(polynomial: bigint): { low: Int32Array; high: Int32Array } {
  const tables = { low: new Int32Array(8 * 256), high: new Int32Array(8 * 256) };
  const values: bigint[] = [];
  for (let at = 0; at < 8 * 256; at++) {
    const before = values[at - 256] ?? 0n;
    let value = at < 256 ? BigInt(at) : (before >> 8n) ^ (values[Number(before & 0xffn)] ?? 0n);
    if (at < 256) for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    values.push(value);
    tables.low[at] = Number(BigInt.asIntN(32, value));
    tables.high[at] = Number(BigInt.asIntN(32, value >> 32n));
  }
  return tables;
}

function crc32cOf(chunk: Uint8Array, start: number): number {
  const t = castagnoli;
  let value = start | 0;
  let index = 0;
  for (const end = chunk.length - 7; index < end; index += 8) {
    const first = value ^ wordAt(chunk, index);
    value =
      (t[1792 + (first & 0xff)] ?? 0) ^
      (t[1536 + ((first >>> 8) & 0xff)] ?? 0) ^
      (t[1280 + ((first >>> 16) & 0xff)] ?? 0) ^
      (t[1024 + (first >>> 24)] ?? 0) ^
      (t[768 + (chunk[index + 4] ?? 0)] ?? 0) ^
      (t[512 + (chunk[index + 5] ?? 0)] ?? 0) ^
      (t[256 + (chunk[index + 6] ?? 0)] ?? 0) ^
      (t[chunk[index + 7] ?? 0] ?? 0);
  }
  for (; index < chunk.length; index++) value = (value >>> 8) ^ (t[(value ^ (chunk[index] ?? 0)) & 0xff] ?? 0);
  return value;
}

function wordAt(chunk: Uint8Array, index: number): number {
  return (
    (chunk[index] ?? 0) |
    ((chunk[index + 1] ?? 0) << 8) |
    ((chunk[index + 2] ?? 0) << 16) |
    ((chunk[index + 3] ?? 0) << 24)
  );
}

function crc64nvmeOf(chunk: Uint8Array, state: { low: number; high: number }): void {
  const { low: tableLow, high: tableHigh } = nvme;
  let { low, high } = state;
  let index = 0;
  for (const end = chunk.length - 7; index < end; index += 8) {
    const first = low ^ wordAt(chunk, index);
    const second = high ^ wordAt(chunk, index + 4);
    low = 0;
    high = 0;
    for (let byte = 0; byte < 4; byte++) {
      const left = (7 - byte) * 256 + ((first >>> (8 * byte)) & 0xff);
      const right = (3 - byte) * 256 + ((second >>> (8 * byte)) & 0xff);
      low ^= (tableLow[left] ?? 0) ^ (tableLow[right] ?? 0);
      high ^= (tableHigh[left] ?? 0) ^ (tableHigh[right] ?? 0);
    }
  }
  for (; index < chunk.length; index++) {
    const entry = (low ^ (chunk[index] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (tableLow[entry] ?? 0);
    high = (high >>> 8) ^ (tableHigh[entry] ?? 0);
  }
  state.low = low;
  state.high = high;
}
