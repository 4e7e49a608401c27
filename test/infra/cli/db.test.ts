// `causeway db`: run against real PostgreSQL, as an ordinary role.
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDb } from '../../../infra/cli/db.ts';
import { EVENT_TRIGGERS_SQL } from '../../../shared/database/sql/ddl.ts';
import { SHOP, startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let database: TestDatabase;
let made = 0;

beforeAll(async () => {
  postgres = await startTestPostgres({ max_prepared_transactions: '5', max_slot_wal_keep_size: '-1' });
});
afterAll(() => postgres?.close());
beforeEach(async () => {
  made += 1;
  database = await postgres.createDatabase(`cli_${made}`);
  await (await database.client('owner')).query(SHOP);
});

async function causeway(...args: string[]) {
  const said = { out: '', err: '', code: -1 };
  const program = new Command().exitOverride();
  addDb(program, {
    out: (text) => {
      said.out += `${text}\n`;
    },
    err: (text) => {
      said.err += `${text}\n`;
    },
    exit: (code) => {
      said.code = code;
    },
    color: false,
    readFile: () => '',
    cwd: '/',
  });
  await program.parseAsync(['db', ...args], { from: 'user' }).catch((error: unknown) => {
    if (said.code === -1) throw error;
  });
  return said;
}
const url = () => ['--database-url', database.url('keeper')];
const triggers = async () =>
  (await (await database.client('owner')).query(`select from pg_trigger where tgname = 'causeway_guard'`)).rowCount;

describe('db install', () => {
  it('puts the guard on every table, tells what it may not do, and does nothing the second time', async () => {
    const first = await causeway('install', ...url());
    expect(first.out).toContain('done     the schema causeway: mode enforce');
    expect(first.out).toContain('done     guard shop.orders');
    expect(first.out).toMatch(/problem {2}event triggers .* permission denied .* "db install --dry-run"/);
    expect(first.code).toBe(1);
    expect(await triggers()).toBe(4);
    await (await database.client('bootstrap')).query(EVENT_TRIGGERS_SQL);
    const second = await causeway('install', ...url());
    expect(second.code).toBe(0);
    expect(second.out.split('\n').filter((line) => line.startsWith('done'))).toEqual([
      'done     the schema causeway: brought up to date, mode enforce',
    ]);
  });

  it('refuses nothing on a live database until a keeper takes it, or it is armed', async () => {
    const app = await database.client('app');
    await causeway('install', ...url());
    await app.query(`insert into shop.orders (note) values ('live')`);
    expect((await causeway('install', '--arm', ...url())).out).toContain('done     arm the guard');
    await expect(app.query(`insert into shop.orders (note) values ('armed')`)).rejects.toMatchObject({ code: '25006' });
    expect((await causeway('install', '--mode', 'observe', ...url())).out).toContain('mode observe');
    await app.query(`insert into shop.orders (note) values ('observed')`);
    // Kept from then on, without saying it again.
    expect((await causeway('install', ...url())).out).toContain('mode observe');
  });

  it('gets past writers that come and go, and says which table it never got', async () => {
    const writer = await database.client('app');
    await writer.query(`begin; insert into shop.orders (note) values ('busy')`);
    const installing = causeway('install', ...url());
    const { out, code } = await installing;
    expect(out).toContain('problem  guard shop.orders: its writers never left it');
    expect(out).toContain('done     guard shop.items');
    expect(code).toBe(1);
    await writer.query('commit');
    expect((await causeway('install', ...url())).out).toContain('done     guard shop.orders');
  });

  it('shows its SQL and changes nothing with --dry-run, before and after', async () => {
    const before = await causeway('install', '--dry-run', ...url());
    expect(before.code).toBe(0);
    expect(before.out).toContain('create schema if not exists causeway');
    expect(await triggers()).toBe(0);
    await causeway('install', ...url());
    await (await database.client('owner')).query('create table shop.later (id int primary key)');
    const after = await causeway('install', '--dry-run', ...url());
    expect(after.out).toContain('on shop.later for each statement');
    expect(after.out).not.toContain('on shop.orders for each statement');
    expect(await triggers()).toBe(4);
  });

  it('does not run as a superuser, nor as another role than the first time', async () => {
    const superuser = await causeway('install', '--database-url', database.url('bootstrap'));
    expect(superuser).toMatchObject({ code: 2, out: '' });
    expect(superuser.err).toContain('bootstrap is a superuser: install as');
    await causeway('install', ...url());
    const { err, code } = await causeway('install', '--database-url', database.url('owner'));
    expect(code).toBe(2);
    expect(err).toContain('the schema causeway belongs to keeper: connect as keeper, not as owner');
  });
});

describe('db check', () => {
  const about = (out: string, what: string) => out.split('\n').find((line) => line.slice(7).startsWith(`${what}:`));

  it('says that nothing is installed', async () => {
    const { out, code } = await causeway('check', ...url());
    expect(code).toBe(1);
    expect(about(out, 'the guard')).toBe('fail   the guard: not installed');
    expect(about(out, 'wal_level')).toBe('ok     wal_level: logical');
  });

  it('lists what is guarded, what is not, what escapes, and the settings', async () => {
    await causeway('install', ...url());
    const owner = await database.client('owner');
    await owner.query(`create table shop.later (note text); alter table shop.items disable trigger causeway_guard;
      create table shop.keyless (note text); select lo_create(0)`);
    const bootstrap = await database.client('bootstrap');
    await bootstrap.query(`create publication everything for all tables; create table public.foreign_owned (id int primary key);
      grant set on parameter session_replication_role to app`);
    const { out, code } = await causeway('check', ...url());
    await bootstrap.query(`drop publication everything; revoke set on parameter session_replication_role from app`);
    expect(code).toBe(1);
    const lines = [
      'warn   the guard: no epoch has been opened here, so nothing is refused yet',
      'ok     guarded tables: 3 of 7',
      'fail   tables without the guard: shop.keyless, shop.later',
      'fail   tables that this role cannot guard: public.foreign_owned',
      'fail   guards that are off or changed: shop.items',
      'fail   tables without a primary key or replica identity: shop.keyless, shop.later',
      'warn   event triggers: 0 of 3: new tables wait for the sweep, data definition is not refused',
      'fail   publications FOR ALL TABLES: everything',
      'escape roles that may set session_replication_role: app',
      'escape large objects: there are some',
      'ok     track_commit_timestamp: on',
      'warn   max_prepared_transactions: 5',
      'warn   max_slot_wal_keep_size: -1',
      "fail   keeper is a member of every table's owner: no",
      'ok     keeper may end other sessions: yes',
      'escape SET CONSTRAINTS by the client: a client that makes constraints immediate is checked at its statements only',
      'escape a COMMIT stalled in progress: ',
    ];
    for (const line of lines) expect(out).toContain(line);
    expect(out).toContain('GRANT bootstrap TO keeper');
  });

  it('is content with a database that a keeper holds', async () => {
    await causeway('install', ...url());
    await (await database.client('bootstrap')).query(EVENT_TRIGGERS_SQL);
    const keeper = await database.client('keeper');
    await keeper.query(`select causeway.open(1, 1, causeway.beat(1) ->> 'clock', 60)`);
    const { out, code } = await causeway('check', ...url());
    expect(about(out, 'the guard')).toMatch(/^ok {5}the guard: enforces; epoch 1, open for \d+\.\d s$/);
    expect(about(out, 'event triggers')).toMatch(/^ok .*3 of 3/);
    expect(out).not.toContain('\nfail');
    expect(code).toBe(0);
    const json = JSON.parse((await causeway('check', '--json', ...url())).out);
    expect(json.findings[0]).toMatchObject({ about: 'the guard', status: 'ok', wayOut: null });
  });
});

describe('db remove', () => {
  it('shows, then takes everything away; the second time there is nothing', async () => {
    await causeway('install', '--arm', ...url());
    const plan = await causeway('remove', '--dry-run', ...url());
    expect(plan.out).toContain('drop trigger if exists causeway_guard on shop.orders;\n');
    expect(plan.out).toContain('drop schema causeway cascade;');
    expect(await triggers()).toBe(4);
    expect((await causeway('remove', ...url())).code).toBe(0);
    expect(await triggers()).toBe(0);
    await (await database.client('app')).query(`insert into shop.orders (note) values ('free')`);
    expect((await causeway('remove', ...url())).out).toContain('already  the schema causeway: not installed');
  });

  it('leaves the schema while an event trigger that it may not drop needs it', async () => {
    await causeway('install', ...url());
    const bootstrap = await database.client('bootstrap');
    await bootstrap.query(EVENT_TRIGGERS_SQL);
    const { out, code } = await causeway('remove', ...url());
    expect(code).toBe(1);
    expect(out).toMatch(/problem {2}the event trigger causeway_ddl_end: must be owner .* whoever made it must drop it/);
    expect(out).toContain('problem  the schema causeway: left');
  });
});

describe('a database that does not answer', () => {
  it.each(['install', 'check', 'remove'])('%s exits 2, names the server, and not the password', async (command) => {
    const { err, code } = await causeway(command, '--database-url', 'postgres://keeper:hush@127.0.0.1:1/shop');
    expect(code).toBe(2);
    expect(err).toContain('could not connect to 127.0.0.1:1/shop within 10 s: connect ECONNREFUSED');
    expect(err).not.toContain('hush');
  });

  it('wants to know which database', async () => {
    const { err, code } = await causeway('check');
    expect(code).toBe(2);
    expect(err).toContain("required option '--database-url <url>' not specified");
  });
});
