// `causeway publish` against real control planes: nothing without --yes, then checks, beacons and the records of both zones, once.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import { type NameServer, startNameServer } from '../../../infra/local/dns/server.ts';
import { startCloudDnsStandin } from '../../../infra/local/standins/cloud-dns.ts';
import type { Fault } from '../../../infra/local/standins/http.ts';
import { startRoute53Standin } from '../../../infra/local/standins/route53.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { PLACES } from '../../support/places.ts';
import { registerOf, startEstate, type TestEstate, withRun } from './estate.ts';

const ZONE = { id: 'Z0123456789ABCDEFGHIJ', apex: 'gopro.example' };
const here = { host: '127.0.0.1', port: 0 };
let cloudDnsFault: Fault | null = null;
const quick = { ...here, propagationSeconds: 0, pageLimit: 100, stateFile: null, clock: systemClock };

let estate: TestEstate;
let closing: { close(): Promise<void> }[] = [];

const nameServer = (): Promise<NameServer> =>
  startNameServer({
    ...here,
    controlPort: 0,
    places: { rows: [], otherwise: PLACES.chicago },
    checkersPerCheck: 3,
    clock: systemClock,
    chance: systemChance,
  });

beforeAll(async () => {
  const [answering53, answeringCloud] = await Promise.all([nameServer(), nameServer()]);
  const route53 = await startRoute53Standin({
    ...quick,
    zone: ZONE,
    nameServers: [answering53.controlUrl],
    id: () => systemChance.id().slice(0, 14).toUpperCase(),
    faults: () => null,
  });
  const clouddns = await startCloudDnsStandin({
    ...quick,
    zone: { project: 'gopro-prod', name: 'gopro-example', apex: ZONE.apex },
    nameServers: [answeringCloud.controlUrl],
    faults: () => cloudDnsFault,
  });
  closing = [route53, clouddns, answering53, answeringCloud];
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', route53.url);
  // Nobody answers there: the checkers see both beacons dark, which is what they are.
  const dark = 'http://127.0.0.1:1';
  estate = await startEstate(
    [
      { path: ['sites', 'aws', 'beacon', 'public_url'], value: dark },
      { path: ['sites', 'gcp', 'beacon', 'public_url'], value: dark },
    ],
    { env: { CAUSEWAY_ENDPOINT_DNS: clouddns.url } },
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await estate.close();
  await Promise.all(closing.map((one) => one.close()));
});

const records = () =>
  Promise.all(openEstate(estate.terminal(), {}).around.zones.map((zone) => zone.list('learn.gopro.example')));

it('needs a register', async () => {
  const { err, code } = await estate.causeway('publish');
  expect(code).toBe(2);
  expect(err).toContain('`causeway init --writer <site>`');
  await estate.causeway('init', '--writer', 'aws', '--yes');
});

it('shows what it would make, and makes nothing, without --yes', async () => {
  const { out, code } = await estate.causeway('publish');
  expect(code).toBe(1);
  expect(out).toContain('aws writes at epoch 1');
  expect(out).toContain('health check on the beacon of aws: made where it is missing');
  expect(out).toMatch(/route53: \d+ added, 0 deleted/);
  expect(out).toMatch(/clouddns: \d+ added, 0 deleted/);
  expect(out).toContain('not-confirmed: nothing was changed: add --yes to publish it');
  expect(await records()).toEqual([[], []]);
});

it('leaves the records alone while no checker has looked, and says so', async () => {
  const { out, code } = await estate.causeway('publish', '--yes', '--wait', '0');
  expect(code).toBe(1);
  expect(out).toMatch(/waiting: after 0 s the check on the beacon of "aws" sees it unsettled and it should be dark/);
  expect(await records()).toEqual([[], []]);
});

it('publishes when they have looked, journals it, and has nothing to do the second time', async () => {
  const first = await estate.causeway('publish', '--yes', '--reason', 'the estate is new', '--json');
  expect(JSON.parse(first.out)).toMatchObject({ outcome: 'published', writer: 'aws', epoch: 1, away: [] });
  expect(first.code).toBe(0);
  const [route53 = [], clouddns = []] = await records();
  expect(route53.some(({ native }) => native.includes('HealthCheckId'))).toBe(true);
  expect(clouddns.length).toBeGreaterThan(0);
  const again = await estate.causeway('publish', '--yes');
  expect(again.out).toContain('route53: says it already');
  expect(again.out).toContain('published: route53: nothing-to-do; clouddns: nothing-to-do');
  expect(again.code).toBe(0);
  expect((await estate.causeway('journal', 'show')).out).toContain('the estate is new');
}, 60_000);

it('a zone that does not answer is unusable, and may be tried again', async () => {
  cloudDnsFault = { kind: 'drop' };
  const { err, code } = await estate.causeway('publish', '--yes');
  cloudDnsFault = null;
  expect(code).toBe(2);
  expect(err).toContain('publishing did not come to its end, and may be given again');
});

it('keeps its hands off while a run is open', async () => {
  await withRun(estate);
  const { out, code } = await estate.causeway('publish', '--yes');
  expect(code).toBe(1);
  expect(out).toContain('refused: the run aws_region_lost-e1-test is open, and moves traffic by itself');
  expect((await registerOf(estate).read()).kind).toBe('value');
});
