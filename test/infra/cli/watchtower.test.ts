// `causeway watchtower`: a lookout as a process, over a real network and a real store.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import { type HttpServer, startHttp } from '../../../infra/local/standins/http.ts';
import { Bulletin } from '../../../shared/model/bulletin.ts';
import { eventually } from '../../support/test-postgres.ts';
import { startEstate, type TestEstate } from './estate.ts';

let application: HttpServer;
let estate: TestEstate;
beforeAll(async () => {
  application = await startHttp(async () => ({ status: 200 }), { host: '127.0.0.1', port: 0 });
  estate = await startEstate([
    { path: ['sites', 'aws', 'health_url'], value: `${application.url}/healthz` },
    // Nothing listens there: whoever asks is refused at once.
    { path: ['sites', 'gcp', 'health_url'], value: 'http://127.0.0.1:1/healthz' },
  ]);
});
afterAll(async () => {
  await estate?.close();
  await application?.close();
});

it('puts up what it sees of every site, until it is stopped', async () => {
  const store = openEstate(estate.terminal(), {}).around.stores.get('witness')!;
  const watching = estate.begin('watchtower', '--name', 'watchtower');
  await eventually('a bulletin is up', async () => (await store.get('bulletins/watchtower.json')) !== null);
  watching.stop();
  const { out, code } = await watching.ended;
  expect(code).toBe(0);
  const bulletin = Bulletin.parse(JSON.parse((await store.get('bulletins/watchtower.json'))!.body));
  expect(bulletin).toMatchObject({
    lookout: 'watchtower',
    ground: 'elsewhere',
    sites: { aws: { health: 'healthy' }, gcp: { health: 'unhealthy' } },
    database: null,
  });
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(0)).toMatchObject({ severity: 'INFO', message: 'watching aws and gcp', lookout: 'watchtower' });
  expect(lines.at(-1)).toMatchObject({ message: 'ended' });
});

it('does not start under a name that the strategy does not have', async () => {
  const { err, code } = await estate.causeway('watchtower', '--name', 'lighthouse');
  expect(code).toBe(2);
  expect(err).toContain('the strategy names no lookout "lighthouse": it names watchtower');
});
