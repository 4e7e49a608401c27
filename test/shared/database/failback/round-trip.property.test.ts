// Random histories on both sides of a failover: every stranded change is accounted for, and after rejoining both databases are equal.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconciled, rejoined } from '../../../support/coming-back-phases.ts';
import { comingBackWorld, contentOf } from '../../../support/coming-back-world.ts';
import { eventually, startTestPostgres, type TestPostgres } from '../../../support/test-postgres.ts';

let servers: { old: TestPostgres; new: TestPostgres };
let made = 0;

beforeAll(async () => {
  const settings = { wal_receiver_status_interval: '1' };
  const [old, fresh] = await Promise.all([startTestPostgres(settings), startTestPostgres(settings)]);
  servers = { old, new: fresh };
});
afterAll(() => Promise.all([servers?.old.close(), servers?.new.close()]));

const id = fc.integer({ min: 1, max: 6 });
const statement = fc.oneof(
  fc.tuple(id, id).map(([n, v]) => `insert into shop.things values (${n}, 'v${v}') on conflict do nothing`),
  fc.tuple(id, id).map(([n, v]) => `update shop.things set value = 'w${v}' where id = ${n}`),
  id.map((n) => `delete from shop.things where id = ${n}`),
  id.map((n) => `insert into shop.orders (note) values ('n${n}')`),
);
const history = fc.array(statement, { maxLength: 8 });

it('accounts for every stranded change, and ends with two equal databases', async () => {
  await fc.assert(
    fc.asyncProperty(history, history, history, async (before, stranded, after) => {
      made += 1;
      const schema = 'create table shop.things (id int primary key, value text);';
      const world = await comingBackWorld(servers, `trip_${made}`, { schema });
      try {
        await world.atOld(...before);
        await world.caughtUp();
        await world.cut();
        await world.atOld(...stranded);
        await world.failOver();
        await world.atNew(...after);
        const { changes, outcomes } = await reconciled(world);
        expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(changes);
        const keeper = await world.new.database.client('keeper');
        const { rows } = await keeper.query('select count(*)::int as n from causeway.reconciled');
        expect(rows[0].n).toBe(changes);
        await rejoined(world);
        await eventually('both sides are equal', async () => {
          const [old, fresh] = [await contentOf(world.old.database), await contentOf(world.new.database)];
          return JSON.stringify(old) === JSON.stringify(fresh);
        });
      } finally {
        await world.close();
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
}, 120_000);
