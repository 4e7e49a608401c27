// The database of a site, as its region runs it: made once, killed, and started again with the data that it has.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalPostgres, startPostgres } from '../postgres.ts';
import type { Hands } from './hands.ts';
import { ports, siteHost, type WorldPlan } from './plan.ts';

/** `setUp` is done to a database that has just been made, and never again. */
export async function startSiteDatabase(
  plan: WorldPlan,
  site: 'aws' | 'gcp',
  setUp: (postgres: LocalPostgres) => Promise<void>,
): Promise<NonNullable<Hands['database']>> {
  const dataDir = join(plan.dir, `${site}-postgres`);
  const start = () =>
    startPostgres({ dataDir, host: siteHost(plan.net, site), port: ports.postgres, ...plan.postgres });
  const isNew = !existsSync(dataDir);
  let postgres = await start();
  if (isNew) await setUp(postgres);
  return {
    kill: () => postgres.kill(),
    start: async () => {
      postgres = await start();
    },
  };
}
