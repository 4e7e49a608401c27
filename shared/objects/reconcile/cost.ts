// Requests and bytes in dollars: what was made, or what is expected to be made. Pure.
import * as z from 'zod';
import type { BucketPair } from '../../model/replica.ts';
import type { Provider, SiteName } from '../../model/site.ts';
import type { Side } from './classify.ts';
import { egressDollars, PRICES } from './prices.ts';
import { copiesTo, type Tally } from './tally.ts';

/** What was asked of one bucket: requests by how they are charged, and bytes that left it. */
export const Usage = z.object({ write: z.int(), read: z.int(), remove: z.int(), outBytes: z.int() });
export type Usage = z.infer<typeof Usage>;
export type UsageBySide = { left: Usage; right: Usage };

export const noUsage = (): Usage => ({ write: 0, read: 0, remove: 0, outBytes: 0 });

/** `requests` and `egress` once; `storedMonthly` for as long as what was copied lies there. Dollars. */
export type Cost = { requests: number; egress: number; total: number };

export function costOf(usage: UsageBySide, providers: Record<Side, Provider>): Cost {
  const sides = (['left', 'right'] as const).map((side) => ({ ...usage[side], prices: PRICES[providers[side]] }));
  const requests = sides.map(
    ({ write, read, remove, prices: { dollarsPerThousand: price } }) =>
      (write * price.write + read * price.read + remove * price.remove) / 1000,
  );
  const egress = sides.map(({ outBytes, prices }) => egressDollars(prices, outBytes));
  const total = { requests: added(requests), egress: added(egress) };
  return { ...total, total: total.requests + total.egress };
}

/** Keys in a page of both services' listings. */
const PAGE_KEYS = 1000;

/**
 * What carrying out a tally is expected to use. A key costs a look at both sides; one that is missing also the question whether it was
 * deleted there (a tombstone, and the bucket's history); a copy its read and its write, in parts when it is large; a delete its tombstone.
 * `unsure` keys are looked at, and expected to be alike.
 */
export function expectedUsage(tally: Tally): UsageBySide {
  const of = (side: Side): Usage => {
    const other = side === 'left' ? 'right' : 'left';
    const here = copiesTo(tally, side);
    const there = copiesTo(tally, other);
    const missing = tally.missing[side].objects;
    const deletes = tally.deleted[side].objects;
    const looks =
      here.objects + there.objects + deletes + tally.deleted[other].objects + tally.unsure.objects + missing;
    // An object in one part is one write; one in many is begun and completed besides.
    const large = here.parts - here.objects;
    return {
      write:
        pagesOf(tally.listed[side].objects) +
        here.parts +
        (large > 0 ? 2 * Math.min(here.objects, large) : 0) +
        missing +
        deletes,
      read: looks + there.parts,
      remove: deletes,
      outBytes: there.bytes,
    };
  };
  return { left: of('left'), right: of('right') };
}

/** What is copied costs to keep, too: dollars a month. */
export function storedMonthlyDollars(tally: Tally, providers: Record<Side, Provider>): number {
  return added(
    (['left', 'right'] as const).map((side) => {
      const prices = PRICES[providers[side]];
      return (copiesTo(tally, side).bytes / prices.gigabyte) * prices.storageDollarsPerGigabyteMonth;
    }),
  );
}

function pagesOf(objects: number): number {
  return Math.ceil(objects / PAGE_KEYS) || 1;
}

/** Each side's provider. Throws when a site is not of the strategy. */
export function providersOf(pair: BucketPair, providerOf: (site: SiteName) => Provider): Record<Side, Provider> {
  const [left, right] = pair.buckets;
  return { left: providerOf(left.site), right: providerOf(right.site) };
}

function added(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
