// Following against its contract, on two real servers that hand the role to each other.
import { afterAll, beforeAll } from 'vitest';
import { followingContract } from '../../contract/following.ts';
import { pairPostgresWorld } from '../../support/postgres-world.ts';
import { startTestPostgres, type TestPostgres } from '../../support/test-postgres.ts';

let servers: { one: TestPostgres; other: TestPostgres };
let made = 0;

beforeAll(async () => {
  const [one, other] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  servers = { one, other };
});
afterAll(() => Promise.all([servers?.one.close(), servers?.other.close()]));

followingContract('PostgreSQL', async () => {
  made += 1;
  return pairPostgresWorld(servers, `pair_${made}`);
});
