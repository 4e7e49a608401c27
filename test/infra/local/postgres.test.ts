// The local PostgreSQL server: started, killed with everything that belongs to it, frozen, and started again where it was.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BOOTSTRAP_USER, type LocalPostgres, startPostgres } from '../../../infra/local/postgres.ts';
import { listProcesses } from '../../../infra/local/process-tree.ts';

let directory: string;
let server: LocalPostgres | null = null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-local-pg-'));
  chmodSync(directory, 0o755);
});
afterEach(async () => {
  await server?.kill();
  rmSync(directory, { recursive: true, force: true });
});

const start = async (port = 0): Promise<LocalPostgres> => {
  server = await startPostgres({
    dataDir: join(directory, 'data'),
    host: '127.0.0.1',
    port,
    settings: { work_mem: '1MB' },
  });
  return server;
};

async function connect({ host, port }: LocalPostgres): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user: BOOTSTRAP_USER, database: 'postgres', query_timeout: 300 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

it('replicates logically, takes settings, and needs a password of everybody but its superuser', async () => {
  const running = await start();
  const client = await connect(running);
  const { rows } = await client.query(`select current_setting('server_version_num')::int / 10000 as major,
    current_setting('wal_level') as wal, current_setting('work_mem') as memory`);
  expect(rows).toEqual([{ major: 17, wal: 'logical', memory: '1MB' }]);
  await client.query(`create role somebody login password 'x'`);
  const stranger = new pg.Client({ host: running.host, port: running.port, user: 'somebody', database: 'postgres' });
  await expect(stranger.connect()).rejects.toThrow('password must be a string');
  await client.end();
});

it('is gone with every backend when killed, and comes back with what was committed', async () => {
  const first = await start();
  const client = await connect(first);
  await client.query('create table kept (id int); insert into kept values (1)');
  const backends = listProcesses().filter(({ parent }) => parent === first.pid);
  expect(backends.length).toBeGreaterThan(3);
  await first.kill();
  const left = listProcesses().filter(
    (row) => row.state !== 'Z' && [first.pid, ...backends.map(({ pid }) => pid)].includes(row.pid),
  );
  expect(left).toEqual([]);
  const second = await start(first.port);
  expect(second.port).toBe(first.port);
  const again = await connect(second);
  expect((await again.query('select id from kept')).rows).toEqual([{ id: 1 }]);
  await again.end();
  await second.stop();
});

it('answers nothing while it is paused', async () => {
  const running = await start();
  const client = await connect(running);
  running.pause();
  await expect(client.query('select 1')).rejects.toThrow('timeout');
  running.resume();
  const after = await connect(running);
  expect((await after.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await after.end();
});

it('says why it does not start', async () => {
  const running = await start();
  const taken = startPostgres({
    dataDir: join(directory, 'other'),
    host: '127.0.0.1',
    port: running.port,
    settings: {},
  });
  await expect(taken).rejects.toThrow(/could not bind IPv4 address "127\.0\.0\.1": Address already in use/);
});
