// The checksums that object stores verify on upload and hand out on download, in base64 as they travel in headers.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const checksumAlgorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Base64 of the digest; CRCs are big-endian, as both S3 and GCS write them. */
export function checksumOf(algorithm: ChecksumAlgorithm, body: Buffer): string {
  switch (algorithm) {
    case 'crc32':
      return bigEndian(crc32(body));
    case 'crc32c':
      return bigEndian(crc32c(body));
    case 'crc64nvme':
      return crc64nvme(body);
    case 'sha1':
    case 'sha256':
      return createHash(algorithm).update(body).digest('base64');
  }
}

export function md5Of(body: Buffer): Buffer {
  return createHash('md5').update(body).digest();
}

function bigEndian(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(body: Buffer): number {
  let value = 0xffffffff;
  for (const byte of body) value = (value >>> 8) ^ (castagnoli[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}

const nvme = BigUint64Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  return value;
});

/** The NVM Express polynomial, which S3 computes when the client sends no checksum. */
function crc64nvme(body: Buffer): string {
  let value = 0xffffffffffffffffn;
  for (const byte of body) value = (value >> 8n) ^ (nvme[Number(value & 0xffn) ^ byte] ?? 0n);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value ^ 0xffffffffffffffffn);
  return bytes.toString('base64');
}
