// `causeway keeper`: a real keeper as a process, on a real database: it renews, it is not interrupted by its own lives, and it ends cleanly.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HttpServer } from '../../../infra/local/standins/http.ts';
import { startSecretsManagerStandin } from '../../../infra/local/standins/secrets-manager.ts';
import {
  createGuardedShop,
  eventually,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';
import { registerOf, startEstate, type TestEstate } from './estate.ts';

let postgres: TestPostgres;
let secrets: HttpServer;
let database: TestDatabase;
let estate: TestEstate;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await createGuardedShop(postgres, 'kept', { arm: true });
  secrets = await startSecretsManagerStandin({
    host: '127.0.0.1',
    port: 0,
    secrets: { 'gopro/causeway-keeper': new URL(database.url('keeper')).password },
    faults: () => null,
  });
  // The SDK reads it by itself, as in production.
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.url);
  const site = (...path: string[]) => ['sites', 'aws', ...path];
  const server = postgres.server();
  estate = await startEstate(
    [
      { path: site('database', 'host'), value: server.host },
      { path: site('database', 'port'), value: server.port },
      { path: site('database', 'name'), value: database.name },
      { path: site('database', 'user'), value: 'keeper' },
      { path: site('health_url'), value: 'http://127.0.0.1:1/healthz' },
      { path: ['sites', 'gcp', 'health_url'], value: 'http://127.0.0.1:1/healthz' },
      { path: ['authority', 'beat'], value: '500ms' },
    ],
    { env: { CAUSEWAY_DATABASE_TLS: 'off', CAUSEWAY_KEEPER_SECONDS: '2' } },
  );
  await estate.causeway('init', '--writer', 'aws', '--yes');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await estate?.close();
  await secrets?.close();
  await postgres?.close();
});

const linesOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const renewal = async () => {
  const read = await registerOf(estate).read();
  return read.kind === 'value' ? read.value.lease.renewal : -1;
};

describe('keeper', () => {
  it('opens the database, renews over several of its lives, logs JSON, and ends when it is asked to', async () => {
    const app = await database.client('app');
    const insert = `insert into shop.orders (note) values ('kept')`;
    await expect(app.query(insert)).rejects.toMatchObject({ code: '25006' });
    const keeping = estate.begin('keeper', '--site', 'aws', '--verbose');
    await eventually('the database is open', async () =>
      app.query(insert).then(
        () => true,
        () => false,
      ),
    );
    const before = await renewal();
    await eventually('two more lives have renewed', async () => {
      const beats = linesOf(keeping.said.out).filter(({ message }) => message === 'beat: renewed');
      return beats.length > 4 && (await renewal()) > before + 4;
    });
    keeping.stop();
    const { out, err, code } = await keeping.ended;
    expect(err).toBe('');
    expect(code).toBe(0);
    const lines = linesOf(out);
    expect(lines.at(0)).toMatchObject({ severity: 'INFO', site: 'aws', process: 'keeper', message: 'keeping aws' });
    expect(lines.at(-1)).toMatchObject({ message: 'ended' });
    expect(lines.filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });

  it('does not start without a site', async () => {
    const { err, code } = await estate.causeway('keeper');
    expect(code).toBe(2);
    expect(err).toContain('name it with --site <site> or in CAUSEWAY_SITE');
  });
});
