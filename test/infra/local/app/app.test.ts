// The sample application and both kinds of load on real PostgreSQL: orders once, honest refusals, health that writes.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type App, startApp } from '../../../../infra/local/app/app.ts';
import type { DatabaseTarget } from '../../../../infra/local/app/query.ts';
import { shopProbeSql, shopSchemaSql } from '../../../../infra/local/app/shop-schema.ts';
import { startDirectWriters } from '../../../../infra/local/load/direct-writers.ts';
import { startDnsLoad } from '../../../../infra/local/load/dns-load.ts';
import { orderKey } from '../../../../infra/local/load/measure.ts';
import { readPresent } from '../../../../infra/local/load/presence.ts';
import { BOOTSTRAP_USER, type LocalPostgres, startPostgres } from '../../../../infra/local/postgres.ts';
import { scriptedChance } from '../chance.ts';
import { machineClock } from '../machine-clock.ts';

let directory = '';
let aws: LocalPostgres;
let gcp: LocalPostgres;
let app: App;
let writer: () => Promise<{ host: string; port: number }>;

/** Refuses writes as the lease guard does, while `closed` is set in this database. */
const guardSql = `
  CREATE SCHEMA causeway;
  CREATE TABLE causeway.probe (
    prober text PRIMARY KEY, number bigint NOT NULL DEFAULT 1, written_at timestamptz NOT NULL DEFAULT now());
  CREATE FUNCTION causeway.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('shop.closed', true) = 'on' THEN
        RAISE EXCEPTION 'the lease has lapsed' USING ERRCODE = '25006';
      END IF;
      RETURN NULL;
    END $$;
  CREATE TRIGGER guard BEFORE INSERT ON shop.orders EXECUTE FUNCTION causeway.refuse();
  CREATE TRIGGER guard BEFORE INSERT ON shop.direct_writes EXECUTE FUNCTION causeway.refuse();`;

const target = (server: LocalPostgres): DatabaseTarget => ({
  host: server.host,
  port: server.port,
  user: BOOTSTRAP_USER,
  password: '',
  database: 'postgres',
});

async function sql(server: LocalPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(target(server));
  await client.connect();
  try {
    const result = await client.query(text);
    return result.rows ?? [];
  } finally {
    await client.end();
  }
}

/** Ends every other session, so that new ones take up changed defaults. */
const endSessions = (server: LocalPostgres) =>
  sql(
    server,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND client_port > 0',
  );

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-app-'));
  // The server runs as another user when we are root.
  chmodSync(directory, 0o755);
  const start = (name: string) =>
    startPostgres({ dataDir: join(directory, name), host: '127.0.0.1', port: 0, settings: {} });
  [aws, gcp] = await Promise.all([start('aws'), start('gcp')]);
  for (const server of [aws, gcp]) await sql(server, `${shopSchemaSql}${guardSql}`);
});
afterAll(async () => {
  await Promise.all([aws.kill(), gcp.kill()]);
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  for (const server of [aws, gcp]) await sql(server, 'TRUNCATE shop.orders, shop.direct_writes');
  writer = async () => ({ host: aws.host, port: aws.port });
  app = await startApp({
    site: 'aws',
    host: '127.0.0.1',
    port: 0,
    database: target(aws),
    writer: () => writer(),
    timeoutSeconds: 2,
    probeStatement: shopProbeSql,
  });
});
afterEach(async () => {
  await app.close();
  await sql(aws, 'ALTER DATABASE postgres RESET shop.closed');
});

const place = (sequence: number, client = 'ann') =>
  fetch(`${app.url}/orders`, { method: 'POST', body: JSON.stringify({ client, sequence }) });

test('an order is placed once, however often it is sent, and read from the own database', async () => {
  const first = await place(1);
  expect(first.status).toBe(201);
  const answer: unknown = await first.json();
  expect(answer).toMatchObject({ site: 'aws', acceptedBy: `${aws.host}:${aws.port}` });
  const again = await place(1);
  expect(again.status).toBe(200);
  expect(await again.json()).toEqual(answer);
  const found = await fetch(`${app.url}/orders/ann/1`);
  expect(await found.json()).toMatchObject({ placedBySite: 'aws' });
  expect((await fetch(`${app.url}/orders/ann/2`)).status).toBe(404);
  expect(await sql(aws, 'SELECT count(*)::int AS n FROM shop.orders')).toEqual([{ n: 1 }]);
});

test('when the writer name moves, orders go to the other database', async () => {
  await place(1);
  writer = async () => ({ host: gcp.host, port: gcp.port });
  const moved = await place(2);
  expect(await moved.json()).toMatchObject({ acceptedBy: `${gcp.host}:${gcp.port}` });
  expect(await sql(gcp, 'SELECT sequence FROM shop.orders')).toEqual([{ sequence: '2' }]);
});

test('a refusal by the guard is said as such, and that nothing was written', async () => {
  await sql(aws, "ALTER DATABASE postgres SET shop.closed = 'on'");
  await endSessions(aws);
  const refused = await place(1);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    reason: 'not-the-writer',
    written: 'no',
    because: 'the lease has lapsed',
  });
});

test('a lost connection in the middle of an order leaves it unknown', async () => {
  const holder = new pg.Client(target(aws));
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE');
  const pending = place(1);
  await expect
    .poll(() => sql(aws, "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    .toEqual([{ n: 1 }]);
  await sql(aws, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  const lost = await pending;
  expect(await lost.json()).toMatchObject({ reason: 'writer-lost', written: 'unknown' });
  await holder.end();
});

test('a writer that cannot be found or reached is refused within the time', async () => {
  writer = () => new Promise(() => undefined);
  const nobody = await place(1);
  expect(await nobody.json()).toMatchObject({
    reason: 'no-writer',
    written: 'no',
    because: 'no writer to be found: the writer name gave no answer within 2 s',
  });
  writer = async () => ({ host: '127.0.0.1', port: 1 });
  expect(await (await place(1)).json()).toMatchObject({ reason: 'writer-unreachable', written: 'no' });
});

test('health writes a probe at the writer, only reads at a standby, and fails with its own database', async () => {
  const health = async () => {
    const answer = await fetch(`${app.url}/healthz`);
    return { status: answer.status, body: await answer.json() };
  };
  await sql(aws, 'TRUNCATE causeway.probe');
  expect(await health()).toMatchObject({ status: 200, body: { role: 'writer', healthy: true } });
  expect(await sql(aws, 'SELECT prober FROM causeway.probe')).toEqual([{ prober: 'shop' }]);
  await sql(aws, 'ALTER TABLE causeway.probe RENAME TO gone');
  expect(await health()).toMatchObject({
    status: 503,
    body: { dependencies: expect.arrayContaining([expect.objectContaining({ name: 'database-write', ok: false })]) },
  });
  writer = async () => ({ host: gcp.host, port: gcp.port });
  expect(await health()).toMatchObject({ status: 200, body: { role: 'standby' } });
  writer = () => Promise.reject(new Error('SERVFAIL'));
  expect(await health()).toMatchObject({ status: 200, body: { role: 'unknown' } });
  await sql(aws, 'ALTER TABLE causeway.gone RENAME TO probe');
  aws.pause();
  expect(await health()).toMatchObject({ status: 503, body: { healthy: false } });
  aws.resume();
});

test('the service check writes and reads through the writer', async () => {
  expect(await (await fetch(`${app.url}/orders`)).json()).toMatchObject({ site: 'aws' });
  writer = () => Promise.reject(new Error('SERVFAIL'));
  expect((await fetch(`${app.url}/orders`)).status).toBe(503);
});

test('bad requests are told what was expected', async () => {
  const bad = await fetch(`${app.url}/orders`, { method: 'POST', body: '{"client":"","sequence":-1}' });
  expect(bad.status).toBe(400);
  expect((await fetch(`${app.url}/orders`, { method: 'POST', body: 'x' })).status).toBe(400);
  expect((await fetch(`${app.url}/orders/ann/one`)).status).toBe(400);
  expect((await fetch(`${app.url}/nothing`)).status).toBe(404);
});

test('load through DNS records every request, and what was acknowledged is there', async () => {
  let resolvable = true;
  const load = startDnsLoad({
    name: 'learn.gopro.example',
    resolve: async () => {
      if (!resolvable) throw new Error('SERVFAIL');
      return ['127.0.0.1'];
    },
    port: app.port,
    clients: 3,
    ratePerSecond: 120,
    timeoutSeconds: 1,
    clock: machineClock,
    chance: scriptedChance(),
  });
  const done = (outcome: string) =>
    load.records().filter((record) => record.kind === 'write' && record.outcome === outcome);
  await expect.poll(() => done('acknowledged').length).toBeGreaterThan(10);
  resolvable = false;
  await expect.poll(() => done('refused').length).toBeGreaterThan(0);
  resolvable = true;
  const before = done('acknowledged').length;
  await expect.poll(() => done('acknowledged').length).toBeGreaterThan(before + 5);
  await load.close();
  const acknowledged = done('acknowledged').map((record) => orderKey(record.client, record.sequence));
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  const present = await readPresent(target(aws), 2);
  expect(acknowledged.filter((key) => !present.orders.has(key))).toEqual([]);
  expect(new Set(done('acknowledged').map((record) => record.client))).toEqual(new Set(load.clients));
  expect(load.records().some((record) => record.kind === 'read' && record.found === true)).toBe(true);
  expect(done('refused')[0]?.because).toContain('SERVFAIL');
});

test('direct writers keep trying both databases, and tell refusals from acknowledgements', async () => {
  await sql(aws, "ALTER DATABASE postgres SET shop.closed = 'on'");
  await endSessions(aws);
  const writers = startDirectWriters({
    targets: [
      { site: 'aws', database: target(aws) },
      { site: 'gcp', database: target(gcp) },
    ],
    everySeconds: 0.02,
    hold: { fraction: 0.6, seconds: 0.05 },
    timeoutSeconds: 2,
    answerSeconds: 10,
    clock: machineClock,
    chance: scriptedChance(),
  });
  const of = (site: string, outcome: string) =>
    writers.records().filter((record) => record.site === site && record.outcome === outcome);
  await expect.poll(() => of('gcp', 'acknowledged').length).toBeGreaterThan(5);
  await expect.poll(() => of('aws', 'refused').length).toBeGreaterThan(5);
  expect(of('aws', 'acknowledged')).toEqual([]);
  expect(of('aws', 'refused')[0]).toMatchObject({ sqlState: '25006', commitSentAtSeconds: null });
  await writers.close();
  const present = await readPresent(target(gcp), 2);
  const acknowledged = of('gcp', 'acknowledged').map((record) => record.marker);
  expect(acknowledged.filter((marker) => !present.direct_writes.has(marker))).toEqual([]);
});

test('a COMMIT that a frozen database answers late is recorded as acknowledged, when it was', async () => {
  const writers = startDirectWriters({
    targets: [{ site: 'gcp', database: target(gcp) }],
    everySeconds: 0.02,
    hold: { fraction: 0, seconds: 0 },
    timeoutSeconds: 30,
    answerSeconds: 30,
    clock: machineClock,
    chance: scriptedChance(),
  });
  await expect.poll(() => writers.records().length).toBeGreaterThan(0);
  gcp.pause();
  const pausedAt = machineClock.elapsedSeconds();
  await machineClock.sleep(0.3);
  const resumedAt = machineClock.elapsedSeconds();
  gcp.resume();
  await writers.close();
  const late = writers
    .records()
    .filter((record) => record.startedAtSeconds < resumedAt && record.endedAtSeconds > resumedAt);
  expect(late.length).toBeGreaterThan(0);
  expect(late.every((record) => record.outcome === 'acknowledged')).toBe(true);
  expect(
    writers.records().some((record) => record.endedAtSeconds > pausedAt && record.endedAtSeconds < resumedAt - 0.2),
  ).toBe(false);
});

test('a database that cannot be read is an error, not an empty one', async () => {
  await expect(readPresent({ ...target(gcp), port: 1 }, 1)).rejects.toThrow('127.0.0.1:1 could not be read');
});
