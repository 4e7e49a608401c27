// The records of a site's processes, read back: those of the last minutes, and old ones cleared away.
import type { SiteName } from '../../model/site.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { MINUTE_MILLIS, minuteOf, minutePrefix, StatusRecord, statusPrefix } from './status-record.ts';

export type ReadRecords = { records: StatusRecord[] /** Keys that this version cannot read. */; unreadable: string[] };

const READS_AT_ONCE = 32;
const MOST_RECORDS = 20_000;

/** The current minute and `minutes` before it. Throws `StoreUnavailable`. */
export async function readRecords(
  store: ObjectStore,
  site: SiteName,
  now: Date,
  minutes: number,
): Promise<ReadRecords> {
  const from = minutePrefix(site, minuteOf(now) - minutes * MINUTE_MILLIS);
  const keys = await store.list(statusPrefix(site), { startAfter: from, limit: MOST_RECORDS });
  const records: StatusRecord[] = [];
  const unreadable: string[] = [];
  for (let at = 0; at < keys.length; at += READS_AT_ONCE) {
    const read = await Promise.all(keys.slice(at, at + READS_AT_ONCE).map((key) => readRecord(store, key)));
    records.push(...read.flatMap((one) => (one.kind === 'record' ? [one.record] : [])));
    unreadable.push(...read.flatMap((one) => (one.kind === 'unreadable' ? [one.key] : [])));
  }
  return { records, unreadable };
}

type Read = { kind: 'record'; record: StatusRecord } | { kind: 'unreadable'; key: string } | { kind: 'gone' };

async function readRecord(store: ObjectStore, key: string): Promise<Read> {
  const found = await store.get(key);
  if (found === null) return { kind: 'gone' };
  try {
    return { kind: 'record', record: StatusRecord.parse(JSON.parse(found.body)) };
  } catch {
    // Told to whoever asked, beside what could be read.
    return { kind: 'unreadable', key };
  }
}

/** Removes records older than `hours`, at most `limit` at a time. Answers how many. Throws `StoreUnavailable`. */
export async function clearRecords(
  store: ObjectStore,
  site: SiteName,
  now: Date,
  { hours, limit }: { hours: number; limit: number },
): Promise<number> {
  const before = minutePrefix(site, minuteOf(now) - hours * 60 * MINUTE_MILLIS);
  const keys = await store.list(statusPrefix(site), { startAfter: null, limit });
  const old = keys.filter((key) => key < before);
  for (let at = 0; at < old.length; at += READS_AT_ONCE) {
    await Promise.all(old.slice(at, at + READS_AT_ONCE).map((key) => store.remove(key)));
  }
  return old.length;
}
