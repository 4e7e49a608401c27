// Leaving a writer whose network drops every packet: the subscription's worker waits for an answer that never comes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWire, type Wire } from '../../../infra/local/wires.ts';
import { databaseOf, replicate } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  eventually,
  realClock,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let servers: { writer: TestPostgres; standby: TestPostgres };
let wire: Wire;

beforeAll(async () => {
  const [writer, standby] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  servers = { writer, standby };
  const { host, port } = writer.server();
  wire = await openWire({ name: 'standby>writer', host, port: 0, target: { host, port }, clock: realClock });
});
afterAll(async () => {
  // First: a server that stops waits for whom it still sends to.
  await wire?.close();
  await Promise.all([servers?.writer.close(), servers?.standby.close()]);
});

/** The last of two spellings of a port counts. */
const throughTheWire = (database: TestDatabase): TestDatabase => ({
  ...database,
  connection: (role) => `${database.connection(role)} port=${wire.port}`,
});

describe('a writer that has fallen silent', () => {
  it('is left by a worker that was just connecting to it, which PostgreSQL itself would let wait on', async () => {
    const [there, here] = await Promise.all([
      createGuardedShop(servers.writer, 'silent'),
      createGuardedShop(servers.standby, 'silent'),
    ]);
    const writer = databaseOf(there);
    const standby = databaseOf(here);
    const { clock } = await writer.guard.beat(1);
    await writer.guard.open(1, 1, clock, 600);
    await replicate(throughTheWire(there), here, 'silent');
    const { heartbeat } = await writer.guard.beat(1);
    await eventually(
      'the heartbeat has been applied',
      async () => (await standby.health.standby()).applied?.number === heartbeat.number,
    );
    const keeper = await here.client('keeper');
    const workers = async (): Promise<number[]> =>
      (await keeper.query('select pid from pg_stat_subscription where pid is not null')).rows.map(({ pid }) => pid);
    wire.cut(['there', 'back']);
    const [connected] = await workers();
    await keeper.query('select pg_terminate_backend($1)', [connected]);
    await eventually('another worker is connecting', async () => {
      const [pid] = await workers();
      return pid !== undefined && pid !== connected;
    });
    await standby.promotion.detach();
    expect(await standby.health.standby()).toEqual({ applied: heartbeat, applying: false, subscriptionEnabled: false });
    await Promise.all([writer.close(), standby.close()]);
  });
});
