// What the guard costs a writing transaction: the same load on the same server, with and without it, in turns.
import type pg from 'pg';
import { databaseOf } from '../support/postgres-world.ts';
import { createGuardedShop, SHOP, startTestPostgres } from '../support/test-postgres.ts';
import type { BenchTable } from './table.ts';

const ROUNDS = 7;
const TRANSACTIONS = 1500;

// Each runs inside the server, so that the network does not hide what the guard costs. A transaction is one row.
const LOADS = [
  { name: 'one INSERT', body: `insert into shop.orders (note) values ('bench')` },
  {
    name: 'five INSERTs',
    body: Array.from({ length: 5 }, () => `insert into shop.orders (note) values ('bench')`).join('; '),
  },
  { name: 'one UPDATE by key', body: `update shop.visits set day = day where id = 1 and day = '2026-06-01'` },
] as const;

/** Median over rounds; the two databases take turns within each round, so that a slow moment hits both. */
export async function benchGuard(): Promise<BenchTable> {
  const postgres = await startTestPostgres({ fsync: 'off', synchronous_commit: 'off', autovacuum: 'off' });
  try {
    const guarded = await createGuardedShop(postgres, 'guarded');
    const plain = await postgres.createDatabase('plain');
    await (await plain.client('owner')).query(SHOP);
    const keeper = databaseOf(guarded);
    const { clock } = await keeper.guard.beat(1);
    await keeper.guard.open(1, 1, clock, 3600);
    await keeper.close();
    const [without, withGuard] = await Promise.all([plain.client('owner'), guarded.client('owner')]);
    const rows: string[][] = [];
    for (const { name, body } of LOADS) {
      for (const client of [without, withGuard]) await prepare(client, body);
      const times = { without: [] as number[], with: [] as number[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        times.without.push(await microseconds(without));
        times.with.push(await microseconds(withGuard));
      }
      const [before, after] = [median(times.without), median(times.with)];
      rows.push([
        name,
        before.toFixed(1),
        after.toFixed(1),
        (after - before).toFixed(1),
        `${(after / before).toFixed(2)}x`,
      ]);
    }
    return {
      title: 'Lease guard: what it adds to a writing transaction',
      columns: ['transaction', 'without (us)', 'with (us)', 'added (us)', 'ratio'],
      rows,
      notes: [
        `Median of ${ROUNDS} rounds of ${TRANSACTIONS} transactions, one session, in a procedure inside the server: no network, no fsync.`,
        'A transaction pays once for its row in causeway.writing and the check at commit, and at each statement for a look at the lease.',
      ],
    };
  } finally {
    await postgres.close();
  }
}

async function prepare(client: pg.Client, body: string): Promise<void> {
  await client.query(`create or replace procedure shop.load(transactions integer) language plpgsql as $$ begin
    for n in 1..transactions loop ${body}; commit; end loop; end $$`);
  await client.query(`insert into shop.visits values ('2026-06-01', 1) on conflict do nothing`);
  await client.query(`call shop.load(200)`);
}

async function microseconds(client: pg.Client): Promise<number> {
  const began = performance.now();
  await client.query(`call shop.load(${TRANSACTIONS})`);
  return ((performance.now() - began) * 1000) / TRANSACTIONS;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
