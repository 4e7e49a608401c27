// Following against its contract, on two real servers that hand the role to each other; and the slot for the way back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSession } from '../../../shared/database/session.ts';
import { followingContract } from '../../contract/following.ts';
import { pairPostgresWorld } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let servers: { one: TestPostgres; other: TestPostgres };
let made = 0;

beforeAll(async () => {
  const [one, other] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  servers = { one, other };
});
afterAll(() => Promise.all([servers?.one.close(), servers?.other.close()]));

const makePair = async () => {
  made += 1;
  return pairPostgresWorld(servers, `pair_${made}`);
};

followingContract('PostgreSQL', makePair);

/** The inserts that a reader of the slot would get: of what was written there alone, or of everything. */
async function insertsIn({ connect }: TestDatabase, slot: string, origin: 'none' | 'any'): Promise<number> {
  const inserts = await withSession(connect, 'peek into the slot', { statementSeconds: 10 }, (session) =>
    session.rows(
      `select lsn from pg_logical_slot_peek_binary_changes($1, null, null,
        'proto_version', '4', 'publication_names', 'causeway', 'origin', $2) where get_byte(data, 0) = ascii('I')`,
      [slot, origin],
    ),
  );
  return inserts.length;
}

describe('the slot for the way back', () => {
  it('that is made while rows of the old writer still arrive carries none of them, and all that is written there later', async () => {
    const world = await makePair();
    try {
      const { one, other, databases } = world;
      const { clock } = await one.guard.beat(1);
      await one.guard.open(1, 1, clock, 600);
      await one.insert('first');
      await world.caughtUp(other, one);
      const making = other.promotion.prepareReverse(2);
      for (let row = 0; row < 20; row++) await one.insert(`row ${row}`);
      const slot = await making;
      await one.insert('after the slot was made');
      await world.caughtUp(other, one);
      expect(slot).toBe('causeway_epoch_2');
      expect(await insertsIn(databases.other, slot, 'any')).toBeGreaterThan(0);
      expect(await insertsIn(databases.other, slot, 'none')).toBe(0);

      const { heartbeat } = await one.fencing.fence(1, 10);
      await other.promotion.drain(8, heartbeat);
      await other.promotion.detach();
      await other.promotion.advanceSequences();
      const reading = await other.guard.beat(2);
      await other.guard.open(2, 1, reading.clock, 600);
      await other.insert('of the new writer');
      expect(await one.following.follow({ writer: other.name, epoch: 2 })).toEqual({ kind: 'follows' });
      await world.caughtUp(one, other);
      const rows = await one.rows();
      expect([rows.length, rows.at(-1)]).toEqual([23, 'of the new writer']);
      expect(await other.rows()).toEqual(rows);
    } finally {
      await world.close();
    }
  });

  it("is refused where another database of the same server has one of that name, whose holder's rows it would keep", async () => {
    const world = await makePair();
    const neighbour = await createGuardedShop(servers.other, 'neighbour');
    const asNeighbour = (sql: string) =>
      withSession(neighbour.connect, sql, { statementSeconds: 10 }, (session) => session.rows(sql));
    try {
      await asNeighbour(`select pg_create_logical_replication_slot('causeway_epoch_9', 'pgoutput')`);
      await expect(world.other.promotion.prepareReverse(9)).rejects.toThrow(
        "the slot causeway_epoch_9 belongs to another database of this server: two estates cannot share one instance; drop it if it is nobody's",
      );
      await asNeighbour(`select pg_drop_replication_slot('causeway_epoch_9')`);
      expect(await world.other.promotion.prepareReverse(9)).toBe('causeway_epoch_9');
    } finally {
      await world.close();
    }
  });
});
