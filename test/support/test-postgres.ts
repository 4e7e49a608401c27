// A real PostgreSQL server for tests, with the roles that a managed one gives: an owner, a keeper, clients, and nobody super.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { BOOTSTRAP_USER, type LocalPostgres, startPostgres } from '../../infra/local/postgres.ts';
import { installGuard } from '../../shared/database/install.ts';
import { createPgConnect, type PgConnect, withSession } from '../../shared/database/session.ts';
import { originRightSql } from '../../shared/database/sql/coming-back.ts';
import { EVENT_TRIGGERS_SQL } from '../../shared/database/sql/ddl.ts';
import type { Clock } from '../../shared/ports/clock.ts';

const PASSWORD = 'not-a-secret';

/** This process's own time, for tests that talk to a real server. */
export const realClock: Clock = {
  now: () => new Date(),
  elapsedSeconds: () => performance.now() / 1000,
  sleep: async (seconds, signal) => {
    await wait(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

type TestRole = 'keeper' | 'owner' | 'app' | typeof BOOTSTRAP_USER;

export type TestPostgres = {
  server(): LocalPostgres;
  /** Starts the same cluster again on the same port, after a stop or a kill. */
  restart(): Promise<void>;
  createDatabase(name: string): Promise<TestDatabase>;
  close(): Promise<void>;
};

export type TestDatabase = {
  name: string;
  /** A raw client; ended by `close` of the server at the latest. Its connection errors are ignored, its queries' are not. */
  client(role: TestRole): Promise<pg.Client>;
  connect: PgConnect;
  url(role: TestRole): string;
  /** libpq's form, for subscriptions. */
  connection(role: TestRole): string;
};

const ROLES = `
create role owner login password '${PASSWORD}';
create role app login password '${PASSWORD}';
create role keeper login replication password '${PASSWORD}';
grant owner, pg_signal_backend, pg_create_subscription to keeper;
-- Enough to roll back what clients have prepared, not enough to see what they do: the fence must not depend on that.
grant app to keeper with inherit false, set true;
`;

export async function startTestPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'causeway-pg-'));
  // The server runs as nobody when the tests run as root.
  chmodSync(directory, 0o755);
  const options = { dataDir: join(directory, 'data'), host: '127.0.0.1', settings };
  let server = await startPostgres({ ...options, port: 0 });
  const clients: pg.Client[] = [];
  const clientOf = async (role: TestRole, database: string): Promise<pg.Client> => {
    const client = new pg.Client(configOf(server, role, database));
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const bootstrap = await clientOf(BOOTSTRAP_USER, 'postgres');
  await bootstrap.query(ROLES);
  return {
    server: () => server,
    restart: async () => {
      server = await startPostgres({ ...options, port: server.port });
    },
    createDatabase: async (name) => {
      const administrator = await clientOf(BOOTSTRAP_USER, 'postgres');
      await administrator.query(`create database ${name} owner owner`);
      await administrator.query(`grant create on database ${name} to keeper`);
      await administrator.end();
      return databaseOf(() => server, name, clientOf);
    },
    close: async () => {
      await Promise.allSettled(clients.map((client) => client.end()));
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function databaseOf(
  server: () => LocalPostgres,
  name: string,
  clientOf: (role: TestRole, database: string) => Promise<pg.Client>,
): TestDatabase {
  return {
    name,
    client: (role) => clientOf(role, name),
    connect: (limits) =>
      createPgConnect({ config: configOf(server(), 'keeper', name), connectSeconds: 3, applicationName: 'keeper' })(
        limits,
      ),
    url: (role) => `postgres://${role}:${PASSWORD}@${server().host}:${server().port}/${name}`,
    connection: (role) =>
      `host=${server().host} port=${server().port} dbname=${name} user=${role} password=${PASSWORD} application_name=standby`,
  };
}

function configOf(server: LocalPostgres, role: TestRole, database: string): pg.ClientConfig {
  return { host: server.host, port: server.port, user: role, password: PASSWORD, database };
}

/** A shop with what real schemas have: an identity, a serial, a cascading key, a partitioned table, and a client without ownership. */
export const SHOP = `
create schema shop;
grant usage on schema shop to app;
create table shop.orders (id bigint generated always as identity primary key, note text);
create table shop.items (id serial primary key, order_id bigint references shop.orders on delete cascade);
create table shop.visits (day date not null, id bigint not null, primary key (day, id)) partition by range (day);
create table shop.visits_now partition of shop.visits for values from ('2026-01-01') to ('2027-01-01');
alter default privileges in schema shop grant select, insert, update, delete, truncate on tables to app;
alter default privileges in schema shop grant usage, select on sequences to app;
grant select, insert, update, delete, truncate on all tables in schema shop to app;
grant usage, select on all sequences in schema shop to app;
`;

/** A database with the shop and the guard installed by the keeper; the event triggers by the superuser, as RDS does it for its main user. */
export async function createGuardedShop(
  postgres: TestPostgres,
  name: string,
  { eventTriggers = true, arm = false }: { eventTriggers?: boolean; arm?: boolean } = {},
): Promise<TestDatabase> {
  const database = await postgres.createDatabase(name);
  const owner = await database.client('owner');
  await owner.query(SHOP);
  await withSession(database.connect, 'install', { statementSeconds: 10 }, (session) =>
    installGuard(session, realClock, { mode: null, arm }),
  );
  const administrator = await database.client(BOOTSTRAP_USER);
  await administrator.query(originRightSql('keeper'));
  if (eventTriggers) await administrator.query(EVENT_TRIGGERS_SQL);
  return database;
}

/** Asks until the answer is yes. Throws after ten seconds: a test that waits for ever says nothing. */
export async function eventually(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await wait(10)) {
    if (await ask()) return;
  }
  throw new Error(`after 10 s it was still not so that ${what}`);
}
