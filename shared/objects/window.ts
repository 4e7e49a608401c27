// The tick: what was left unfinished goes on, and each tier whose window has ended is emptied, the newest version of each key once.
import type { BucketPair, ReplicationTier } from '../model/replica.ts';
import type { KeyQueue } from '../ports/key-queue.ts';
import { type DrainDeps, type Drained, drain } from './drain.ts';
import { windowEndMillis } from './tiers.ts';
import type { Marks, WindowMarks } from './window-marks.ts';

export type TickDeps = DrainDeps & {
  windowQueue: (pair: BucketPair, tier: ReplicationTier) => KeyQueue;
  marks: WindowMarks;
};

/** What one tick did; `trouble`: queues that could not be emptied, each with its reason. */
export type Ticked = { windows: string[]; keys: number; early: boolean; trouble: string[] };

type Due = { name: string; queue: KeyQueue; endMillis: number };

/** Never rejects because of one queue: the others are worked on, and the next tick tries again. */
export async function tick(deps: TickDeps, untilSeconds: number): Promise<Ticked> {
  const ticked: Ticked = { windows: [], keys: 0, early: false, trouble: [] };
  const empty = async (queue: KeyQueue, beforeMillis: number | null): Promise<Drained | null> => {
    try {
      const drained = await drain(deps, { queue, beforeMillis, untilSeconds });
      ticked.keys += drained.keys;
      ticked.early ||= drained.kind === 'early';
      return drained;
    } catch (error) {
      ticked.trouble.push(`${queue.name}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  };
  const raised: Marks = {};
  const oneTier = async ({ name, queue, endMillis }: Due) => {
    const drained = await empty(queue, endMillis);
    if (drained) ticked.windows.push(name);
    if (drained?.kind === 'empty') raised[name] = endMillis;
  };
  // Side by side: a tier of a million keys must not keep the next one waiting.
  await Promise.all([empty(deps.again, null), ...(await due(deps, ticked)).map(oneTier)]);
  if (Object.keys(raised).length > 0) {
    await deps.marks.raise(raised).catch((error: unknown) => {
      ticked.trouble.push(
        `what was done could not be marked: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
  return ticked;
}

/** Without its marks every tier is due: looking at a queue once too often costs a request. */
async function due({ pairs, site, windowQueue, marks, clock }: TickDeps, ticked: Ticked): Promise<Due[]> {
  const known = await marks.read().catch((error: unknown): Marks => {
    ticked.trouble.push(
      `how far the windows are is not known: ${error instanceof Error ? error.message : String(error)}`,
    );
    return {};
  });
  const nowMillis = clock.now().getTime();
  return pairs
    .filter(({ buckets }) => buckets.some((bucket) => bucket.site === site))
    .flatMap((pair) =>
      pair.tiers.flatMap((tier): Due[] => {
        if (tier.everySeconds === null) return [];
        const name = `${pair.name}/${tier.name}`;
        const endMillis = windowEndMillis(tier.everySeconds, nowMillis) - tier.everySeconds * 1000;
        return endMillis > (known[name] ?? 0) ? [{ name, queue: windowQueue(pair, tier), endMillis }] : [];
      }),
    );
}
