// The order of keys in both services' listings: by the bytes of their UTF-8, which JavaScript's own order of strings is not.

/** Negative, zero or positive, as `sort` wants it. Only characters beyond U+FFFF make it differ from `<`. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one !== other) return rank(one) - rank(other);
  }
  return left.length - right.length;
}

const SURROGATES = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** Halves of the characters beyond U+FFFF rank above all others, as their bytes do. */
function rank(codeUnit: number): number {
  return codeUnit >= SURROGATES && codeUnit < AFTER_SURROGATES ? codeUnit + 0x10000 : codeUnit;
}
