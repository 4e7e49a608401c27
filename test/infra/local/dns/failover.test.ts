// A failover as clients see it: real clients, stand-ins, beacons over HTTP, health checkers and DNS, with the control plane dead.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Route53Client } from '@aws-sdk/client-route-53';
import { OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoute53HealthChecks } from '../../../../aws/adapters/route53-health-checks.ts';
import { createRoute53Zone } from '../../../../aws/adapters/route53-zone.ts';
import { connectCloudDns, createCloudDnsZone } from '../../../../gcp/adapters/cloud-dns-zone.ts';
import { type NameServer, startNameServer } from '../../../../infra/local/dns/server.ts';
import { startCloudDnsStandin } from '../../../../infra/local/standins/cloud-dns.ts';
import { type HttpServer, startHttp } from '../../../../infra/local/standins/http.ts';
import { type Route53Standin, startRoute53Standin } from '../../../../infra/local/standins/route53.ts';
import type { Strategy } from '../../../../shared/model/strategy.ts';
import type { Clock } from '../../../../shared/ports/clock.ts';
import { beaconKey, createBeacon } from '../../../../shared/traffic/beacon.ts';
import type { TrafficView } from '../../../../shared/traffic/compile.ts';
import { moveTraffic } from '../../../../shared/traffic/move.ts';
import { publishTraffic } from '../../../../shared/traffic/publish.ts';
import { createResolver } from '../../../../shared/traffic/resolver.ts';
import { createFakeBucket, createFakeObjectStore } from '../../../support/fake-object-store.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { PLACES } from '../../../support/places.ts';
import { AWS_ADDRESS, GCP_ADDRESS, trafficStrategy } from '../../../support/traffic-strategy.ts';
import { seededChance } from '../../../support/virtual-time.ts';

const ZONE_ID = 'Z3M3LMPEXAMPLE';
const chance = seededChance(7);
const resolver = createResolver({ chance, timeoutSeconds: 2, tries: 2 });

/** A hundred seconds of checkers and propagation in one. */
const fastClock: Clock = {
  now: () => new Date('2026-11-23T12:00:00.000Z'),
  elapsedSeconds: () => performance.now() / 10,
  sleep: async (seconds, signal) => {
    // Aborted: the sleeper asks its signal itself.
    await wait(seconds * 10, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

const HOME: TrafficView = { writer: 'aws', away: [], epoch: 1 };
const FAILED_OVER: TrafficView = { writer: 'gcp', away: ['aws'], epoch: 2 };
const BACK: TrafficView = { writer: 'aws', away: [], epoch: 3 };

describe('a failover with the control plane of Route 53 dead', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-dns-'));
  const bucket = createFakeBucket('unique');
  let beacons: HttpServer;
  let servers: { route53: NameServer; clouddns: NameServer };
  let route53: Route53Standin;
  let clouddns: HttpServer;
  let strategy: Strategy;
  let epoch = 1;

  const nameServer = () =>
    startNameServer({
      host: '127.0.0.1',
      port: 0,
      controlPort: 0,
      places: { rows: [], otherwise: PLACES.chicago },
      checkersPerCheck: 3,
      clock: fastClock,
      chance,
    });

  const controlPlane = (port: number) =>
    startRoute53Standin({
      host: '127.0.0.1',
      port,
      zone: { id: ZONE_ID, apex: 'example.com' },
      nameServers: [servers.route53.controlUrl],
      propagationSeconds: 5,
      pageLimit: 100,
      stateFile: join(folder, 'route53.json'),
      clock: fastClock,
      id: () => chance.id(),
      faults: () => null,
    });

  beforeAll(async () => {
    beacons = await startHttp(
      async ({ path }) => {
        const found = bucket.objects.get(path.slice('/b/'.length));
        return found ? { status: 200, body: found.body } : { status: 404 };
      },
      { host: '127.0.0.1', port: 0 },
    );
    servers = { route53: await nameServer(), clouddns: await nameServer() };
    route53 = await controlPlane(0);
    clouddns = await startCloudDnsStandin({
      host: '127.0.0.1',
      port: 0,
      zone: { project: 'gopro', name: 'app-zone', apex: 'example.com' },
      nameServers: [servers.clouddns.controlUrl],
      propagationSeconds: 5,
      pageLimit: 100,
      stateFile: null,
      clock: fastClock,
      faults: () => null,
    });
    const base = trafficStrategy();
    const beacon = { bucket: 'beacons', publicUrl: `${beacons.url}/b` };
    strategy = { ...base, sites: base.sites.map((site) => ({ ...site, beacon })) };
  });
  afterAll(async () => {
    await Promise.all([route53.close(), clouddns.close()]);
    await Promise.all([servers.route53.close(), servers.clouddns.close(), beacons.close()]);
    rmSync(folder, { recursive: true });
  });

  function parts() {
    const client = new Route53Client({
      region: 'us-east-1',
      endpoint: route53.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: 'a-token' });
    const dns = connectCloudDns({ projectId: 'gopro', authClient, at: { host: clouddns.host, port: clouddns.port } });
    const store = createFakeObjectStore({ name: 'beacons', bucket, clock: createManualClock(), faults: () => null });
    return {
      strategy,
      zones: [
        createRoute53Zone(client, { zoneId: ZONE_ID, timeoutSeconds: 2 }),
        createCloudDnsZone(dns, { zone: 'app-zone', timeoutSeconds: 2 }),
      ],
      checks: createRoute53HealthChecks(client, { timeoutSeconds: 2 }),
      beacons: Object.fromEntries(['aws', 'gcp'].map((site) => [site, createBeacon({ store, key: beaconKey(site) })])),
      currentEpoch: async () => epoch,
      force: false,
      resolver,
      servers: { route53: [servers.route53.address], clouddns: [servers.clouddns.address] },
    };
  }

  const step = (view: TrafficView) => moveTraffic({ ...parts(), view });
  const addresses = async (provider: 'route53' | 'clouddns', name: string) => {
    const answers = await resolver.ask(servers[provider].address, name, 'A');
    return answers.filter((answer) => answer.type === 'A').map((answer) => answer.data);
  };
  const patience = { timeout: 15_000, interval: 50 };

  it('publishes once the checkers have looked, and clients are led home', async () => {
    await expect.poll(async () => (await publishTraffic({ ...parts(), view: HOME })).kind, patience).toBe('done');
    await expect.poll(() => step(HOME).verify(), patience).toMatchObject({ kind: 'moved', pending: [] });
    expect(await addresses('route53', 'app.example.com')).toEqual([AWS_ADDRESS]);
    await expect.poll(() => addresses('clouddns', 'app.example.com'), patience).toEqual([AWS_ADDRESS]);
  });

  it('moves every client by the beacon alone, and says that records are to follow', async () => {
    await route53.close();
    epoch = 2;
    const applied = await step(FAILED_OVER).apply();
    expect(applied).toMatchObject({ kind: 'applied', did: expect.arrayContaining(['beacon of "aws" lit']) });
    await expect.poll(async () => (await step(FAILED_OVER).verify()).kind, patience).toBe('moved');
    expect((await step(FAILED_OVER).verify()).pending.join(' ')).toMatch(
      /Whether route53 says it could not be found out/,
    );
    for (const name of ['app.example.com', 'writer.example.com']) {
      expect(await addresses('route53', name)).toEqual([GCP_ADDRESS]);
      await expect.poll(() => addresses('clouddns', name), patience).toEqual([GCP_ADDRESS]);
    }
  });

  it('writes the records when the API is back, and nothing turns back', async () => {
    route53 = await controlPlane(0);
    expect(await step(FAILED_OVER).apply()).toMatchObject({ kind: 'applied', pending: [], refused: [] });
    await expect.poll(() => step(FAILED_OVER).verify(), patience).toMatchObject({ kind: 'moved', pending: [] });
    // The beacon is lost with its bucket, the check turns back, and the records hold.
    const kept = bucket.objects.get(beaconKey('aws'));
    bucket.objects.delete(beaconKey('aws'));
    const { checks, zones } = parts();
    const [primary] = (await zones[0]!.list('to-aws.causeway.app.example.com')).filter(
      (one) => one.setIdentifier === 'primary',
    );
    const { HealthCheckId } = JSON.parse(primary!.native);
    await expect.poll(async () => (await checks.observe(HealthCheckId)).state, patience).toBe('dark');
    expect(await addresses('route53', 'to-aws.causeway.app.example.com')).toEqual([GCP_ADDRESS]);
    bucket.objects.set(beaconKey('aws'), kept!);
  });

  it('comes back at the next epoch', async () => {
    epoch = 3;
    expect(await step(BACK).apply()).toMatchObject({ kind: 'applied', pending: [], refused: [] });
    await expect.poll(() => step(BACK).verify(), patience).toMatchObject({ kind: 'moved', pending: [] });
    expect(await addresses('route53', 'writer.example.com')).toEqual([AWS_ADDRESS]);
  });
});
