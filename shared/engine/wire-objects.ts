// Wiring of the functions that replicate objects, the same in both clouds: one flow around the adapters that its cloud's wiring opens.
import { type Config, loadStrategy } from '../config.ts';
import { type ObjectQueue, objectQueue } from '../model/object-queues.ts';
import type { Provider, SiteName } from '../model/site.ts';
import { type ObjectReplication, type Site, type Strategy, siteOf } from '../model/strategy.ts';
import { createBreaker } from '../objects/breaker.ts';
import type { Delivery } from '../objects/heard-records.ts';
import { createIntake, type IntakeDeps } from '../objects/intake.ts';
import type { Noted } from '../objects/noted.ts';
import { createSlots } from '../objects/slots.ts';
import { createStatusNotes } from '../objects/status/record-notes.ts';
import { createStatusRecorder } from '../objects/status/status-recorder.ts';
import { type Ticked, tick } from '../objects/window.ts';
import { createWindowMarks } from '../objects/window-marks.ts';
import { createWorker } from '../objects/worker.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { KeyQueue } from '../ports/key-queue.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Compared } from './compare-pairs.ts';
import { lazily } from './lazily.ts';
import { createJsonLog, type Log } from './log.ts';
import { createNoteLog } from './object-notes.ts';
import { createPairs } from './object-pairs.ts';
import { storeBeside } from './store-beside.ts';
import { systemChance, systemClock } from './system.ts';

export type FailedMessage<Message> = { message: Message; afterSeconds: number; because: string };

export type ObjectFlow = {
  /** Answers with the messages that must come again; never rejects. */
  takeIn<Message extends Delivery>(
    messages: readonly Message[],
    remainingSeconds: number,
  ): Promise<FailedMessage<Message>[]>;
  tick(remainingSeconds: number): Promise<Ticked>;
  compare(remainingSeconds: number): Promise<Compared[]>;
  /** The queue of the site's storage events, and where it is. */
  eventsQueue: string;
  region: string;
  log: Log;
};

/** Of an invocation: what is left for writing down how far it came. */
const reserveSeconds = 5;
/** Small objects at once in a process: requests in flight hide how far away the other cloud is. */
const keysAtOnce = 16;

/** `open` makes the adapters of both clouds. Nothing is called yet. Throws on a strategy that replicates nothing here. */
export function wireObjectFlow(
  config: Config,
  write: (line: string) => void,
  open: (say: (sentence: string) => void) => Record<Provider, Cloud>,
  openMetrics: (site: Site) => Promise<Metrics>,
): ObjectFlow {
  const strategy = loadStrategy(config.strategyFile);
  const log = createJsonLog(write, systemClock, { site: config.site });
  const clouds = open((sentence) => log('INFO', sentence));
  const here = siteOf(strategy, config.site);
  const cloud = clouds[here.provider];
  const objects = replicationOf(strategy);
  const nameOf = (queue: ObjectQueue) => queueName(objects, here.name, queue);
  const openQueue = memoized((name) => lazyQueue(name, () => cloud.keyQueue(here, name)));
  // Where windows are marked, and what processes say of themselves is kept.
  const store = storeBeside(strategy, here, cloud);
  const recorder = createStatusRecorder({ store, site: here.name, process: systemChance.id(), clock: systemClock });
  const [toLog, toFigures] = [createNoteLog(log), createStatusNotes(recorder, systemClock)];
  const noted: Noted = (note) => {
    toLog(note);
    toFigures(note);
  };
  const deps = {
    ...base(strategy, config.site, clouds, noted),
    pairs: objects.pairs,
    windowQueue: (pair, tier) => openQueue(nameOf({ kind: 'window', pair: pair.name, tier: tier.name })),
    again: openQueue(nameOf({ kind: 'again' })),
    dead: lazyDead(() => cloud.deadLetters(here, nameOf({ kind: 'dead' }))),
  } satisfies IntakeDeps;
  const intake = createIntake(deps);
  const marks = createWindowMarks(store, here.name);
  const look = lazily(async () => {
    const [{ openLook }, metrics] = await Promise.all([import('./object-look.ts'), openMetrics(here)]);
    const queueOf = (queue: ObjectQueue) => openQueue(nameOf(queue));
    return openLook({ config, strategy, objects, clouds, store, recorder, queueOf, metrics });
  });
  const until = (remainingSeconds: number) => systemClock.elapsedSeconds() + remainingSeconds - reserveSeconds;
  return {
    async takeIn(messages, remainingSeconds) {
      const handled = await intake(messages, until(remainingSeconds));
      await recorder.flush({ now: false });
      return messages.flatMap((message, index) => {
        const one = handled[index];
        return one?.kind === 'again' ? [{ message, afterSeconds: one.afterSeconds, because: one.because }] : [];
      });
    },
    async tick(remainingSeconds) {
      const untilSeconds = until(remainingSeconds);
      // Looking comes first: a window that takes all of the time must not keep anybody from hearing that nothing moves.
      const looked = await (await look())();
      const ticked = await tick({ ...deps, marks }, untilSeconds);
      await recorder.flush({ now: true });
      const trouble = [...looked, ...ticked.trouble];
      for (const because of trouble) log('WARNING', because);
      return { ...ticked, trouble };
    },
    async compare(remainingSeconds) {
      const untilSeconds = until(remainingSeconds);
      const { comparePairs } = await import('./compare-pairs.ts');
      const parts = { strategy, here, clouds, store, clock: systemClock, chance: systemChance, log };
      return comparePairs(parts, untilSeconds);
    },
    eventsQueue: nameOf({ kind: 'events' }),
    region: here.region,
    log,
  };
}

function base(strategy: Strategy, site: SiteName, clouds: Record<Provider, Cloud>, noted: Noted) {
  const clock = systemClock;
  const worker = createWorker({
    replicate: createPairs(strategy, clouds, clock),
    breaker: createBreaker(clock),
    slots: createSlots(keysAtOnce),
    clock,
    noted,
  });
  return { site, worker, noted, clock, chance: systemChance };
}

function replicationOf({ objects }: Strategy): ObjectReplication {
  if (objects) return objects;
  throw new Error('the strategy replicates no objects: write its section `objects`, or do not deploy this function');
}

function queueName(objects: ObjectReplication, site: SiteName, queue: ObjectQueue): string {
  const name = objectQueue(objects, site, queue);
  if (name !== null) return name;
  throw new Error(`the strategy names no queues of ${site}: write where they are as objects.queues.${site}`);
}

function memoized<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const found = made.get(name) ?? make(name);
    made.set(name, found);
    return found;
  };
}

function lazyQueue(name: string, open: () => Promise<KeyQueue>): KeyQueue {
  const queue = lazily(open);
  return {
    name,
    push: async (keys, options) => (await queue()).push(keys, options),
    take: async (limit, holdSeconds) => (await queue()).take(limit, holdSeconds),
    depth: async () => (await queue()).depth(),
  };
}

function lazyDead(open: () => Promise<DeadLetters>): DeadLetters {
  const dead = lazily(open);
  return { put: async (letters) => (await dead()).put(letters) };
}
