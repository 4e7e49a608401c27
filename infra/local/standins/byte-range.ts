// The Range header of a read, as both object stores take it: one range of bytes.

/** `whole` when there is no range to keep to; `outside` when it begins behind the end. Both ends are included. */
export type ByteRange = { kind: 'whole' } | { kind: 'part'; first: number; last: number } | { kind: 'outside' };

/** What is no single range of bytes is ignored, as HTTP allows. */
export function byteRange(header: string | null, sizeBytes: number): ByteRange {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || from + to === '') return { kind: 'whole' };
  if (from === '') {
    const count = Math.min(Number(to), sizeBytes);
    return count === 0 ? { kind: 'outside' } : { kind: 'part', first: sizeBytes - count, last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first >= sizeBytes) return { kind: 'outside' };
  return first > last ? { kind: 'whole' } : { kind: 'part', first, last };
}

export function contentRange(range: { first: number; last: number }, sizeBytes: number): string {
  return `bytes ${range.first}-${range.last}/${sizeBytes}`;
}
