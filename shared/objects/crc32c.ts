// CRC32C, the one checksum of a whole object that both clouds keep: sixteen bytes a step, and two checksums joined into that of both parts.

/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82f63b78;

/** Row k: what a byte does that is followed by k zero bytes. */
const rows = makeRows(16);
const row = (index: number): Int32Array => rows.subarray(index * 256, index * 256 + 256);
const [r0, r1, r2, r3, r4, r5, r6, r7] = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
const [r8, r9, ra, rb, rc, rd, re, rf] = [row(8), row(9), row(10), row(11), row(12), row(13), row(14), row(15)];

/** An unsigned 32-bit number; `before` is the checksum of what came before these bytes. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  // Words are read in the machine's order, and the steps below are those of little-endian ones: what Node runs on.
  const shift = (4 - (bytes.byteOffset & 3)) & 3;
  const words = (Math.max(0, bytes.length - shift) >> 4) << 2;
  if (words === 0) return ~byteByByte(~before, bytes, 0, bytes.length) >>> 0;
  const aligned = byteByByte(~before, bytes, 0, shift);
  const crc = fourWords(aligned, new Int32Array(bytes.buffer, bytes.byteOffset + shift, words));
  return ~byteByByte(crc, bytes, shift + words * 4, bytes.length) >>> 0;
}

/** The checksum of two parts in a row, from theirs and the size of the second: no bytes are read. */
export function joinCrc32c(first: number, second: number, secondBytes: number): number {
  return (product(powerOfBytes(secondBytes), first) ^ second) >>> 0;
}

/** As both clouds write it: base64 of the big-endian number. */
export function crc32cText(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}

/** Throws on what `crc32cText` cannot have written. */
export function readCrc32c(text: string): number {
  if (!/^[A-Za-z0-9+/]{6}==$/.test(text)) throw new Error(`"${text}" is no CRC32C: 4 bytes in base64 are`);
  return Buffer.from(text, 'base64').readUInt32BE(0);
}

function byteByByte(crc: number, bytes: Uint8Array, from: number, to: number): number {
  let sum = crc;
  for (let index = from; index < to; index++) sum = at(r0, (sum ^ at(bytes, index)) & 255) ^ (sum >>> 8);
  return sum;
}

/** Written out, because a loop over the rows is five times slower. */
function fourWords(crc: number, words: Int32Array): number {
  let sum = crc;
  for (let index = 0; index < words.length; index += 4) {
    const a = sum ^ at(words, index);
    const b = at(words, index + 1);
    const c = at(words, index + 2);
    const d = at(words, index + 3);
    sum =
      at(rf, a & 255) ^
      at(re, (a >>> 8) & 255) ^
      at(rd, (a >>> 16) & 255) ^
      at(rc, a >>> 24) ^
      at(rb, b & 255) ^
      at(ra, (b >>> 8) & 255) ^
      at(r9, (b >>> 16) & 255) ^
      at(r8, b >>> 24) ^
      at(r7, c & 255) ^
      at(r6, (c >>> 8) & 255) ^
      at(r5, (c >>> 16) & 255) ^
      at(r4, c >>> 24) ^
      at(r3, d & 255) ^
      at(r2, (d >>> 8) & 255) ^
      at(r1, (d >>> 16) & 255) ^
      at(r0, d >>> 24);
  }
  return sum;
}

/** Always within: the type of an index does not know it. */
function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] ?? 0;
}

function makeRows(count: number): Int32Array {
  const made = new Int32Array(count * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const before = at(made, index - 256);
    made[index] = at(made, before & 255) ^ (before >>> 8);
  }
  return made;
}

/** Multiplies two reflected polynomials over GF(2), modulo the CRC's (zlib's `multmodp`). */
function product(one: number, other: number): number {
  let sum = 0;
  let factor = other;
  for (let bit = 31; bit >= 0; bit--) {
    if ((one >>> bit) & 1) sum ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return sum;
}

/** x to the power of 8 * bytes: what so many bytes of zeros do. Sizes go beyond 32 bits, so that no bit operation counts them. */
function powerOfBytes(bytes: number): number {
  let power = 1 << 31;
  let square = 1 << 23;
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = product(square, power);
    square = product(square, square);
  }
  return power;
}
