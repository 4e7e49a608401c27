// Telling once: a record is claimed in the cost buckets before anybody is told, and says afterwards that they were.
import * as z from 'zod';
import { Notification } from '../../model/notification.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import { type ObjectStore, type PutCondition, StoreUnavailable } from '../../ports/object-store.ts';
import { daysBetween } from '../calendar.ts';
import type { WatchFinding } from './finding.ts';

const HOME = 'cost/v1/told/';
/** Whoever claimed it and has not handed it over for so long is gone: another does. Telling twice is better than not telling. */
const PATIENCE_SECONDS = 900;

const ToldRecord = z.object({
  schema: z.literal(1),
  id: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
  /** Null: told with another. */
  notification: Notification.nullable(),
  /** Whether the channels have it. */
  handedOver: z.boolean(),
  nonce: z.string(),
});
type ToldRecord = z.infer<typeof ToldRecord>;

export type ToldDeps = {
  /** The cost buckets, in the same order for everybody: whoever is first in the first of them that answers tells. */
  stores: readonly ObjectStore[];
  /** Does not reject for a channel that does not answer: what waits is kept. */
  tell: (channel: string, notification: Notification) => Promise<void>;
  clock: Clock;
  chance: Chance;
  /** Who tells, for the record. */
  by: string;
};

type Claim = { store: ObjectStore; version: string; record: ToldRecord };

/**
 * `told`: by this call. `already`: by another, or it is about to. Throws `StoreUnavailable` when no bucket answers: the next run tells. Where
 * two runs see different buckets alone, both may tell; never neither.
 */
export async function tellOnce(deps: ToldDeps, finding: WatchFinding): Promise<'told' | 'already'> {
  if (await wasToldNear(deps, finding)) return 'already';
  const claims = await claimAll(deps, finding);
  if (claims === null) return 'already';
  for (const channel of finding.channels) await deps.tell(channel, finding.notification);
  for (const { store, version, record } of claims) {
    await unlessLost(() => write(store, { ...record, handedOver: true }, { kind: 'version', version }));
    for (const id of finding.covers) await unlessLost(() => write(store, coverOf(deps, id), { kind: 'absent' }));
  }
  return 'told';
}

/** Null: somebody else has it. */
async function claimAll(deps: ToldDeps, { id, notification }: WatchFinding): Promise<Claim[] | null> {
  const claims: Claim[] = [];
  let lost: StoreUnavailable | null = null;
  for (const store of deps.stores) {
    try {
      const claim = await claimIn(deps, store, { id, notification });
      if (claim === null) {
        // Told while the first bucket was away. Its claim is taken back, so that it does not look as if somebody had died over it.
        for (const one of claims) await unlessLost(() => one.store.remove(keyOf(id)));
        return null;
      }
      claims.push(claim);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      lost = error;
    }
  }
  if (claims.length === 0 && lost) throw lost;
  return claims;
}

async function claimIn(
  deps: ToldDeps,
  store: ObjectStore,
  { id, notification }: Pick<WatchFinding, 'id' | 'notification'>,
): Promise<Claim | null> {
  const record = recordOf(deps, { id, notification, handedOver: false });
  const fresh = await write(store, record, { kind: 'absent' });
  if (fresh !== null) return { store, version: fresh, record };
  const found = await store.get(keyOf(id));
  // Taken back in between: whoever did that has seen it told.
  if (found === null) return null;
  const held = ToldRecord.safeParse(JSON.parse(found.body));
  if (!held.success || held.data.handedOver) return null;
  const agoSeconds = (deps.clock.now().getTime() - Date.parse(held.data.at)) / 1000;
  if (agoSeconds < PATIENCE_SECONDS) return null;
  const taken = await write(store, record, { kind: 'version', version: found.version });
  return taken === null ? null : { store, version: taken, record };
}

async function wasToldNear({ stores }: ToldDeps, { id, near }: WatchFinding): Promise<boolean> {
  if (near === null) return false;
  for (const store of stores) {
    const keys = await unlessLost(() => store.list(`${HOME}${near.prefix}`, { startAfter: null, limit: 1000 }));
    const dates = (keys ?? [])
      .filter((key) => key !== keyOf(id))
      .map((key) => key.slice(-'2026-11-24.json'.length, -'.json'.length));
    if (dates.some((date) => Math.abs(daysBetween(date, near.date)) <= near.days)) return true;
  }
  return false;
}

function coverOf(deps: ToldDeps, id: string): ToldRecord {
  return recordOf(deps, { id, notification: null, handedOver: true });
}

function recordOf(
  { by, clock, chance }: ToldDeps,
  what: Pick<ToldRecord, 'id' | 'notification' | 'handedOver'>,
): ToldRecord {
  return { schema: 1, ...what, by, at: clock.now().toISOString(), nonce: chance.id() };
}

async function write(store: ObjectStore, record: ToldRecord, condition: PutCondition): Promise<string | null> {
  const options = { condition, contentType: 'application/json', cacheControl: null };
  const result = await store.put(keyOf(record.id), JSON.stringify(record), options);
  return result.kind === 'written' ? result.version : null;
}

function keyOf(id: string): string {
  return `${HOME}${id}.json`;
}

/** What a bucket that does not answer cannot take is not needed for what was done already. */
async function unlessLost<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}
