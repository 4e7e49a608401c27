// CRC32C: the published checksums, whatever the alignment, and the joining of parts' checksums at sizes that nobody can read through.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, crc32cText, joinCrc32c, readCrc32c } from '../../../shared/objects/crc32c.ts';

/** RFC 3720, appendix B.4, and the check value of the catalogue of CRCs. */
const published: [string, Buffer, number][] = [
  ['nothing', Buffer.alloc(0), 0],
  ['the nine digits', Buffer.from('123456789'), 0xe3069283],
  ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 bytes that rise', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['32 bytes that fall', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
];

describe('CRC32C', () => {
  it.each(published)('is the published one of %s', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('is the same wherever the bytes lie in memory, and read at once or in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), fc.nat(300), (bytes, shift, cut) => {
        const shifted = new Uint8Array(bytes.length + shift);
        shifted.set(bytes, shift);
        const at = Math.min(cut, bytes.length);
        expect(crc32c(shifted.subarray(shift))).toBe(crc32c(bytes));
        expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(crc32c(bytes));
      }),
      { seed: 1 },
    );
  });

  it('of two parts in a row comes from theirs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, other) => {
        expect(joinCrc32c(crc32c(one), crc32c(other), other.length)).toBe(crc32c(Buffer.concat([one, other])));
      }),
      { seed: 2 },
    );
  });

  it('of parts joins in any grouping, up to the largest object of either cloud', () => {
    const size = fc.integer({ min: 0, max: 50 * 1000 ** 4 });
    const sum = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(sum, sum, size, sum, size, (a, b, bBytes, c, cBytes) => {
        const left = joinCrc32c(joinCrc32c(a, b, bBytes), c, cBytes);
        expect(joinCrc32c(a, joinCrc32c(b, c, cBytes), bBytes + cBytes)).toBe(left);
      }),
      { seed: 3 },
    );
  });

  it('is written as both clouds write it, and read back', () => {
    expect(crc32cText(0xe3069283)).toBe('4waSgw==');
    expect(readCrc32c('4waSgw==')).toBe(0xe3069283);
    expect(() => readCrc32c('4waSgw==-3')).toThrow(/is no CRC32C/);
  });
});
