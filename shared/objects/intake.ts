// A batch of storage events: each record is ignored, replicated at once, left to its tier's window, or buried with its reason; each for itself.
import type { HeardObject } from '../model/object-hint.ts';
import type { BucketPair, ObjectHint, ReplicationTier } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';
import type { KeyQueue, QueuedKey } from '../ports/key-queue.ts';
import { backOffSeconds, isOver, retryBudgetSeconds } from './backoff.ts';
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

export type Handled = { kind: 'done' } | { kind: 'again'; afterSeconds: number; because: string };

export type IntakeDeps = {
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
  chance: Chance;
};

/** Answers for each delivery, in their order; never rejects. */
export type Intake = (deliveries: readonly Delivery[], untilSeconds: number) => Promise<Handled[]>;

/** `what`, of a put-off record: what its dead letter would be about. */
type PutOff = { kind: 'put-off'; because: string; atLeastSeconds: number; what: string };
type Ending = { kind: 'done' } | PutOff;
type Routed = { route: Route; delivery: Delivery };
type Endings = Map<Routed, Promise<Ending>>;

const done: Ending = { kind: 'done' };

export function createIntake(deps: IntakeDeps): Intake {
  return async (deliveries, untilSeconds) => {
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
    return Promise.all(
      deliveries.map(async (delivery, index) => {
        const ended = await Promise.all((routed[index] ?? []).map((one) => endings.get(one) ?? done));
        return conclude(deps, delivery, ended);
      }),
    );
  };
}

/** One push for all keys of a queue, each key once. */
function leaveToWindows(deps: IntakeDeps, routed: readonly Routed[], endings: Endings): void {
  const byQueue = new Map<KeyQueue, { of: HeardKey; records: Routed[]; keys: Map<string, QueuedKey> }>();
  for (const one of routed) {
    if (one.route.kind !== 'window') continue;
    const { of } = one.route;
    const queue = deps.windowQueue(of.pair, of.tier);
    const group = byQueue.get(queue) ?? { of, records: [], keys: new Map<string, QueuedKey>() };
    byQueue.set(queue, group);
    group.records.push(one);
    const queued = queuedKey(of);
    const known = group.keys.get(queued.key);
    group.keys.set(queued.key, known ? together(known, queued) : queued);
  }
  for (const [queue, { of, records, keys }] of byQueue) {
    const pushed = queue.push([...keys.values()], { delaySeconds: 0 }).then(
      () => {
        deps.noted({ kind: 'collected', pair: of.pair.name, tier: of.tier.name, keys: keys.size });
        return done;
      },
      (error: unknown) =>
        putOff(`the queue ${queue.name} did not take its keys: ${sentenceOf(error)}`, [...keys.keys()].join(', ')),
    );
    for (const one of records) endings.set(one, pushed);
  }
}

/** Each key once, however many records speak of it: all of them are answered by one look. */
function replicateNow(deps: IntakeDeps, routed: readonly Routed[], untilSeconds: number, endings: Endings): void {
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
  deps: IntakeDeps,
  of: HeardKey,
  records: readonly Routed[],
  untilSeconds: number,
): Promise<Ending> {
  const { pair, tier, site } = of;
  const hints = records.flatMap((one) => (one.route.kind === 'now' ? [one.route.of.hint] : []));
  const task = {
    pair,
    tier,
    key: of.hint.key,
    heard: { site, hint: mostTelling(hints) ?? of.hint },
    dueMillis: Math.min(...hints.map(({ timeMillis }) => timeMillis)),
    retried: records.some((one) => one.delivery.redelivered),
  };
  const worked = await deps.worker(task, untilSeconds);
  switch (worked.kind) {
    case 'settled':
      return done;
    case 'put-off':
      return { ...putOff(worked.because, nameOf(of)), atLeastSeconds: worked.atLeastSeconds };
    case 'refused':
      return bury(deps, { reason: worked.reason, because: worked.because, what: nameOf(of) }, of);
    case 'unfinished':
      return deps.again.push([queuedKey(of)], { delaySeconds: 0 }).then(
        () => done,
        (error: unknown) =>
          putOff(`what is left of it could not be queued with ${deps.again.name}: ${sentenceOf(error)}`, nameOf(of)),
      );
  }
}

/** Of a key that is written looking tells everything; of one that was deleted, the event may be all that there is. */
function mostTelling(hints: readonly ObjectHint[]): ObjectHint | undefined {
  return hints.filter(({ kind }) => kind === 'deleted').sort((one, other) => other.timeMillis - one.timeMillis)[0];
}

async function bury(deps: IntakeDeps, letter: DeadLetter, of: HeardKey | null): Promise<Ending> {
  try {
    await deps.dead.put([letter]);
    deps.noted({ kind: 'buried', pair: of?.pair.name ?? null, tier: of?.tier.name ?? null, ...letter });
    return done;
  } catch (error) {
    return putOff(
      `its dead letter could not be written: ${sentenceOf(error)} (it was to say: ${letter.because})`,
      letter.what,
    );
  }
}

/** The whole message comes again when one of its records must; until that has gone on for too long. */
async function conclude(deps: IntakeDeps, delivery: Delivery, endings: readonly Ending[]): Promise<Handled> {
  const open = endings.filter((one) => one.kind === 'put-off');
  const [worst] = open.sort((one, other) => other.atLeastSeconds - one.atLeastSeconds);
  if (!worst) return { kind: 'done' };
  const { because, atLeastSeconds } = worst;
  const waitedSeconds = Math.max(0, deps.clock.now().getTime() - firstMillisOf(delivery, deps.clock)) / 1000;
  if (isOver(waitedSeconds)) {
    const letter = {
      reason: 'given-up',
      because: `tried for ${Math.round(waitedSeconds)} s, and ${retryBudgetSeconds} s is the limit; the last time: ${because}`,
      what: [...new Set(open.map((one) => one.what))].join(', '),
    };
    if ((await bury(deps, letter, null)) === done) return { kind: 'done' };
  }
  const afterSeconds = Math.max(backOffSeconds(waitedSeconds, deps.chance), atLeastSeconds);
  return { kind: 'again', afterSeconds, because };
}

function firstMillisOf({ firstMillis, heard }: Delivery, clock: Clock): number {
  const times = heard.flatMap((one) => (one.kind === 'hint' ? [one.hint.timeMillis] : []));
  return firstMillis ?? Math.min(clock.now().getTime(), ...times);
}

function queuedKey({ pair, site, hint: { key, kind, timeMillis } }: HeardKey): QueuedKey {
  const deletedMillis = kind === 'deleted' ? timeMillis : null;
  return { pair: pair.name, key, site, sinceMillis: timeMillis, deletedMillis };
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

function putOff(because: string, what: string): PutOff {
  return { kind: 'put-off', because, atLeastSeconds: 0, what };
}

function nameOf({ hint }: HeardKey): string {
  return `${hint.bucket}/${hint.key}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
