// What becomes of the records of a batch, each by itself: replicated, left to its tier's window, or buried with its reason.
import type { HeardObject } from '../model/object-hint.ts';
import type { BucketPair, ObjectHint, ReplicationTier } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';
import type { KeyQueue, QueuedKey } from '../ports/key-queue.ts';
import type { Noted } from './noted.ts';
import { type HeardKey, type Route, route } from './route.ts';
import type { Worker } from './worker.ts';

/** One message of the events' queue: acknowledged, or handed back, as a whole. */
export type Delivery = {
  heard: readonly HeardObject[];
  /** When it was delivered for the first time: milliseconds since 1970; null: not told, and the events' own times stand for it. */
  firstMillis: number | null;
  redelivered: boolean;
};

export type RecordDeps = {
  site: SiteName;
  pairs: readonly BucketPair[];
  worker: Worker;
  /** The tier's own queue. */
  windowQueue: (pair: BucketPair, tier: ReplicationTier) => KeyQueue;
  /** Keys to be gone on with as soon as somebody can. */
  again: KeyQueue;
  dead: DeadLetters;
  noted: Noted;
  clock: Clock;
};

/** `tried`: and not that it only waits for its turn. `key`: what it is about; null: a dead letter that could not be written. */
export type PutOff = {
  kind: 'put-off';
  tried: boolean;
  because: string;
  atLeastSeconds: number;
  key: QueuedKey | null;
};
export type Ending = { kind: 'done' } | PutOff;

type Routed = { route: Route; delivery: Delivery };
type Endings = Map<Routed, Promise<Ending>>;

const done: Ending = { kind: 'done' };

/** The ending of each record of each delivery, in their order. Never rejects. */
export async function endRecords(
  deps: RecordDeps,
  deliveries: readonly Delivery[],
  untilSeconds: number,
): Promise<Ending[][]> {
  const routed = deliveries.map((delivery) =>
    delivery.heard.map((heard): Routed => ({ delivery, route: route(heard, deps.pairs, deps.site) })),
  );
  const endings: Endings = new Map();
  leaveToWindows(deps, routed.flat(), endings);
  replicateNow(deps, routed.flat(), untilSeconds, endings);
  for (const one of routed.flat()) {
    if (one.route.kind === 'ignored') deps.noted(one.route);
    if (one.route.kind === 'dead') endings.set(one, bury(deps, one.route.letter, null));
  }
  return Promise.all(routed.map((records) => Promise.all(records.map((one) => endings.get(one) ?? done))));
}

/** One push for all keys of a queue, each key once. */
function leaveToWindows(deps: RecordDeps, routed: readonly Routed[], endings: Endings): void {
  const byQueue = new Map<KeyQueue, { of: HeardKey; records: { record: Routed; key: QueuedKey }[] }>();
  for (const record of routed) {
    if (record.route.kind !== 'window') continue;
    const { of } = record.route;
    const queue = deps.windowQueue(of.pair, of.tier);
    const group = byQueue.get(queue) ?? { of, records: [] };
    byQueue.set(queue, group);
    group.records.push({ record, key: queuedKey(of) });
  }
  for (const [queue, { of, records }] of byQueue) {
    const keys = eachOnce(records.map(({ key }) => key));
    const pushed = queue.push(keys, { delaySeconds: 0 }).then(
      () => {
        deps.noted({ kind: 'collected', pair: of.pair.name, tier: of.tier.name, keys: keys.length });
        return null;
      },
      (error: unknown) => `the queue ${queue.name} did not take its keys: ${sentenceOf(error)}`,
    );
    for (const { record, key } of records) {
      const ending = pushed.then((because) => (because === null ? done : putOff(because, key)));
      endings.set(record, ending);
    }
  }
}

/** Each key once, however many records speak of it: all of them are answered by one look. */
function replicateNow(deps: RecordDeps, routed: readonly Routed[], untilSeconds: number, endings: Endings): void {
  const byKey = new Map<string, Routed[]>();
  for (const one of routed) {
    if (one.route.kind !== 'now') continue;
    const name = `${one.route.of.pair.name}/${one.route.of.hint.key}`;
    byKey.set(name, [...(byKey.get(name) ?? []), one]);
  }
  for (const records of byKey.values()) {
    const [first] = records;
    if (first?.route.kind !== 'now') continue;
    const replicated = replicateOne(deps, first.route.of, records, untilSeconds);
    for (const one of records) endings.set(one, replicated);
  }
}

async function replicateOne(
  deps: RecordDeps,
  of: HeardKey,
  records: readonly Routed[],
  untilSeconds: number,
): Promise<Ending> {
  const { pair, tier, site } = of;
  const hints = records.flatMap((one) => (one.route.kind === 'now' ? [one.route.of.hint] : []));
  const key = hints.map((hint) => queuedKey({ ...of, hint })).reduce(together);
  const task = {
    pair,
    tier,
    key: of.hint.key,
    heard: { site, hint: mostTelling(hints) ?? of.hint },
    dueMillis: key.sinceMillis,
    retried: records.some((one) => one.delivery.redelivered),
  };
  const worked = await deps.worker(task, untilSeconds);
  switch (worked.kind) {
    case 'settled':
      return done;
    case 'put-off': {
      const { tried, because, atLeastSeconds } = worked;
      return { kind: 'put-off', tried, because, atLeastSeconds, key };
    }
    case 'refused':
      return bury(deps, { reason: worked.reason, because: worked.because, what: nameOf(of), record: null }, of);
    case 'unfinished':
      return deps.again.push([key], { delaySeconds: 0 }).then(
        () => done,
        (error: unknown) =>
          putOff(`what is left of it could not be queued with ${deps.again.name}: ${sentenceOf(error)}`, key),
      );
  }
}

/** Of a key that is written looking tells everything; of one that was deleted, the event may be all that there is. */
function mostTelling(hints: readonly ObjectHint[]): ObjectHint | undefined {
  return hints.filter(({ kind }) => kind === 'deleted').sort((one, other) => other.timeMillis - one.timeMillis)[0];
}

async function bury(deps: RecordDeps, letter: DeadLetter, of: HeardKey | null): Promise<Ending> {
  try {
    await deps.dead.put([letter]);
    const { what, reason, because } = letter;
    // Not the record: what is in it may be no business of the log's.
    deps.noted({ kind: 'buried', pair: of?.pair.name ?? null, tier: of?.tier.name ?? null, what, reason, because });
    return done;
  } catch (error) {
    const because = `its dead letter could not be written: ${sentenceOf(error)} (it was to say: ${letter.because})`;
    return putOff(because, null);
  }
}

function queuedKey({ pair, site, hint: { key, kind, timeMillis } }: HeardKey): QueuedKey {
  const deletedMillis = kind === 'deleted' ? timeMillis : null;
  return { pair: pair.name, key, site, sinceMillis: timeMillis, deletedMillis, failedSeconds: 0 };
}

/** Keys that several records speak of, each once. */
export function eachOnce(keys: readonly QueuedKey[]): QueuedKey[] {
  const found = new Map<string, QueuedKey>();
  for (const key of keys) {
    const name = `${key.pair}/${key.key}`;
    const known = found.get(name);
    found.set(name, known ? together(known, key) : key);
  }
  return [...found.values()];
}

/** It waits since the first of them, and was deleted by the last that says so. */
function together(one: QueuedKey, other: QueuedKey): QueuedKey {
  const deleted = [one, other].flatMap(({ deletedMillis }) => (deletedMillis === null ? [] : [deletedMillis]));
  return {
    ...one,
    sinceMillis: Math.min(one.sinceMillis, other.sinceMillis),
    deletedMillis: deleted.length === 0 ? null : Math.max(...deleted),
  };
}

function putOff(because: string, key: QueuedKey | null): PutOff {
  return { kind: 'put-off', tried: true, because, atLeastSeconds: 0, key };
}

function nameOf({ hint }: HeardKey): string {
  return `${hint.bucket}/${hint.key}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
