// `causeway journal`: shown from whatever store has it, followed as it grows, and verified across the stores.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalStores, openEstate } from '../../../infra/cli/open.ts';
import { createJournal } from '../../../shared/engine/journal.ts';
import { systemClock } from '../../../shared/engine/system.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import { eventually } from '../../support/test-postgres.ts';
import { startEstate, type TestEstate } from './estate.ts';

let estate: TestEstate;
let stores: ObjectStore[];
beforeEach(async () => {
  estate = await startEstate();
  stores = journalStores(openEstate(estate.terminal(), {}));
});
afterEach(() => estate?.close());

const journal = (appender: string, at = new Date()) =>
  createJournal({ stores, appender, clock: { ...systemClock, now: () => at }, onTrouble: () => undefined });
const trouble = (message: string) => ({ kind: 'trouble-met' as const, where: 'testing', message });
const entriesOf = (out: string) => out.trim().split('\n');

describe('journal show', () => {
  it('an empty journal is no failure', async () => {
    expect(await estate.causeway('journal', 'show')).toMatchObject({ out: 'the journal is empty\n', code: 0 });
  });

  it('shows the chains of all appenders in the order of time, each entry in one line', async () => {
    await journal('gcp-2', new Date('2026-11-23T03:00:02Z')).append(trouble('second'), 2);
    await journal('aws-1', new Date('2026-11-23T03:00:01Z')).append(trouble('first'), 1);
    const { out, code } = await estate.causeway('journal', 'show');
    expect(code).toBe(0);
    expect(entriesOf(out)).toEqual([
      '2026-11-23 03:00:01Z  aws-1                 e1   trouble-met: testing: first',
      '2026-11-23 03:00:02Z  gcp-2                 e2   trouble-met: testing: second',
    ]);
  });

  it('takes --since, --appender and --limit', async () => {
    const old = journal('aws-1', new Date(Date.now() - 7_200_000));
    await old.append(trouble('long ago'), 1);
    const now = journal('gcp-2');
    for (const message of ['one', 'two', 'three']) await now.append(trouble(message), 1);
    expect((await estate.causeway('journal', 'show', '--since', '1h')).out).not.toContain('long ago');
    expect(entriesOf((await estate.causeway('journal', 'show', '--limit', '2')).out)).toMatchObject([
      expect.stringContaining('two'),
      expect.stringContaining('three'),
    ]);
    const { out } = await estate.causeway('journal', 'show', '--appender', 'aws-1', '--json');
    expect(JSON.parse(out).entries).toMatchObject([{ event: { message: 'long ago' }, epoch: 1 }]);
    expect(await estate.causeway('journal', 'show', '--since', 'yesterday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('neither a duration such as 30m nor an instant'),
    });
  });

  it('with one store lost shows what the other has, and says so; with both lost it fails', async () => {
    await journal('aws-1').append(trouble('kept'), 1);
    estate.faults['s3-us-east-1'] = { kind: 'drop' };
    const half = await estate.causeway('journal', 'show');
    expect(half.code).toBe(1);
    expect(half.out).toContain('testing: kept');
    expect(half.out).toContain('! s3-us-east-1 could not be read, and may hold more');
    estate.faults['gcs-us-central1'] = { kind: 'drop' };
    expect((await estate.causeway('journal', 'show')).code).toBe(2);
  });

  it('follows what is new until it is stopped, each entry once', async () => {
    const appender = journal('aws-1');
    await appender.append(trouble('before'), 1);
    const following = estate.begin('journal', 'show', '--follow');
    await eventually('the first is shown', async () => following.said.out.includes('before'));
    await appender.append(trouble('after'), 1);
    await eventually('the new one is shown', async () => following.said.out.includes('after'));
    following.stop();
    const { out, code } = await following.ended;
    expect(code).toBe(0);
    expect(entriesOf(out)).toHaveLength(2);
  });
});

describe('journal verify', () => {
  it('a whole journal: exit 0 with the counts of each store', async () => {
    const appender = journal('aws-1');
    for (const message of ['one', 'two']) await appender.append(trouble(message), 1);
    const { out, code } = await estate.causeway('journal', 'verify');
    expect(code).toBe(0);
    expect(out).toMatch(/s3-us-east-1 +1 chains +2 entries +whole/);
    expect(out).toContain('sound: every chain is whole, and all stores agree');
  });

  it('an altered entry: exit 1, naming the store and the place', async () => {
    const appender = journal('aws-1');
    for (const message of ['one', 'two']) await appender.append(trouble(message), 1);
    const [aws] = stores;
    const [key] = await aws!.list('journal/', { startAfter: null, limit: 1 });
    const found = await aws!.get(key!);
    await aws!.put(key!, found!.body.replace('one', 'nothing'), {
      condition: { kind: 'none' },
      contentType: 'application/json',
      cacheControl: null,
    });
    const { out, code } = await estate.causeway('journal', 'verify');
    expect(code).toBe(1);
    expect(out).toMatch(/altered +s3-us-east-1 .*the content of entry 0 does not fit its hash/);
    expect(out).toMatch(/differs .*the one in s3-us-east-1 does not fit its own hash and was altered/);
  });

  it('an entry that one store misses: exit 1, naming both', async () => {
    await journal('aws-1').append(trouble('one'), 1);
    const [key] = await stores[1]!.list('journal/', { startAfter: null, limit: 1 });
    await stores[1]!.remove(key!);
    const { out, code } = await estate.causeway('journal', 'verify');
    expect(code).toBe(1);
    expect(out).toContain('entry 0 is in s3-us-east-1 and missing in gcs-us-central1');
  });

  it('a store that cannot be read: exit 2, and what is known is said', async () => {
    await journal('aws-1').append(trouble('one'), 1);
    estate.faults['gcs-us-central1'] = { kind: 'drop' };
    const { out, code } = await estate.causeway('journal', 'verify');
    expect(code).toBe(2);
    expect(out).toContain('what could be read is whole; the rest is not known');
  });
});
