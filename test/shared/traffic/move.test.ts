// Moving traffic step by step, with zones and buckets that fail: what is done, what is pending, and who is refused.
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../infra/local/dns/resolution.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { type Resolver, TrafficUnavailable } from '../../../shared/ports/traffic.ts';
import { BEACON_SIGNAL, beaconKey, createBeacon } from '../../../shared/traffic/beacon.ts';
import type { TrafficView } from '../../../shared/traffic/compile.ts';
import { moveTraffic } from '../../../shared/traffic/move.ts';
import { readOwnership } from '../../../shared/traffic/ownership.ts';
import { publishTraffic } from '../../../shared/traffic/publish.ts';
import { createFakeDnsZone } from '../../support/fake-dns-zone.ts';
import { createFakeBucket, createFakeObjectStore } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { PLACES } from '../../support/places.ts';
import { trafficStrategy } from '../../support/traffic-strategy.ts';
import { cloudDnsZone, route53Zone } from '../../support/zone-images.ts';

const HOME: TrafficView = { writer: 'aws', away: [], epoch: 1 };
const FAILED_OVER: TrafficView = { writer: 'gcp', away: ['aws'], epoch: 2 };
const IDS: Record<string, string> = { aws: 'check-aws', gcp: 'check-gcp' };

function start(strategy: Strategy = trafficStrategy()) {
  const route53 = createFakeDnsZone('route53');
  const clouddns = createFakeDnsZone('clouddns');
  const bucket = createFakeBucket('unique');
  const broken = new Set<string>();
  const world = { epoch: 1, settled: true, unasked: new Set<string>() };
  const store = createFakeObjectStore({
    name: 'beacons',
    bucket,
    clock: createManualClock(),
    faults: ({ key }) => (broken.has(key) ? { kind: 'unknown-before' } : null),
  });
  const beacon = (away: string) => createBeacon({ store, key: beaconKey(away) });
  const beacons: Record<string, ReturnType<typeof beacon>> = { aws: beacon('aws'), gcp: beacon('gcp') };
  const isLit = (away: string) => bucket.objects.get(beaconKey(away))?.body.includes(BEACON_SIGNAL) === true;
  // Answers as the providers' servers would, from what the zones hold and from what health checks see.
  const resolver: Resolver = {
    ask: async (server, name, type) => {
      if (world.unasked.has(server)) throw new TrafficUnavailable(`${server} did not answer`);
      const unhealthy = Object.keys(IDS)
        .filter(isLit)
        .map((away) => IDS[away] ?? '');
      const rules =
        server === 'ns-route53' ? route53Zone(route53.records(), unhealthy) : cloudDnsZone(clouddns.records());
      const asker = { place: PLACES.chicago, fraction: () => 0 };
      return resolve(rules, name, type, asker).answers;
    },
  };
  const common = { strategy, zones: [route53, clouddns], beacons, currentEpoch: async () => world.epoch, force: false };
  return {
    world,
    route53,
    clouddns,
    broken,
    isLit,
    publish: (view: TrafficView) =>
      publishTraffic({
        ...common,
        view,
        checks: {
          ensure: async () => IDS,
          observe: async (id) => {
            if (!world.settled) return { state: 'unsettled', because: 'new' };
            return { state: isLit(id.replace('check-', '')) ? 'lit' : 'dark', because: 'seen' };
          },
        },
      }),
    move: (view: TrafficView, force = false) =>
      moveTraffic({
        ...common,
        force,
        view,
        resolver,
        servers: { route53: ['ns-route53'], clouddns: ['ns-clouddns'] },
      }),
  };
}

async function failedOver(strategy: Strategy = trafficStrategy()) {
  const parts = start(strategy);
  await parts.publish(HOME);
  parts.world.epoch = 2;
  return { ...parts, step: parts.move(FAILED_OVER) };
}

describe('publishTraffic', () => {
  it('publishes both zones once, with dark beacons that prove their buckets writable', async () => {
    const { publish, route53, clouddns } = start();
    const first = await publish(HOME);
    expect(first).toMatchObject({
      kind: 'done',
      outcomes: [{ outcome: { kind: 'accepted' } }, { outcome: { kind: 'accepted' } }],
    });
    expect(await publish(HOME)).toMatchObject({
      outcomes: [{ outcome: { kind: 'nothing-to-do' } }, { outcome: { kind: 'nothing-to-do' } }],
    });
    for (const zone of [route53, clouddns]) {
      expect(readOwnership(zone.records(), 'app.example.com')).toMatchObject({ epoch: 1, revision: 1 });
    }
  });

  it('waits for checks that have not looked, because a new inverted check would move the traffic', async () => {
    const { publish, world, route53 } = start();
    world.settled = false;
    expect(await publish(HOME)).toMatchObject({ kind: 'waiting' });
    expect(route53.records()).toEqual([]);
  });

  it('says why when a zone is not what it should be, instead of done', async () => {
    const { publish, world, clouddns } = start();
    world.epoch = 2;
    expect(await publish(HOME)).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(
        /route53: the register stands at epoch 2.*clouddns: the register stands at epoch 2/,
      ),
    });
    expect(clouddns.records()).toEqual([]);
  });

  it('fails when a bucket cannot be written, before a failover would need it', async () => {
    const { publish, broken } = start();
    broken.add(beaconKey('aws'));
    await expect(publish(HOME)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});

describe('moveTraffic', () => {
  it('lights the beacon, writes both zones, and is done by what the servers answer', async () => {
    const { step, isLit, route53, clouddns } = await failedOver();
    expect((await step.observe()).kind).toBe('not-moved');
    expect(await step.apply()).toMatchObject({ kind: 'applied', pending: [], refused: [] });
    expect(isLit('aws')).toBe(true);
    expect(await step.verify()).toMatchObject({ kind: 'moved', pending: [] });
    for (const zone of [route53, clouddns]) {
      expect(readOwnership(zone.records(), 'app.example.com')).toMatchObject({ epoch: 2 });
    }
  });

  it('is a matter of nothing the second time, whoever runs it', async () => {
    const { step, move, route53 } = await failedOver();
    await step.apply();
    const before = route53.records();
    expect(await move(FAILED_OVER).apply()).toEqual({ kind: 'applied', did: [], pending: [], refused: [] });
    expect(route53.records()).toBe(before);
  });

  it('counts as moved by the beacon alone while the Route 53 API is dead, and says that the records are to follow', async () => {
    const { step, route53, clouddns } = await failedOver();
    route53.setOutage('before');
    const applied = await step.apply();
    expect(applied.kind === 'applied' && applied.pending.join(' ')).toMatch(/records of route53 are to follow/);
    const state = await step.verify();
    expect(state.kind).toBe('moved');
    expect(state.pending.join(' ')).toMatch(/Whether route53 says it could not be found out/);
    route53.setOutage(null);
    expect((await step.observe()).pending.join(' ')).toMatch(/route53 do not say it yet; were the beacon lost/);
    await step.apply();
    expect(await step.verify()).toMatchObject({ kind: 'moved', pending: [] });
    expect(clouddns.records().length).toBeGreaterThan(0);
  });

  it('finds the change made whose answer was lost', async () => {
    const { step, route53 } = await failedOver();
    route53.setOutage('after');
    expect((await step.apply()).kind).toBe('applied');
    route53.setOutage(null);
    expect(await step.verify()).toMatchObject({ kind: 'moved', pending: [] });
  });

  it('moves by records alone when the bucket is dead', async () => {
    const { step, broken, isLit } = await failedOver();
    broken.add(beaconKey('aws'));
    const applied = await step.apply();
    expect(applied.kind === 'applied' && applied.pending.join(' ')).toMatch(/beacon of "aws" could not be lit/);
    expect(isLit('aws')).toBe(false);
    expect((await step.verify()).kind).toBe('moved');
  });

  it('is not moved while the delegated provider still leads away, whatever the warm copy says', async () => {
    const { step, clouddns, route53 } = await failedOver(trafficStrategy({ dns: { delegation: 'both' } }));
    clouddns.setOutage('before');
    await step.apply();
    const state = await step.verify();
    expect(state.kind).toBe('not-moved');
    expect(state.because).toMatch(/clouddns: app\.example\.com at ns-clouddns answers 192\.0\.2\.10 \(aws\)/);
    clouddns.setOutage(null);
    await step.apply();
    expect((await step.verify()).kind).toBe('moved');
    expect(route53.records().length).toBeGreaterThan(0);
  });

  it('takes silent servers as unknown, never as moved', async () => {
    const { step, world } = await failedOver();
    await step.apply();
    world.unasked.add('ns-route53');
    expect(await step.verify()).toMatchObject({ kind: 'unknown', pending: [] });
  });

  it('refuses a stale executor before it sends anything, and again at the beacon and at the zone', async () => {
    const { step, move, world, isLit, route53 } = await failedOver();
    const late = move(HOME);
    expect(await late.apply()).toMatchObject({
      kind: 'stale',
      because: expect.stringMatching(/register stands at epoch 2/),
    });
    await step.apply();
    const records = route53.records();
    // The register's answer was true when it was read, and the executor was held up after it.
    world.epoch = 1;
    expect(await late.apply()).toMatchObject({ kind: 'stale' });
    expect(isLit('aws')).toBe(true);
    expect(route53.records()).toBe(records);
  });

  it('comes back: records first, then the beacon is cleared', async () => {
    const { step, move, world, isLit } = await failedOver();
    await step.apply();
    world.epoch = 3;
    const back = move({ writer: 'aws', away: [], epoch: 3 });
    expect(await back.apply()).toMatchObject({ kind: 'applied', pending: [], refused: [] });
    expect(isLit('aws')).toBe(false);
    expect(await back.verify()).toMatchObject({ kind: 'moved', pending: [] });
  });

  it('does not invent records where none were published beforehand', async () => {
    const { move, world, route53 } = start();
    world.epoch = 2;
    const applied = await move(FAILED_OVER).apply();
    expect(applied.kind === 'applied' && applied.refused.join(' ')).toMatch(
      /publish the records once while both clouds are well/,
    );
    expect(route53.records()).toEqual([]);
  });
});
