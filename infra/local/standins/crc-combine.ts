// The CRC of two bodies put together, from the CRC of each: arithmetic of polynomials over GF(2).

type Polynomial = { bits: number; reflected: bigint };

export const crcPolynomials = {
  crc32: { bits: 32, reflected: 0xedb88320n },
  crc32c: { bits: 32, reflected: 0x82f63b78n },
  crc64nvme: { bits: 64, reflected: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, Polynomial>;

/** `sizeBytes` is the length of what `second` is of. The preset and the final inversion of these CRCs cancel out. */
export function combineCrc(polynomial: Polynomial, first: bigint, second: bigint, sizeBytes: number): bigint {
  return multiply(polynomial, shiftOf(polynomial, sizeBytes), first) ^ second;
}

const shifts = new Map<string, bigint>();

/** x to the power of eight times that many bytes: what appending them multiplies a CRC by. */
function shiftOf(polynomial: Polynomial, sizeBytes: number): bigint {
  const name = `${polynomial.reflected}/${sizeBytes}`;
  const known = shifts.get(name);
  if (known !== undefined) return known;
  let power = 1n << BigInt(polynomial.bits - 1);
  // In reflected order the highest bit is x^0, and the ninth from it x^8.
  let square = 1n << BigInt(polynomial.bits - 9);
  for (let left = sizeBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(polynomial, square, power);
    square = multiply(polynomial, square, square);
  }
  shifts.set(name, power);
  return power;
}

function multiply({ bits, reflected }: Polynomial, one: bigint, other: bigint): bigint {
  let product = 0n;
  let shifted = other;
  for (let bit = bits - 1; bit >= 0; bit--) {
    if ((one >> BigInt(bit)) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ reflected : shifted >> 1n;
  }
  return product;
}
