// Exercises: the calls that a failover will make, made beforehand where they change nothing, so that a missing right is found on an
// ordinary day.
import type { ExerciseFacts } from '../../model/readiness.ts';
import type { Ground, SiteName } from '../../model/site.ts';
import type { Situation } from '../../model/situation.ts';
import { type Site, siteOf } from '../../model/strategy.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { type Beacon, createBeacon } from '../../traffic/beacon.ts';
import { compileTraffic } from '../../traffic/compile.ts';
import { presentView } from '../../traffic/present.ts';
import { beaconPlace } from '../../traffic/publish.ts';
import { verifyTraffic } from '../../traffic/verify.ts';
import { zoneDifferences } from '../../traffic/write-zone.ts';
import type { Surroundings } from '../surroundings.ts';

export type ExerciseCall = {
  name: string;
  ground: Ground;
  /** What is paid for each time, and rarely changes, is called less often than once a minute. */
  everySeconds: number;
  call: (situation: Situation) => Promise<ExerciseFacts>;
};

const minute = 60;
const tenMinutes = 600;
const publicSeconds = 4;
const answered: ExerciseFacts = { kind: 'answered' };

/** Every call by its name; none is made yet. */
export function exerciseCalls(around: Surroundings): ExerciseCall[] {
  const { strategy } = around;
  return [
    ...storeCalls(around),
    ...strategy.sites.flatMap((site) => [...beaconCalls(around, site), ...siteCalls(around, site)]),
    ...trafficCalls(around),
    ...secretCalls(around),
  ];
}

/** Reading alone would not find a right to write that is missing: a standby writes to the register in a failover only. */
function storeCalls({ strategy, stores, site }: Surroundings): ExerciseCall[] {
  return strategy.authority.stores.flatMap((declared): ExerciseCall[] => {
    const store = stores.get(declared.name);
    if (!store) return [];
    const ground = declared.site === null ? 'elsewhere' : siteOf(strategy, declared.site).provider;
    const key = `readiness/hand-of-${site}.json`;
    return [
      { name: `store ${declared.name}`, ground, everySeconds: minute, call: () => reads(store, key) },
      { name: `writing to store ${declared.name}`, ground, everySeconds: tenMinutes, call: () => writes(store, key) },
    ];
  });
}

async function reads(store: ObjectStore, key: string): Promise<ExerciseFacts> {
  await store.get(key);
  return answered;
}

async function writes(store: ObjectStore, key: string): Promise<ExerciseFacts> {
  await store.put(key, '{"schema":1}', {
    condition: { kind: 'none' },
    contentType: 'application/json',
    cacheControl: 'no-store',
  });
  return answered;
}

/** The beacon that moves traffic away from a site: as this keeper reaches it, and as the checkers of the world do. */
function beaconCalls(around: Surroundings, { name: away }: Site): ExerciseCall[] {
  const { strategy, probe, site } = around;
  if (strategy.sites.length < 2) return [];
  const place = beaconPlace(strategy, away);
  const ground = siteOf(strategy, place.site).provider;
  const store = around.beaconStore(place.site);
  const beacon = createBeacon({ store, key: place.key });
  return [
    {
      name: `beacon away from ${away}`,
      ground,
      everySeconds: minute,
      call: async (situation) => {
        const [state, seen] = await Promise.all([beacon.read(), probe.check(place.url, publicSeconds)]);
        return beaconFacts(state, presentView(strategy, situation).away.includes(away), seen, place.url);
      },
    },
    {
      name: `writing beside the beacon away from ${away}`,
      ground,
      everySeconds: tenMinutes,
      call: () => writes(store, `causeway/readiness/hand-of-${site}.json`),
    },
  ];
}

function beaconFacts(
  state: Awaited<ReturnType<Beacon['read']>>,
  mustBeLit: boolean,
  seen: Awaited<ReturnType<Surroundings['probe']['check']>>,
  url: string,
): ExerciseFacts {
  const because = `${url}: ${seen.because}`;
  return { kind: 'beacon', lit: state?.lit ?? null, mustBeLit, inPublic: seen.health, because };
}

function siteCalls(around: Surroundings, { name, provider, cluster, database }: Site): ExerciseCall[] {
  const calls: ExerciseCall[] = [];
  if (cluster) {
    calls.push({
      name: `cluster of ${name}`,
      ground: provider,
      everySeconds: minute,
      call: async () => {
        const { nodeMinimum, replicaFloor, readyReplicas } = await (await opened(around.capacityOf, name)).observe();
        return { kind: 'capacity', site: name, nodeMinimum, replicaFloor, readyReplicas };
      },
    });
  }
  if (database) {
    calls.push({
      name: `instance of ${name}`,
      ground: provider,
      everySeconds: minute,
      call: async () => ({
        kind: 'instance',
        site: name,
        ...(await (await opened(around.managedDatabaseOf, name)).state()),
      }),
    });
  }
  return calls;
}

async function opened<T>(open: (site: SiteName) => Promise<T | null>, site: SiteName): Promise<T> {
  const port = await open(site);
  if (port === null) throw new Error(`the strategy declares none for ${site}`);
  return port;
}

/** Both zones as their APIs list them, and what the servers of those that are delegated to answer. */
function trafficCalls({ strategy, zones, resolver }: Surroundings): ExerciseCall[] {
  const { delegation, nameServers } = strategy.dns;
  const providers = delegation === 'both' ? (['route53', 'clouddns'] as const) : ([delegation] as const);
  const desired = (situation: Situation) => compileTraffic(strategy, presentView(strategy, situation));
  return [
    ...zones.map(
      (zone): ExerciseCall => ({
        name: `records of ${zone.provider}`,
        ground: zone.provider === 'route53' ? 'aws' : 'gcp',
        everySeconds: minute,
        call: async (situation) => {
          const { records, unpublished } = await zoneDifferences(zone, strategy, desired(situation));
          return { kind: 'zone', differences: records, unpublished };
        },
      }),
    ),
    ...providers.map(
      (provider): ExerciseCall => ({
        name: `answers of ${provider}`,
        ground: 'elsewhere',
        everySeconds: minute,
        call: async (situation) => {
          const { verdict, because } = await verifyTraffic(resolver, nameServers[provider], desired(situation));
          return { kind: 'answers', verdict, because };
        },
      }),
    ),
  ];
}

/** A channel cannot be exercised without noise; what it needs to be used can. */
function secretCalls({ strategy, site, secrets }: Surroundings): ExerciseCall[] {
  const here = siteOf(strategy, site);
  const names = new Set([
    ...(here.database ? [here.database.passwordSecret] : []),
    ...strategy.channels.flatMap((channel) => {
      if (channel.kind === 'slack') return [channel.urlSecret];
      return channel.kind === 'pagerduty' ? [channel.routingKeySecret] : [];
    }),
  ]);
  return [...names].map((name) => ({
    name: `secret ${name}`,
    ground: here.provider,
    everySeconds: tenMinutes,
    call: async () => {
      await secrets.read(name);
      return answered;
    },
  }));
}
