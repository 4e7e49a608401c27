// A site's database as managed PostgreSQL gives it: an owner, a keeper that is no superuser, the application's role, the shop, the guard.
import pg from 'pg';
import { installGuard } from '../../../shared/database/install.ts';
import { awaitSubscription, setUpPublication, setUpSubscription } from '../../../shared/database/replication.ts';
import { createPgConnect, withSession } from '../../../shared/database/session.ts';
import { originRightSql } from '../../../shared/database/sql/coming-back.ts';
import { EVENT_TRIGGERS_SQL } from '../../../shared/database/sql/ddl.ts';
import { replicationNames } from '../../../shared/engine/surround.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { shopSchemaSql } from '../app/shop-schema.ts';
import { BOOTSTRAP_USER } from '../postgres.ts';
import { secrets } from './plan.ts';

export const database = 'gopro';
export const roles = { owner: 'gopro', keeper: 'causeway_keeper', app: 'gopro_app' } as const;

const rolesSql = `
create role ${roles.owner} login password '${secrets.ownerPassword}';
create role ${roles.app} login password '${secrets.appPassword}';
create role ${roles.keeper} login replication password '${secrets.keeperPassword}';
`;

const keeperRightsSql = `
grant ${roles.owner}, pg_signal_backend, pg_create_subscription to ${roles.keeper};
grant ${roles.app} to ${roles.keeper} with inherit false, set true;
`;

/** Before PostgreSQL 16 there was no role that may make subscriptions, and a membership could not be without inheritance. */
const olderKeeperRightsSql = `grant ${roles.owner}, pg_signal_backend, ${roles.app} to ${roles.keeper};`;

const rightsSql = `
grant usage on schema shop to ${roles.app};
grant select, insert, update, delete on all tables in schema shop to ${roles.app};
grant usage, select on all sequences in schema shop to ${roles.app};
`;

type Server = { host: string; port: number };

/** Makes roles, database, shop and guard. `arm`: refuse writes from the first moment, as a standby must. */
export async function setUpDatabase(server: Server, clock: Clock, { arm }: { arm: boolean }): Promise<void> {
  const rights = (await isBefore16(server)) ? olderKeeperRightsSql : keeperRightsSql;
  await run(server, BOOTSTRAP_USER, '', 'postgres', [
    rolesSql,
    rights,
    `create database ${database} owner ${roles.owner}`,
  ]);
  await run(server, BOOTSTRAP_USER, '', database, [`grant create on database ${database} to ${roles.keeper}`]);
  await run(server, roles.owner, secrets.ownerPassword, database, [shopSchemaSql, rightsSql]);
  await asKeeper(server, 'installing the guard', (session) => installGuard(session, clock, { mode: 'enforce', arm }));
  // Managed PostgreSQL lets its main user make event triggers; here the superuser stands for it.
  await run(server, BOOTSTRAP_USER, '', database, [
    EVENT_TRIGGERS_SQL,
    originRightSql(roles.keeper),
    `grant usage on schema causeway to ${roles.app}; grant select, insert, update on causeway.probe to ${roles.app};`,
  ]);
}

export async function publish(server: Server): Promise<void> {
  await asKeeper(server, 'publishing', (session) =>
    setUpPublication(session, { name: replicationNames.publication, schemas: ['shop'] }),
  );
}

/** Subscribes to the source as this region sees it, and waits until everything is copied and streams. */
export async function subscribe(server: Server, source: Server, clock: Clock): Promise<void> {
  const connection = `host=${source.host} port=${source.port} dbname=${database} user=${roles.keeper} password=${secrets.keeperPassword} connect_timeout=3`;
  const { publication, subscription: name, slot: slotName } = replicationNames;
  const older = await isBefore16(server);
  // A superuser is asked for only when one is made; managed PostgreSQL of that age lets its main user make it.
  if (older) await run(server, BOOTSTRAP_USER, '', 'postgres', [`alter role ${roles.keeper} superuser`]);
  await asKeeper(server, 'subscribing', async (session) => {
    if (older) {
      // `origin = none` came with 16. One direction is the same without it; two would go round in circles.
      await session.rows(
        `create subscription ${name} connection '${connection}' publication ${publication} with (slot_name = ${slotName})`,
      );
    } else await setUpSubscription(session, { name, publication, slotName, connection, start: 'copy' });
    await awaitSubscription(session, clock, { name, deadlineSeconds: 30 });
  });
  if (older) await run(server, BOOTSTRAP_USER, '', 'postgres', [`alter role ${roles.keeper} nosuperuser`]);
}

async function asKeeper<T>(
  { host, port }: Server,
  what: string,
  work: Parameters<typeof withSession<T>>[3],
): Promise<T> {
  const config = { host, port, database, user: roles.keeper, password: secrets.keeperPassword };
  const connect = createPgConnect({ config, connectSeconds: 5, applicationName: 'local world' });
  return withSession(connect, what, { statementSeconds: 30 }, work);
}

async function isBefore16({ host, port }: Server): Promise<boolean> {
  const client = new pg.Client({ host, port, user: BOOTSTRAP_USER, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query(`select current_setting('server_version_num')::int < 160000 as older`);
    return rows[0]?.older === true;
  } finally {
    await client.end();
  }
}

async function run(
  { host, port }: Server,
  user: string,
  password: string,
  name: string,
  statements: string[],
): Promise<void> {
  const client = new pg.Client({ host, port, user, password, database: name });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
