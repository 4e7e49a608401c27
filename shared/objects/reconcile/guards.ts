// What a reconciliation refuses to do by itself: pure, on what was counted, before anything is done.
import type { BucketPair } from '../../model/replica.ts';
import type { ObjectReplication } from '../../model/strategy.ts';
import type { Side } from './classify.ts';
import type { Tally } from './tally.ts';

export type Refusal = { rule: 'empty-listing' | 'shrunken-listing' | 'delete-cap'; because: string; wayOut: string };

/** Below this share of what was there, a listing is not believed. */
const SHRUNKEN_SHARE = 0.5;
/** So few objects are a small bucket's ordinary day, whatever share of it they are. */
const ALWAYS_ALLOWED = 10;

const FORCE = 'when this is what you want: --force --reason "...", which is journaled';

/** Everything that stands against this run; empty: it may go on. */
export function refusals(tally: Tally, pair: BucketPair, limits: ObjectReplication['reconcile']): Refusal[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const { site, bucket } = pair.buckets[side === 'left' ? 0 : 1];
    const name = `${bucket} (${site})`;
    const listing = listingRefusal(tally, side, name);
    return listing ? [listing] : deleteRefusals(tally, side, name, limits);
  });
}

function listingRefusal({ listed, agreed }: Tally, side: Side, name: string): Refusal | null {
  const { objects } = listed[side];
  const wayOut = `look at the bucket and at who may list it; ${FORCE}`;
  if (agreed > 0 && objects === 0) {
    const because = `${name} lists nothing, and held ${agreed} of these objects when both sides were last alike: taking that for deletes would empty the other side`;
    return { rule: 'empty-listing', because, wayOut };
  }
  if (agreed <= ALWAYS_ALLOWED || objects >= agreed * SHRUNKEN_SHARE) return null;
  const because = `${name} lists ${objects} objects, less than half of the ${agreed} that it held when both sides were last alike`;
  return { rule: 'shrunken-listing', because, wayOut };
}

function deleteRefusals(
  { deleted, agreed }: Tally,
  side: Side,
  name: string,
  { deleteCap, deleteCapPercent }: ObjectReplication['reconcile'],
): Refusal[] {
  const { objects } = deleted[side];
  const limit = deleteLimit(agreed, { deleteCap, deleteCapPercent });
  if (objects <= limit) return [];
  const because = `${objects} objects would be deleted from ${name}, and at most ${limit} are without a person: the strategy allows ${deleteCap}, and ${deleteCapPercent} % of the ${agreed} that both sides held`;
  const wayOut = `\`causeway objects sync --dry-run\` shows them; raise objects.reconcile.delete_cap, or ${FORCE}`;
  return [{ rule: 'delete-cap', because, wayOut }];
}

/** The most that a run may delete at a side: whichever cap is lower, but always a handful. */
export function deleteLimit(
  agreed: number,
  { deleteCap, deleteCapPercent }: Pick<ObjectReplication['reconcile'], 'deleteCap' | 'deleteCapPercent'>,
): number {
  return Math.min(deleteCap, Math.max(ALWAYS_ALLOWED, Math.floor((agreed * deleteCapPercent) / 100)));
}
