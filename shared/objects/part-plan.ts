// How a large object is cut into parts: never more of them than the destination takes, and none that is empty.
import type { BucketTraits, ByteRange } from '../ports/object-bucket.ts';

export type PartPlan = { sizeBytes: number; partBytes: number; count: number };

type PartLimits = Pick<BucketTraits, 'minPartBytes' | 'maxPartBytes' | 'maxParts'>;

const mebibyte = 1024 * 1024;

/**
 * Parts of `wantedBytes`, larger ones when there would be too many: 10,000 of them make up 5 TiB with 525 MiB each. Null when the
 * destination takes no parts that large.
 */
export function planParts(sizeBytes: number, limits: PartLimits, wantedBytes: number): PartPlan | null {
  const least = Math.max(wantedBytes, limits.minPartBytes);
  const needed = Math.ceil(sizeBytes / limits.maxParts);
  const partBytes = needed <= least ? Math.min(least, limits.maxPartBytes) : roundedUp(needed, limits.maxPartBytes);
  if (partBytes * limits.maxParts < sizeBytes) return null;
  return { sizeBytes, partBytes, count: Math.max(1, Math.ceil(sizeBytes / partBytes)) };
}

/** Parts are numbered from 1. */
export function rangeOfPart({ sizeBytes, partBytes }: PartPlan, number: number): ByteRange {
  const startByte = (number - 1) * partBytes;
  return { startByte, endByte: Math.min(startByte + partBytes, sizeBytes) };
}

/** Whole MiB, where that is allowed. */
function roundedUp(bytes: number, maxBytes: number): number {
  return Math.min(Math.ceil(bytes / mebibyte) * mebibyte, maxBytes);
}
