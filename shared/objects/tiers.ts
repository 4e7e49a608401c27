// Which tier a key is in, and when what waits in it is due.
import type { BucketPair, ReplicationTier } from '../model/replica.ts';

/** What lies below it is Causeway's own, and never replicated. */
export const ownPrefix = '.causeway/';

/** The tier of the longest prefix that matches. The strategy always has one for what no other matches. */
export function tierOf({ name, tiers }: BucketPair, key: string): ReplicationTier {
  let found: ReplicationTier | null = null;
  for (const tier of tiers) {
    if (key.startsWith(tier.prefix) && tier.prefix.length >= (found?.prefix.length ?? 0)) found = tier;
  }
  if (found) return found;
  const prefixes = tiers.map(({ prefix }) => JSON.stringify(prefix)).join(', ');
  throw new Error(`no tier of the pair "${name}" takes the key ${JSON.stringify(key)}: its prefixes are ${prefixes}`);
}

/** The end of the window that a time is in; windows are aligned to the clock, so that every process sees the same. */
export function windowEndMillis(everySeconds: number, atMillis: number): number {
  const length = everySeconds * 1000;
  return (Math.floor(atMillis / length) + 1) * length;
}

/** Since when a key that was heard of then may be replicated: at once, or since its window has ended. */
export function dueMillis({ everySeconds }: ReplicationTier, heardMillis: number): number {
  return everySeconds === null ? heardMillis : windowEndMillis(everySeconds, heardMillis);
}
