// A session that several loops share: their queries go one after another, and none waits behind one that was given up.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let database: TestDatabase;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.createDatabase('shared_session');
});
afterAll(() => postgres?.close());

it('asks one thing at a time, in order, and a refusal stops nobody else', async () => {
  const session = await database.connect({ statementSeconds: 5 });
  const warnings: string[] = [];
  const hear = (warning: Error) => warnings.push(warning.message);
  process.on('warning', hear);
  const ended: number[] = [];
  const note = (number: number) => () => ended.push(number);
  const [slow, wrong, quick] = await Promise.allSettled([
    session.rows('select pg_sleep(0.2)').finally(note(1)),
    session.rows('select 1 / 0').finally(note(2)),
    session.rows('select 7 as seven').finally(note(3)),
  ]);
  expect([slow?.status, wrong?.status, quick]).toEqual([
    'fulfilled',
    'rejected',
    { status: 'fulfilled', value: [{ seven: 7 }] },
  ]);
  expect(ended).toEqual([1, 2, 3]);
  expect(session.alive()).toBe(true);
  await session.close();
  process.off('warning', hear);
  expect(warnings.filter((one) => one.includes('client.query()'))).toEqual([]);
});

it('is not asked again once an answer did not come in time', async () => {
  const session = await database.connect({ statementSeconds: 1 });
  // The server does not give this one up by itself, as one that is frozen would not.
  await session.rows('set statement_timeout = 0');
  const both = await Promise.allSettled([session.rows('select pg_sleep(30)'), session.rows('select 1')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(session.alive()).toBe(false);
  await session.close();
});
