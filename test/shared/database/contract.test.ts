// The ports of the database against their contracts, on real PostgreSQL.
import { afterAll, beforeAll } from 'vitest';
import { fencingContract } from '../../contract/fencing.ts';
import { leaseGuardContract } from '../../contract/lease-guard.ts';
import { guardedPostgresWorld } from '../../support/postgres-world.ts';
import { startTestPostgres, type TestPostgres } from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let made = 0;

beforeAll(async () => {
  postgres = await startTestPostgres({ max_prepared_transactions: '5' });
});
afterAll(() => postgres?.close());

const world = () => {
  made += 1;
  return guardedPostgresWorld(postgres, `world_${made}`);
};

leaseGuardContract('PostgreSQL', world);
fencingContract('PostgreSQL', world);
