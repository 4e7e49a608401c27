// Promotion and readiness against their contracts, on two real servers that replicate; the writer's is killed.
import { afterAll, beforeAll } from 'vitest';
import { databaseReadinessContract } from '../../contract/database-readiness.ts';
import { promotionContract } from '../../contract/promotion.ts';
import { replicatedPostgresWorld } from '../../support/postgres-world.ts';
import { startTestPostgres, type TestPostgres } from '../../support/test-postgres.ts';

let servers: { writer: TestPostgres; standby: TestPostgres };
let made = 0;

beforeAll(async () => {
  const [writer, standby] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  servers = { writer, standby };
});
afterAll(() => Promise.all([servers?.writer.close(), servers?.standby.close()]));

const world = async () => {
  // A test before this one may have lost the writer.
  await servers.writer.server().kill();
  await servers.writer.restart();
  made += 1;
  return replicatedPostgresWorld(servers, `world_${made}`);
};

promotionContract('PostgreSQL', world);
databaseReadinessContract('PostgreSQL', world);
