// What the guard costs a writing transaction: the same load on the same server, with and without it, in turns.
import type pg from 'pg';
import { databaseOf } from '../support/postgres-world.ts';
import { createGuardedShop, SHOP, startTestPostgres } from '../support/test-postgres.ts';
import { median } from './figures.ts';
import type { BenchTable } from './table.ts';

const ROUNDS = 7;
const TRANSACTIONS = 1500;

// These run inside the server, so that neither the network nor the disk hides what the guard costs.
const INSERT = `insert into shop.orders (note) values ('bench')`;
const LOADS = [
  { name: 'one INSERT', body: INSERT },
  {
    name: 'five INSERTs',
    body: Array.from({ length: 5 }, () => INSERT).join('; '),
  },
  { name: 'one UPDATE by key', body: `update shop.visits set day = day where id = 1 and day = '2026-06-01'` },
] as const;

/** Median over rounds; the two databases take turns within each round, so that a slow moment hits both. */
export async function benchGuard(): Promise<BenchTable> {
  const postgres = await startTestPostgres({ fsync: 'on', autovacuum: 'off' });
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
      rows.push([`${name}, in the server`, ...(await compare(without, withGuard, inServer))]);
    }
    rows.push(['one INSERT, from a client, durable', ...(await compare(without, withGuard, fromClient))]);
    return {
      title: 'Lease guard: what it adds to a writing transaction',
      columns: ['transaction', 'without (us)', 'with (us)', 'added (us)', 'ratio'],
      rows,
      notes: [
        `Median of ${ROUNDS} rounds of ${TRANSACTIONS} transactions, one session. In the server: in a procedure, without waiting for the disk.`,
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
  await client.query('set synchronous_commit = off');
  await client.query('call shop.load(200)');
}

/** Microseconds for one transaction. */
type Measure = (client: pg.Client) => Promise<number>;

async function compare(without: pg.Client, withGuard: pg.Client, measure: Measure): Promise<string[]> {
  const times: { without: number[]; with: number[] } = { without: [], with: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.without.push(await measure(without));
    times.with.push(await measure(withGuard));
  }
  const [before, after] = [median(times.without), median(times.with)];
  return [before.toFixed(1), after.toFixed(1), (after - before).toFixed(1), `${(after / before).toFixed(2)}x`];
}

async function inServer(client: pg.Client): Promise<number> {
  const began = performance.now();
  await client.query(`call shop.load(${TRANSACTIONS})`);
  return ((performance.now() - began) * 1000) / TRANSACTIONS;
}

async function fromClient(client: pg.Client): Promise<number> {
  await client.query('set synchronous_commit = on');
  const transactions = TRANSACTIONS / 5;
  const began = performance.now();
  for (let n = 0; n < transactions; n += 1) await client.query(INSERT);
  return ((performance.now() - began) * 1000) / transactions;
}
