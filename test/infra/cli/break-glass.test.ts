// `causeway break-glass`: the printed procedure, and a guard opened and shut by hand on real PostgreSQL.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awaitSubscription, setUpPublication, setUpSubscription } from '../../../shared/database/replication.ts';
import { withSession } from '../../../shared/database/session.ts';
import {
  createGuardedShop,
  realClock,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';
import { startEstate, type TestEstate } from './estate.ts';

let postgres: TestPostgres;
let estate: TestEstate;
let database: TestDatabase;
let made = 0;
beforeAll(async () => {
  [postgres, estate] = await Promise.all([
    startTestPostgres({ wal_level: 'logical', max_slot_wal_keep_size: '1GB' }),
    startEstate([{ path: ['sites', 'gcp', 'database', 'host'], value: 'standby.example' }]),
  ]);
});
afterAll(async () => {
  await estate?.close();
  await postgres?.close();
});
beforeEach(async () => {
  made += 1;
  database = await createGuardedShop(postgres, `glass_${made}`, { arm: true });
});

const reason = 'register lost with two of its stores, gcp stopped';
const open = (...more: string[]) =>
  estate.causeway(
    'break-glass',
    'open',
    '--database-url',
    database.url('keeper'),
    '--epoch',
    '1',
    '--reason',
    reason,
    ...more,
  );
const close = (...more: string[]) =>
  estate.causeway(
    'break-glass',
    'close',
    '--database-url',
    database.url('keeper'),
    '--reason',
    'the register is back',
    ...more,
  );
const write = async () => (await database.client('app')).query(`insert into shop.orders (note) values ('by hand')`);
const audit = async () =>
  (await (await database.client('keeper')).query('select what, reason from causeway.audit order by at')).rows;

describe('explain', () => {
  it('is written out for the estate, needs no cloud, and covers the proof, the statement and the way back', async () => {
    const { out, code } = await estate.causeway('break-glass', 'explain', '--site', 'aws');
    expect(code).toBe(0);
    expect(out).toContain('Opening the database of aws by hand');
    expect(out).toContain(
      'gcloud sql instances patch gopro-prod-db-replica --project gopro-prod --activation-policy NEVER',
    );
    expect(out).toContain('Unreachable is not dead.');
    expect(out).toContain("select causeway.break_glass(<epoch>, 3600, '<who, what, why>');");
    expect(out).toContain('causeway init --writer aws --epoch');
    const both = await estate.causeway('break-glass', 'explain', '--json');
    expect(JSON.parse(both.out).procedures.map(({ site }: { site: string }) => site)).toEqual(['aws', 'gcp']);
    expect(both.out).toContain('aws rds stop-db-instance --db-instance-identifier gopro-prod-db');
  });
});

describe('open', () => {
  it('lets clients write for a bounded time, and keeps who, what and why in the database', async () => {
    await expect(write()).rejects.toMatchObject({ code: '25006' });
    const { out, err, code } = await open('--for', '10m', '--i-have-checked', '--confirm', 'aws', '--by', 'grace');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/done: open at epoch 1 until /);
    expect(out).toContain('It shuts by itself after 10m');
    await write();
    const shown = await (await database.client('keeper')).query('select causeway.state() as state');
    expect(shown.rows[0].state).toMatchObject({ open: true, epoch: 1 });
    expect(shown.rows[0].state.remainingSeconds).toBeLessThanOrEqual(600);
    expect(await audit()).toEqual([{ what: 'guard opened by hand at epoch 1 for 600 s', reason: `grace: ${reason}` }]);
  });

  it.each([
    ['without the proof', ['--confirm', 'aws'], 'prove first that gcp accepts no writes'],
    [
      'without the name of the site',
      ['--i-have-checked'],
      'say whose database this is: --confirm aws or --confirm gcp',
    ],
    ['with a name that is no site', ['--i-have-checked', '--confirm', 'yes'], 'say whose database this is'],
  ])('%s is refused, and nothing is opened', async (_, flags, says) => {
    const { out, code } = await open(...flags);
    expect(code).toBe(1);
    expect(out).toContain(says);
    await expect(write()).rejects.toMatchObject({ code: '25006' });
    expect(await audit()).toEqual([]);
  });

  it("refuses another site's database, before it is even called", async () => {
    const { out, code } = await estate.causeway(
      ...[
        'break-glass',
        'open',
        '--database-url',
        'postgres://causeway_keeper@standby.example:5432/gopro',
        '--epoch',
        '2',
      ],
      ...['--reason', reason, '--i-have-checked', '--confirm', 'aws'],
    );
    expect(code).toBe(1);
    expect(out).toContain('that URL is the database of gcp, and you confirmed aws');
  });

  it('what the database itself refuses is told in its words: an epoch that is fenced', async () => {
    await (await database.client('keeper')).query('select causeway.shut(1)');
    const { out, code } = await open('--i-have-checked', '--confirm', 'aws');
    expect(code).toBe(1);
    expect(out).toContain('epoch 1 is fenced or over here');
  });

  it.each([
    ['more than a day', ['--for', '25h']],
    ['no duration', ['--for', 'long']],
    ['no epoch', ['--epoch', '0']],
  ])('%s is wrong usage', async (_, flags) => {
    expect((await open('--i-have-checked', '--confirm', 'aws', ...flags)).code).toBe(2);
  });

  it('a database that does not answer, and one without a guard: exit 2, with the way out', async () => {
    const flags = ['--epoch', '1', '--reason', reason, '--i-have-checked', '--confirm', 'aws'];
    const nowhere = await estate.causeway(
      'break-glass',
      'open',
      '--database-url',
      'postgres://keeper@127.0.0.1:1/nowhere',
      ...flags,
    );
    expect(nowhere.code).toBe(2);
    expect(nowhere.err).toContain('could not connect to 127.0.0.1:1/nowhere');
    const bare = await postgres.createDatabase(`bare_${made}`);
    const unguarded = await estate.causeway('break-glass', 'open', '--database-url', bare.url('keeper'), ...flags);
    expect(unguarded).toMatchObject({ code: 2, err: expect.stringContaining('run `causeway db install` on it') });
  });
});

it('open at a standby detaches the subscription and moves the sequences, so that nothing is given out twice', async () => {
  const writer = await createGuardedShop(postgres, `glass_writer_${made}`);
  await withSession(writer.connect, 'publish', { statementSeconds: 10 }, async (session) => {
    await setUpPublication(session, { name: 'causeway', schemas: ['shop'] });
    await session.rows(`select pg_create_logical_replication_slot('causeway_${made}', 'pgoutput')`);
  });
  await withSession(database.connect, 'subscribe', { statementSeconds: 10 }, async (session) => {
    const connection = writer.connection('keeper');
    const names = { name: 'causeway', publication: 'causeway', slotName: `causeway_${made}` };
    await setUpSubscription(session, { ...names, connection, start: 'resume' });
    await awaitSubscription(session, realClock, { name: 'causeway', deadlineSeconds: 10 });
  });
  await (await writer.client('app')).query(`insert into shop.orders (note) select 'before' from generate_series(1, 5)`);
  const { out, err, code } = await open('--i-have-checked', '--confirm', 'gcp');
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out).toContain('subscription detached');
  expect(out).toMatch(/\d+ sequence\(s\) moved past what the old writer can have given out/);
  const app = await database.client('app');
  expect((await app.query(`select count(*)::int as n from shop.orders`)).rows).toEqual([{ n: 5 }]);
  const inserted = await app.query(`insert into shop.orders (note) values ('after') returning id::int`);
  expect(inserted.rows[0].id).toBeGreaterThan(5);
});

describe('close', () => {
  it('shuts before its time, refuses what has not committed, and leaves the epoch to its keeper', async () => {
    await open('--i-have-checked', '--confirm', 'aws');
    const slow = await database.client('app');
    await slow.query(`begin; insert into shop.orders (note) values ('slow')`);
    const { out, code } = await close('--confirm', 'aws');
    expect(code).toBe(0);
    expect(out).toContain('done: shut at epoch 1 since ');
    await expect(slow.query('commit')).rejects.toMatchObject({ code: '25006' });
    await expect(write()).rejects.toMatchObject({ code: '25006' });
    expect((await audit()).map(({ what }) => what)).toContain('guard shut by hand at epoch 1');
    const keeper = await database.client('keeper');
    const { rows } = await keeper.query(
      `select causeway.renew(1, 1, causeway.beat(1) ->> 'clock', 20) ->> 'kind' as kind`,
    );
    expect(rows).toEqual([{ kind: 'set' }]);
  });

  it('is refused where no epoch was ever open, because it would be an outage', async () => {
    const { out, code } = await close('--confirm', 'aws');
    expect(code).toBe(1);
    expect(out).toContain('no epoch was ever opened here');
  });
});
