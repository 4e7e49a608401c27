// What the sample application says of itself: a real read of its database and, where it is the writer's, a real write.
import type pg from 'pg';
import { messageOf, runQuery } from './query.ts';
import { sameAddress, type WriterAddress, type WriterPool } from './writer-pool.ts';

export type AppHealth = {
  site: string;
  healthy: boolean;
  /** `unknown`: the writer name does not answer, so only the read counts. */
  role: 'writer' | 'standby' | 'unknown';
  /** `ok` null: could not find out, which does not make the site unhealthy. */
  dependencies: { name: string; ok: boolean | null; because: string }[];
};

export async function checkHealth(
  options: { site: string; database: WriterAddress; probeStatement: string },
  own: pg.Pool,
  writer: WriterPool,
): Promise<AppHealth> {
  const [read, role] = await Promise.all([readDatabase(own), findRole(options, writer)]);
  const dependencies = [read, role.dependency];
  if (role.role === 'writer') dependencies.push(await writeProbe(own, options.probeStatement));
  return {
    site: options.site,
    healthy: dependencies.every((dependency) => dependency.ok !== false),
    role: role.role,
    dependencies,
  };
}

type Dependency = AppHealth['dependencies'][number];

async function readDatabase(own: pg.Pool): Promise<Dependency> {
  const answer = await runQuery(own, 'SELECT count(*) AS checks FROM shop.service_checks', []);
  return answer.kind === 'rows'
    ? { name: 'database-read', ok: true, because: 'a query of shop.service_checks was answered' }
    : { name: 'database-read', ok: false, because: answer.because };
}

async function writeProbe(own: pg.Pool, statement: string): Promise<Dependency> {
  const answer = await runQuery(own, statement, []);
  return answer.kind === 'rows'
    ? { name: 'database-write', ok: true, because: 'a row of causeway.probe was written' }
    : { name: 'database-write', ok: false, because: answer.because };
}

async function findRole(
  options: { database: WriterAddress },
  writer: WriterPool,
): Promise<{ role: AppHealth['role']; dependency: Dependency }> {
  try {
    const address = await writer.address();
    const because = `the writer name leads to ${address.host}:${address.port}`;
    const role = sameAddress(address, options.database) ? 'writer' : 'standby';
    return { role, dependency: { name: 'writer-name', ok: true, because } };
  } catch (error) {
    return { role: 'unknown', dependency: { name: 'writer-name', ok: null, because: messageOf(error) } };
  }
}
