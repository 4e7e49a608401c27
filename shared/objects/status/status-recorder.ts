// The recorder of a process: notes what became of keys, and puts its minute into the site's store now and then.
import { canonicalJson } from '../../model/canonical-json.ts';
import type { SiteName } from '../../model/site.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../../ports/object-store.ts';
import { addLag } from './lag-histogram.ts';
import { emptyTierRecord, minuteOf, recordKey, type StatusRecord, type TierRecord } from './status-record.ts';

export type Noted =
  /** `lagSeconds`: since it could have been replicated for the first time. */
  | { kind: 'replicated'; bytes: number; lagSeconds: number }
  /** Looked at, and there was nothing to do: progress, too. */
  | { kind: 'alike' }
  | { kind: 'failed'; reason: string }
  | { kind: 'retried' }
  | { kind: 'conflict' }
  | { kind: 'dead-letter'; reason: string }
  /** A key that was put off, and since when it has waited. */
  | { kind: 'waiting'; sinceMillis: number }
  /** How many keys the tier's queue holds: asked by the tick, once a minute. */
  | { kind: 'queued'; keys: number };

export type StatusRecorder = {
  note(pair: string, tier: string, noted: Noted): void;
  /**
   * Puts what was noted into the store, at most every 10 s unless `now`: an invocation ends with it. A store that does not answer
   * is no reason for an invocation to fail: what was noted is put with the next.
   */
  flush(options: { now: boolean }): Promise<void>;
};

export type RecorderOptions = {
  store: ObjectStore;
  site: SiteName /** Names this process and no other. */;
  process: string;
  clock: Clock;
};

const FLUSH_SECONDS = 10;
/** Minutes that wait for a store that does not answer. */
const MOST_MINUTES = 60;

export function createStatusRecorder({ store, site, process, clock }: RecorderOptions): StatusRecorder {
  /** By minute, oldest first: the current one, and those that the store has not taken. */
  const minutes = new Map<number, Map<string, TierRecord>>();
  let flushedSeconds = Number.NEGATIVE_INFINITY;

  function recordOf(pair: string, tier: string): TierRecord {
    const minute = minuteOf(clock.now());
    let tiers = minutes.get(minute);
    if (!tiers) {
      tiers = new Map();
      minutes.set(minute, tiers);
      const [oldest] = minutes.keys();
      if (minutes.size > MOST_MINUTES && oldest !== undefined) minutes.delete(oldest);
    }
    const name = `${pair} ${tier}`;
    const record = tiers.get(name) ?? emptyTierRecord(pair, tier);
    tiers.set(name, record);
    return record;
  }

  return {
    note: (pair, tier, noted) => add(recordOf(pair, tier), noted, clock.now().getTime()),
    async flush({ now }) {
      const elapsed = clock.elapsedSeconds();
      if (!now && elapsed - flushedSeconds < FLUSH_SECONDS) return;
      flushedSeconds = elapsed;
      const current = minuteOf(clock.now());
      for (const [minuteMillis, tiers] of minutes) {
        const record: StatusRecord = { schema: 1, site, process, minuteMillis, tiers: [...tiers.values()] };
        if (!(await put(store, record))) return;
        // A minute that is over is whole; the current one is put again, grown.
        if (minuteMillis < current) minutes.delete(minuteMillis);
      }
    },
  };
}

async function put(store: ObjectStore, record: StatusRecord): Promise<boolean> {
  try {
    await store.put(recordKey(record), canonicalJson(record), {
      condition: { kind: 'none' },
      contentType: 'application/json',
      cacheControl: 'no-store',
    });
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailable) return false;
    throw error;
  }
}

function add(record: TierRecord, noted: Noted, nowMillis: number): void {
  switch (noted.kind) {
    case 'replicated':
      record.replicated += 1;
      record.bytes += noted.bytes;
      record.lastDoneMillis = nowMillis;
      addLag(record.lag, noted.lagSeconds);
      return;
    case 'alike':
      record.lastDoneMillis = nowMillis;
      return;
    case 'failed':
      record.failures[noted.reason] = (record.failures[noted.reason] ?? 0) + 1;
      return;
    case 'retried':
      record.retries += 1;
      return;
    case 'conflict':
      record.conflicts += 1;
      return;
    case 'dead-letter':
      record.deadLetters += 1;
      record.failures[noted.reason] = (record.failures[noted.reason] ?? 0) + 1;
      return;
    case 'waiting':
      record.waitingSinceMillis = Math.min(noted.sinceMillis, record.waitingSinceMillis ?? noted.sinceMillis);
      return;
    case 'queued':
      record.queued = noted.keys;
  }
}
