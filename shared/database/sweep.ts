// The sweep: what each minute looks for tables that escaped the guard, puts it on them, and clears what writers left behind. What it
// cannot mend the readiness check tells.
import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, withSession } from './session.ts';
import { guardTable, readTables } from './tables.ts';

type SweepReport = {
  /** Tables that had no guard and have one now. */
  mended: string[];
};

export type Sweep = {
  /** Throws `DatabaseUnavailable`. Safe to run at any time, by several keepers at once. */
  sweep(): Promise<SweepReport>;
};

// Rows of finished transactions. Those of open ones are invisible here, and their locks stay.
const CLEAR = 'with cleared as (delete from causeway.writing returning 1) select count(*)::int as value from cleared';

export function createPostgresSweep(connect: PgConnect, clock: Clock): Sweep {
  return {
    sweep: () =>
      withSession(connect, 'sweep the database', { statementSeconds: 15 }, async (session) => {
        const mended: string[] = [];
        for (const table of await readTables(session)) {
          if (table.guard !== 'missing' || !table.may) continue;
          const { outcome } = await guardTable(session, clock, table);
          if (outcome === 'guarded') mended.push(table.name);
        }
        z.int().parse(oneValue(await session.rows(CLEAR)));
        return { mended };
      }),
  };
}
