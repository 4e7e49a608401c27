// `causeway readiness`, and what `causeway status` shows of it: the loudest first, with the way out, and an exit code that a script can trust.
import { afterEach, describe, expect, it } from 'vitest';
import { aSlot, standbyFacts, writerFacts } from '../../support/readiness.ts';
import { aHeartbeat } from '../../support/situation.ts';
import { allWell, report, startEstate, startLivingEstate, type TestEstate } from './estate.ts';

let estate: TestEstate;
afterEach(() => estate?.close());

const well = () => allWell(aHeartbeat({ number: 1 }));
const unlimited = writerFacts({ slotLimitBytes: null, slots: [aSlot({ retainedBytes: 3 * 1024 ** 3 })] });

async function unready(): Promise<TestEstate> {
  const started = await startLivingEstate(well);
  started.meanwhile = null;
  await report(started, 'aws', unlimited);
  await report(started, 'gcp', standbyFacts({ untold: ['shop.orders_id_seq'], unlogged: ['shop.cache'] }));
  return started;
}

describe('an estate that is ready', () => {
  it('says so with everything that was looked at, and exits 0', async () => {
    estate = await startLivingEstate(well);
    const { out, err, code } = await estate.causeway('readiness');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/^aws\n {2}ready {5}its keeper's word: is \d s old$/m);
    expect(out).toContain('  ready     following aws: applies what aws writes, by the slot causeway');
    expect(out).toContain('Ready.');
  });

  it('has one line for each site in the status', async () => {
    estate = await startLivingEstate(well);
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(0);
    expect(out).toMatch(/Readiness\n {2}aws {2}ready {2}7 things looked at\n {2}gcp {2}ready {2}8 things looked at/);
  });
});

describe('an estate that is not ready', () => {
  it('exits 1, and says the loudest first, each with its way out', async () => {
    estate = await unready();
    const { out, code } = await estate.causeway('readiness');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^aws\n {2}not-ready max_slot_wal_keep_size \(critical\): is -1, no limit: .* 3 GB are held back now\n {12}> set it to less than half/,
    );
    expect(out).toMatch(/noted {5}unlogged tables: shop.cache are unlogged/);
    expect(out).toContain('Not ready: 2 things need somebody.');
    const one = await estate.causeway('readiness', '--site', 'gcp');
    expect(one.out).not.toContain('no limit');
    expect(one.code).toBe(1);
    const json = JSON.parse((await estate.causeway('readiness', '--json')).out);
    expect(json).toMatchObject({
      application: 'go-pro',
      ready: false,
      findings: expect.arrayContaining([
        expect.objectContaining({
          site: 'aws',
          about: 'max_slot_wal_keep_size',
          verdict: 'not-ready',
          severity: 'critical',
        }),
      ]),
    });
  });

  it('stands at the top of the status, and makes it exit 1', async () => {
    estate = await unready();
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(1);
    expect(out).toMatch(/! readiness of aws \(critical\): max_slot_wal_keep_size: is -1, no limit/);
    expect(out).toMatch(/aws {2}not ready {2}1 of 7: max_slot_wal_keep_size\n/);
    expect(out).toMatch(/gcp {2}not ready {2}1 of 9: sequences; noted: unlogged tables\n/);
    expect(JSON.parse((await estate.causeway('status', '--once', '--json')).out).readiness[0]).toMatchObject({
      about: 'max_slot_wal_keep_size',
    });
  });

  it('a store that cannot be read makes its site unknown, and hides nothing of the other', async () => {
    estate = await unready();
    estate.faults['gcs-us-central1'] = { kind: 'drop' };
    const { out, code } = await estate.causeway('readiness');
    expect(code).toBe(1);
    expect(out).toMatch(/not-ready max_slot_wal_keep_size/);
    expect(out).toMatch(
      /unknown {3}its keeper's word: what the keeper of gcp says could not be read: gcs-us-central1: /,
    );
  });
});

it('a planned switchover is refused by what it would fail on', async () => {
  estate = await startLivingEstate(well);
  estate.meanwhile = null;
  await report(estate, 'gcp', standbyFacts({ subscription: null }));
  const { out, code } = await estate.causeway(
    'switchover',
    '--to',
    'gcp',
    '--once',
    '--yes',
    '--reason',
    'maintenance',
  );
  expect(code).toBe(1);
  expect(out).toContain('readiness of gcp: following aws');
  expect(out).toContain(
    'there is no subscription "causeway": gcp gets nothing of what is written, and cannot take over',
  );
});

it('nobody has looked yet: that is unknown, and not ready', async () => {
  estate = await startEstate();
  await estate.causeway('init', '--writer', 'aws', '--yes');
  const { out, code } = await estate.causeway('readiness');
  expect(code).toBe(1);
  expect(out).toContain("unknown   its keeper's word: the keeper of aws has never said anything about its readiness");
});

it('a site that the strategy does not name, and a register that was never written, are exit 2', async () => {
  estate = await startEstate();
  expect(await estate.causeway('readiness', '--site', 'azure')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no site "azure" in the strategy'),
  });
  expect(await estate.causeway('readiness')).toMatchObject({
    code: 2,
    err: expect.stringContaining('`causeway init --writer <site>`'),
  });
});
