// The journal: appending through failing stores, reading it back, and finding what was tampered with.
import { beforeEach, describe, expect, it } from 'vitest';
import { createJournal, type JournalOptions } from '../../../shared/engine/journal.ts';
import { hashOf } from '../../../shared/engine/journal-chain.ts';
import type { JournalTrouble } from '../../../shared/engine/journal-copy.ts';
import { readJournal } from '../../../shared/engine/journal-read.ts';
import { compareJournals, verifyJournal } from '../../../shared/engine/journal-verify.ts';
import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import { JournalEntry, type JournalEvent } from '../../../shared/model/journal.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import {
  createFakeBucket,
  createFakeObjectStore,
  type FakeBucket,
  type StoreFault,
} from '../../support/fake-object-store.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

const met = (message: string): JournalEvent => ({ kind: 'trouble-met', where: 'a test', message });
const chain = '20261123T120000000Z-keeper.1';
const key = (sequence: number) => `journal/${chain}/${String(sequence).padStart(10, '0')}.json`;

let time: VirtualTime;
let clock: Clock;
let s3: FakeBucket;
let gcs: FakeBucket;
let fault: { 'aws-s3': StoreFault | null; 'gcp-gcs': StoreFault | null };
let troubles: JournalTrouble[];

beforeEach(() => {
  time = createVirtualTime('2026-11-23T12:00:00.000Z');
  clock = time.clock;
  s3 = createFakeBucket('content');
  gcs = createFakeBucket('unique');
  fault = { 'aws-s3': null, 'gcp-gcs': null };
  troubles = [];
});

const storesOn = (on: Clock) => [
  createFakeObjectStore({ name: 'aws-s3', bucket: s3, clock: on, faults: () => fault['aws-s3'] }),
  createFakeObjectStore({ name: 'gcp-gcs', bucket: gcs, clock: on, faults: () => fault['gcp-gcs'] }),
];
const journalOf = (more: Partial<JournalOptions> = {}) =>
  createJournal({
    stores: storesOn(clock),
    appender: 'keeper.1',
    clock,
    onTrouble: (trouble) => troubles.push(trouble),
    ...more,
  });
const [s3Store, gcsStore] = [() => storesOn(clock)[0]!, () => storesOn(clock)[1]!];
const advance = (seconds: number) => time.runUntil(clock.elapsedSeconds() + seconds);
const kinds = () => troubles.map(({ store, kind }) => `${store} ${kind}`);

async function appendSome(count: number, more: Partial<JournalOptions> = {}) {
  const journal = journalOf(more);
  for (let number = 0; number < count; number++) await journal.append(met(`event ${number}`), 7);
  return journal;
}

/** Rewrites a stored entry; `rehash` as somebody would who knows how the chain is made. */
function tamper(bucket: FakeBucket, sequence: number, rehash: boolean) {
  const stored = bucket.objects.get(key(sequence))!;
  const entry = { ...JournalEntry.parse(JSON.parse(stored.body)), event: met('nothing happened') };
  const body = canonicalJson(rehash ? { ...entry, hash: hashOf(entry) } : entry);
  bucket.objects.set(key(sequence), { ...stored, body });
}

describe('appending', () => {
  it('writes one object per entry to every store, each linked to the one before', async () => {
    await appendSome(3);
    expect([...s3.objects.keys()]).toEqual([key(0), key(1), key(2)]);
    const entries = [...s3.objects.values()].map(({ body }) => JournalEntry.parse(JSON.parse(body)));
    expect(entries[0]).toMatchObject({
      appender: chain,
      sequence: 0,
      epoch: 7,
      previousHash: '0'.repeat(64),
      at: '2026-11-23T12:00:00.000Z',
    });
    expect(entries[2]!.previousHash).toBe(entries[1]!.hash);
    expect([...gcs.objects].map(([name, { body }]) => [name, body])).toEqual(
      [...s3.objects].map(([name, { body }]) => [name, body]),
    );
    expect(troubles).toEqual([]);
  });

  it('keeps for a store what it could not take, says so once, and catches it up', async () => {
    const journal = await appendSome(1);
    fault['gcp-gcs'] = { kind: 'unknown-before' };
    await journal.append(met('one'), 7);
    await journal.append(met('two'), 7);
    expect([s3.objects.size, gcs.objects.size]).toEqual([3, 1]);
    expect(kinds()).toEqual(['gcp-gcs unreachable']);
    expect(await journal.flush(1)).toEqual([
      { store: 'aws-s3', waiting: 0 },
      { store: 'gcp-gcs', waiting: 2 },
    ]);
    fault['gcp-gcs'] = null;
    await journal.flush(1);
    expect(kinds()).toEqual(['gcp-gcs unreachable', 'gcp-gcs recovered']);
    expect((await compareJournals([s3Store(), gcsStore()])).disagreements).toEqual([]);
    expect(gcs.objects.size).toBe(3);
  });

  it('knows its own entry when the answer to the write was lost', async () => {
    const journal = journalOf();
    fault['aws-s3'] = { kind: 'unknown-after' };
    await journal.append(met('lost'), 7);
    fault['aws-s3'] = null;
    await journal.append(met('next'), 7);
    expect(kinds()).toEqual(['aws-s3 unreachable', 'aws-s3 recovered']);
    expect((await verifyJournal(s3Store())).problems).toEqual([]);
  });

  it('keeps an entry that was a conflict and is not there, until it is written', async () => {
    const journal = journalOf();
    fault['aws-s3'] = { kind: 'conflict' };
    await journal.append(met('raced'), 7);
    expect(kinds()).toEqual(['aws-s3 unreachable']);
    fault['aws-s3'] = null;
    expect(await journal.flush(1)).toMatchObject([{ waiting: 0 }, { waiting: 0 }]);
    expect(s3.objects.size).toBe(1);
  });

  it('waits for a store that hangs once and for a bounded time, and not again until it has caught up', async () => {
    const journal = journalOf({ waitSeconds: 2 });
    fault['gcp-gcs'] = { kind: 'delay', at: 'before', seconds: 60 };
    const waited: number[] = [];
    const appending = (async () => {
      for (let number = 0; number < 3; number++) {
        const from = time.clock.elapsedSeconds();
        await journal.append(met(`event ${number}`), 7);
        waited.push(time.clock.elapsedSeconds() - from);
      }
    })();
    await time.runUntil(10);
    await appending;
    expect(waited).toEqual([2, 0, 0]);
    expect(kinds()).toEqual(['gcp-gcs late']);
    await time.runUntil(300);
    expect(kinds()).toEqual(['gcp-gcs late', 'gcp-gcs recovered']);
    expect([s3.objects.size, gcs.objects.size]).toEqual([3, 3]);
  });

  it('says what it drops when too much waits, and the gap shows', async () => {
    fault['gcp-gcs'] = { kind: 'unknown-before' };
    const journal = await appendSome(5, { maxWaiting: 3 });
    expect(kinds()).toEqual(['gcp-gcs unreachable', 'gcp-gcs dropped', 'gcp-gcs dropped']);
    fault['gcp-gcs'] = null;
    await journal.flush(1);
    expect((await verifyJournal(gcsStore())).problems).toMatchObject([
      { kind: 'gap', because: 'entries 0 to 1 are missing before entry 2' },
    ]);
    expect((await verifyJournal(s3Store())).problems).toEqual([]);
  });

  it('tells of two processes that append under one name', async () => {
    await journalOf().append(met('mine'), 7);
    await journalOf().append(met('theirs'), 7);
    expect(kinds()).toEqual(['aws-s3 forked', 'gcp-gcs forked']);
    expect(troubles[0]!.message).toContain(`aws-s3: ${key(0)} is there with other content`);
  });

  it('keeps the order when events come faster than the stores answer', async () => {
    const journal = journalOf();
    await Promise.all(Array.from({ length: 20 }, (_, number) => journal.append(met(`event ${number}`), 7)));
    const { entries } = await readJournal(s3Store(), { appender: null, since: null, limit: 100 });
    expect(entries.map(({ event }) => event)).toEqual(
      Array.from({ length: 20 }, (_, number) => met(`event ${number}`)),
    );
    expect(await compareJournals([s3Store(), gcsStore()])).toMatchObject({ disagreements: [], unread: [] });
  });

  it('begins a new chain after a day', async () => {
    const journal = await appendSome(2);
    await advance(24 * 3600 + 1);
    await journal.append(met('the next day'), 8);
    const report = await verifyJournal(s3Store());
    expect(report.problems).toEqual([]);
    expect(report.chains.map((one) => [one.chain, one.entries])).toEqual([
      [chain, 2],
      ['20261124T120001000Z-keeper.1', 1],
    ]);
  });

  it('refuses an appender that cannot be part of a key', () => {
    expect(() => journalOf({ appender: 'a/b' })).toThrow(/"a\/b" cannot name a journal's appender/);
  });
});

describe('reading', () => {
  it('answers the newest entries of all chains in order of time', async () => {
    const one = journalOf();
    const other = journalOf({ appender: 'lookout.9' });
    for (let number = 0; number < 4; number++) {
      await (number % 2 ? other : one).append(met(`event ${number}`), 7);
      await advance(60);
    }
    const read = async (more: object) => {
      const { entries } = await readJournal(s3Store(), { appender: null, since: null, limit: 100, ...more });
      return entries.map(({ event }) => (event.kind === 'trouble-met' ? event.message : event.kind));
    };
    expect(await read({})).toEqual(['event 0', 'event 1', 'event 2', 'event 3']);
    expect(await read({ limit: 3 })).toEqual(['event 1', 'event 2', 'event 3']);
    expect(await read({ appender: 'lookout.9' })).toEqual(['event 1', 'event 3']);
    expect(await read({ since: new Date('2026-11-23T12:02:00Z') })).toEqual(['event 2', 'event 3']);
  });

  it('passes over the chains of days before without reading them, and shows what cannot be read', async () => {
    await appendSome(2);
    await advance(3 * 24 * 3600);
    await appendSome(1);
    const old = key(0);
    s3.objects.set(old, { ...s3.objects.get(old)!, body: 'not JSON' });
    const recent = await readJournal(s3Store(), { appender: null, since: clock.now(), limit: 10 });
    expect([recent.entries.length, recent.unreadable]).toEqual([1, []]);
    const all = await readJournal(s3Store(), { appender: null, since: null, limit: 10 });
    expect(all.entries).toHaveLength(2);
    expect(all.unreadable.map((one) => one.key)).toEqual([old]);
  });

  it('throws when the store does not answer', async () => {
    fault['aws-s3'] = { kind: 'unknown-before' };
    await expect(readJournal(s3Store(), { appender: null, since: null, limit: 1 })).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
  });
});

describe('verifying one store', () => {
  const problems = async () =>
    (await verifyJournal(s3Store())).problems.map(({ kind, sequence }) => `${kind} at ${sequence}`);

  beforeEach(() => appendSome(5));

  it('finds nothing in a sound chain, and says how far it goes', async () => {
    expect(await verifyJournal(s3Store(), 'keeper.1')).toMatchObject({
      store: 'aws-s3',
      problems: [],
      chains: [{ chain, entries: 5 }],
    });
    expect((await verifyJournal(s3Store(), 'somebody else')).chains).toEqual([]);
  });

  it('finds an altered entry', async () => {
    tamper(s3, 2, false);
    expect(await problems()).toEqual(['altered at 2']);
  });

  it('finds an altered entry that was given a new hash, by the entry after it', async () => {
    tamper(s3, 2, true);
    expect(await problems()).toEqual(['fork at 3']);
  });

  it('finds a field that was added', async () => {
    const stored = s3.objects.get(key(1))!;
    s3.objects.set(key(1), { ...stored, body: stored.body.replace('{', '{"approved":true,') });
    expect(await problems()).toEqual(['altered at 1']);
  });

  it('finds removed entries', async () => {
    s3.objects.delete(key(1));
    s3.objects.delete(key(2));
    const report = await verifyJournal(s3Store());
    expect(report.problems).toMatchObject([
      { kind: 'gap', sequence: 3, because: 'entries 1 to 2 are missing before entry 3' },
    ]);
  });

  it('finds an entry that was put in the place of another', async () => {
    s3.objects.set(key(3), s3.objects.get(key(1))!);
    expect(await problems()).toEqual(['misplaced at 3', 'fork at 3', 'fork at 4']);
  });

  it('finds what is not an entry', async () => {
    s3.objects.set(key(4), { body: '{}', version: 'x', cacheControl: null });
    expect(await problems()).toEqual(['unreadable at 4']);
  });
});

describe('comparing stores', () => {
  const compare = () => compareJournals([s3Store(), gcsStore()]);
  beforeEach(() => appendSome(3));

  it('says in which store an entry was altered', async () => {
    tamper(gcs, 1, false);
    const { disagreements } = await compare();
    expect(disagreements).toMatchObject([{ sequence: 1, kind: 'differs' }]);
    expect(disagreements[0]!.because).toMatch(/the one in gcp-gcs does not fit its own hash and was altered/);
  });

  it('finds a chain that was rewritten to its end, which its own store cannot show', async () => {
    tamper(gcs, 2, true);
    expect((await verifyJournal(gcsStore())).problems).toEqual([]);
    const { disagreements } = await compare();
    expect(disagreements).toMatchObject([{ sequence: 2, kind: 'differs' }]);
    expect(disagreements[0]!.because).toMatch(/each fits its own hash/);
  });

  it('finds a chain that was cut short, and names the store', async () => {
    s3.objects.delete(key(2));
    const { disagreements } = await compare();
    expect(disagreements).toEqual([
      { chain, sequence: 2, kind: 'missing', because: 'entry 2 is in gcp-gcs and missing in aws-s3' },
    ]);
  });

  it('says which store could not be read, and verifies the other', async () => {
    fault['gcp-gcs'] = { kind: 'unknown-before' };
    const { unread, reports, disagreements } = await compare();
    expect(unread).toMatchObject([{ store: 'gcp-gcs', because: expect.stringContaining('StoreUnavailable') }]);
    expect([reports.length, disagreements]).toEqual([1, []]);
  });
});
