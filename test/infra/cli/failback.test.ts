// `causeway failback` on a register of three stores and two real databases, after a failover that stranded writes.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { next, onExisting, to } from '../../../shared/authority/situation-changes.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { type ComingBackWorld, comingBackWorld, contentOf } from '../../support/coming-back-world.ts';
import { eventually, startTestPostgres, type TestPostgres } from '../../support/test-postgres.ts';
import { registerOf, startEstate, type TestEstate, withRun } from './estate.ts';

let servers: { old: TestPostgres; new: TestPostgres };
let estate: TestEstate;
let world: ComingBackWorld;
let made = 0;
let changes = 0;

beforeAll(async () => {
  const [old, fresh] = await Promise.all([
    startTestPostgres({ wal_receiver_status_interval: '1' }),
    startTestPostgres(),
  ]);
  servers = { old, new: fresh };
});
afterAll(() => Promise.all([servers?.old.close(), servers?.new.close()]));
beforeEach(async () => {
  made += 1;
  estate = await startEstate([], { env: { CAUSEWAY_DATABASE_TLS: 'off' } });
  await estate.causeway('init', '--writer', 'aws', '--yes');
  world = await comingBackWorld(servers, `cli_${made}`);
});
afterEach(() => Promise.all([world?.close(), estate?.close()]));

async function setSituation(change: Partial<Situation>): Promise<void> {
  changes += 1;
  const done = await registerOf(estate).change(
    `change-${changes}`,
    onExisting((current) => to({ ...next(current), ...change })),
  );
  if (done.kind !== 'committed') throw new Error(done.because);
}

async function failOver(): Promise<void> {
  await world.failOver();
  await setSituation({ writer: 'gcp', epoch: 2 });
}

/** `failback <phase>` with both databases named. */
const failback = (phase: string, ...args: string[]) =>
  estate.causeway(
    'failback',
    phase,
    '--old-url',
    world.old.database.url('keeper'),
    '--new-url',
    world.new.database.url('keeper'),
    ...args,
  );

it('shows what never arrived, per table and row, and the same as data', async () => {
  await world.atOld(`insert into shop.orders (note) values ('arrived')`);
  await world.caughtUp();
  await world.cut();
  await world.atOld(
    `insert into shop.orders (note) values ('stranded')`,
    `delete from shop.orders where note = 'arrived'`,
  );
  await failOver();
  const { out, err, code } = await failback('divergence');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toContain('aws wrote until epoch 1; gcp writes at epoch 2');
  expect(out).toContain('stranded: 2 change(s) in 2 transaction(s) never reached gcp, committed 20');
  expect(out).toMatch(/table +insert +update +delete +truncate\nshop.orders +1 +0 +1 +0\n/);
  expect(out).toMatch(/Z +insert +shop.orders +id=2 +id=2 note=stranded\n/);
  expect(out).toMatch(/Z +delete +shop.orders +id=1/);
  expect(out).not.toContain('not-a-secret');
  const json = JSON.parse((await failback('divergence', '--json', '--rows', '1')).out);
  expect(json).toMatchObject({
    outcome: 'stranded',
    changes: 2,
    rows: [{ kind: 'insert', row: { note: 'stranded' } }],
  });
});

it('reconciles: foretold first, then done and journaled, and the same again changes nothing', async () => {
  await world.atOld(`insert into shop.orders (note) values ('was'), ('was'), ('was')`);
  await world.caughtUp();
  await world.cut();
  await world.atOld(
    `update shop.orders set note = 'old' where id in (1, 2)`,
    `insert into shop.orders (note) values ('stranded')`,
    `truncate shop.items`,
  );
  await failOver();
  await world.atNew(`update shop.orders set note = 'new' where id = 2`);
  const notes = async () => {
    const { rows } = await (await world.new.database.client('owner')).query('select note from shop.orders order by id');
    return rows.map(({ note }) => note);
  };
  const dry = await failback('reconcile');
  expect(dry).toMatchObject({ code: 1, err: '' });
  const counts =
    '4 change(s) in 3 transaction(s): 2 applied, 0 there already, 1 lost and archived, 1 listed for a person';
  expect(dry.out).toContain(`foretold: ${counts}`);
  expect(dry.out).toMatch(/archived +update +shop.orders +id=2 +the last write wins: aws at 20\S+, gcp at 20/);
  expect(dry.out).toMatch(/listed +truncate +shop.items .*a person decides/);
  expect(dry.out).toContain("by commit timestamps, which two machines' clocks gave: aws's and gcp's");
  expect(dry.out).toContain('not-confirmed: nothing was changed: add --yes and --reason');
  expect(await notes()).toEqual(['was', 'new', 'was']);
  expect((await failback('reconcile', '--yes')).err).toContain('say why with --reason');
  const done = await failback('reconcile', '--yes', '--reason', 'aws is back');
  expect(done).toMatchObject({ code: 1, err: '' });
  expect(done.out).toContain(`done: ${counts}`);
  expect(done.out).toContain('1 are for a person: the same with "and outcome = \'listed\'"');
  expect(await notes()).toEqual(['old', 'new', 'was', 'stranded']);
  expect((await failback('reconcile', '--yes', '--reason', 'again')).out).toContain(
    `${counts} (4 had been decided before)`,
  );
  expect(await notes()).toEqual(['old', 'new', 'was', 'stranded']);
  expect((await estate.causeway('journal', 'show')).out).toContain(
    `ada@desk: failback reconcile (${counts}), because aws is back`,
  );
});

it('rejoins: refused until all is reconciled, shown first, done with progress, and the same again does nothing', async () => {
  await world.atOld(
    `insert into shop.orders (note) values ('was')`,
    `insert into shop.visits values ('2026-02-02', 1)`,
  );
  await world.caughtUp();
  await world.cut();
  await world.atOld(`update shop.orders set note = 'old'`);
  await failOver();
  const fromOld = ['--new-url-from-old', world.new.database.url('keeper')];
  const yes = ['--yes', '--reason', 'aws is back', ...fromOld];
  expect(await failback('rejoin', ...yes)).toMatchObject({
    code: 1,
    out: expect.stringContaining(
      'refused: 1 stranded change(s) of aws have not been reconciled, and rejoining would take the only copy away',
    ),
  });
  const before = await failback('status');
  expect(before).toMatchObject({ code: 1, out: expect.stringContaining('next: causeway failback divergence') });
  await failback('reconcile', '--yes', '--reason', 'aws is back');
  const between = await failback('status');
  expect(between.out).toMatch(
    /done +reconcile +at 20.*: 1 applied, 0 there already, 0 archived, 0 listed for a person\n/,
  );
  expect(between.out).toContain('next: causeway failback rejoin');
  await world.atNew(`insert into shop.visits values ('2026-03-03', 2)`);
  const dry = await failback('rejoin', ...fromOld);
  expect(dry.code).toBe(1);
  expect(dry.out).toMatch(/1 table\(s\) go on from the slot causeway_epoch_2, .* of the log, and are not copied\n/);
  expect(dry.out).toContain('2 table(s) of aws are emptied and copied again from gcp, about ');
  expect(dry.out).toMatch(
    /shop.items +\S+ \S+ +it has a foreign key to shop.orders\n +shop.orders +\S+ \S+ +the divergence touched it\n/,
  );
  expect(dry.out).toContain('not-confirmed: nothing was changed');
  const done = await failback('rejoin', ...yes);
  expect(done).toMatchObject({
    code: 0,
    err: expect.stringContaining('emptying shop.items, shop.orders at the old side'),
  });
  expect(done.out).toContain('done: aws follows gcp; 1 table(s) went on, 2 were copied');
  expect(done.out).toContain('slots of aws that nobody reads any more were dropped: causeway');
  expect(`${done.out}${done.err}`).not.toContain('not-a-secret');
  await eventually('both sides are equal', async () => {
    const [old, fresh] = [await contentOf(world.old.database), await contentOf(world.new.database)];
    return JSON.stringify(old) === JSON.stringify(fresh);
  });
  expect((await failback('status')).out).toContain('next: causeway failback switch-back');
  const again = await failback('rejoin', ...yes);
  expect(again).toMatchObject({ code: 0, err: '' });
  expect((await estate.causeway('journal', 'show')).out).toContain(
    'ada@desk: failback rejoin (done, 2 table(s) copied)',
  );
}, 60_000);

it('rejoins without what is stranded only when it is told so by name, and then copies everything', async () => {
  await world.atOld(`insert into shop.orders (note) values ('was')`);
  await world.caughtUp();
  await world.cut();
  await world.atOld(`insert into shop.orders (note) values ('given up')`);
  await failOver();
  await (await world.old.database.client('keeper')).query(`select pg_drop_replication_slot('causeway')`);
  const yes = ['--yes', '--reason', 'the slot is gone', '--new-url-from-old', world.new.database.url('keeper')];
  expect(await failback('rejoin', ...yes)).toMatchObject({
    code: 1,
    out: expect.stringContaining('the slot causeway of aws is not there'),
  });
  const dry = await failback('rejoin', '--without-divergence');
  expect(dry.out).toContain('every table is copied: a full copy was asked for');
  expect(dry.out).toContain('what aws had accepted and gcp never got is lost with it: keep a dump of aws');
  expect((await failback('rejoin', '--without-divergence', ...yes)).code).toBe(0);
  expect(await contentOf(world.old.database)).toEqual(await contentOf(world.new.database));
});

it('says that nothing is stranded when nothing is', async () => {
  await world.atOld(`insert into shop.orders (note) values ('arrived')`);
  await world.caughtUp();
  await failOver();
  const { out, code } = await failback('divergence');
  expect(code).toBe(0);
  expect(out).toContain('good: nothing is stranded: gcp had everything that aws accepted');
});

it('refuses, with the way out, while it is no coming back', async () => {
  // aws is still the writer by the register: what would come back is gcp.
  expect((await failback('divergence')).out).toContain('the database of aws is at epoch 0, and the register says');
  await failOver();
  const { id } = await withRun(estate);
  expect(await failback('divergence')).toMatchObject({
    code: 1,
    out: expect.stringContaining(`refused: the run ${id} is open`),
  });
  await setSituation({ run: null });
  const same = ['--old-url', world.new.database.url('keeper')];
  expect((await failback('divergence', ...same)).out).toContain('both addresses lead to the same database');
  await setSituation({ epoch: 3 });
  expect((await failback('divergence')).out).toContain(
    'the database of gcp is at epoch 2, and the register says that gcp writes at epoch 3',
  );
});

it('says what cannot be known when the slot is gone, and what to do', async () => {
  await failOver();
  const keeper = await world.old.database.client('keeper');
  await keeper.query(`select pg_drop_replication_slot('causeway')`);
  const { out, code } = await failback('divergence');
  expect(code).toBe(1);
  expect(out).toContain(
    'not known: the slot causeway of aws is not there: what aws accepted and gcp never got cannot be read',
  );
  expect(out).toContain('keep a dump of aws, then `causeway failback rejoin --without-divergence`');
});

it('says how the position may be read, or takes it from the command line', async () => {
  await world.cut();
  await world.atOld(`insert into shop.orders (note) values ('stranded')`);
  await failOver();
  const administrator = await world.new.database.client('bootstrap');
  await administrator.query('revoke execute on function pg_show_replication_origin_status() from keeper');
  const { out, code } = await failback('divergence');
  expect(code).toBe(1);
  expect(out).toContain('GRANT EXECUTE ON FUNCTION pg_show_replication_origin_status() TO keeper');
  expect((await failback('divergence', '--applied-lsn', '0/0')).out).toContain('stranded: 1 change(s)');
  expect(await failback('divergence', '--applied-lsn', 'yesterday')).toMatchObject({ code: 2 });
});

it.each([
  ['no URL', ['--old-url', 'aws'], '--old-url is no URL: write postgres://'],
  ['the writer as the site that comes back', ['--old', 'aws'], 'aws is the writer: what comes back is gcp'],
  [
    'a database that does not answer',
    ['--old-url', 'postgres://keeper:hush@127.0.0.1:1/x'],
    'could not connect to 127.0.0.1:1/x',
  ],
])('%s is wrong usage, or no answer', async (_, args, says) => {
  const { err, code } = await failback('divergence', ...args);
  expect(code).toBe(2);
  expect(err).toContain(says);
  expect(err).not.toContain('hush');
});
