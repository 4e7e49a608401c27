// What an estate is made of before anybody lives in it: fakes that share one virtual time, one network and one chance.
import type { SiteName } from '../../../shared/model/site.ts';
import { type Strategy, siteOf } from '../../../shared/model/strategy.ts';
import { createFakeCapacity } from '../fake-capacity.ts';
import { createFakeDatabase, type FakeDatabase, type FakeDatabaseOptions } from '../fake-database.ts';
import { createFakeDnsZone } from '../fake-dns-zone.ts';
import { createFakeManagedDatabase } from '../fake-managed-database.ts';
import { createFakeNotifier } from '../fake-notifier.ts';
import type { StoreFaults } from '../fake-object-store.ts';
import { theStrategy } from '../strategy.ts';
import { createVirtualTime, seededChance } from '../virtual-time.ts';
import { createAnswers } from './answers.ts';
import { createClients } from './clients.ts';
import { createNetwork } from './network.ts';
import { createStorage } from './storage.ts';

export type EstateOptions = {
  seed: number;
  /** Made of the example that ships with the local world. */
  change?: (strategy: Strategy) => Strategy;
  /** In place of the example. */
  strategy?: Strategy;
  makeClients?: typeof createClients;
  database?: (site: SiteName) => Pick<FakeDatabaseOptions, 'skew' | 'makeGuard' | 'fenceEndsBackends'>;
  storeFaults?: (store: string) => StoreFaults;
  /** How long a call of a port may take. */
  timeoutSeconds?: number;
};

export type Parts = ReturnType<typeof createParts>;

export function createParts(options: EstateOptions) {
  const { seed, change = (same) => same, strategy = change(theStrategy()), makeClients = createClients } = options;
  const time = createVirtualTime();
  const { clock } = time;
  const { elapsedSeconds } = clock;
  const chance = seededChance(seed);
  const network = createNetwork({ time, chance, latencySeconds: 0.04, timeoutSeconds: options.timeoutSeconds ?? 2 });
  const storage = createStorage(strategy, network, clock, options.storeFaults ?? (() => () => null));
  const placeOf = (site: SiteName) => siteOf(strategy, site).provider;
  const bySite = <T>(make: (site: SiteName) => T): Record<SiteName, T> =>
    Object.fromEntries(strategy.sites.map(({ name }) => [name, make(name)]));
  const databases: Record<SiteName, FakeDatabase> = bySite((name) =>
    createFakeDatabase({
      name,
      clock,
      ...options.database?.(name),
      peer: (other) => (network.reaches(placeOf(name), placeOf(other)) ? (databases[other] ?? null) : null),
    }),
  );
  const zones = { route53: createFakeDnsZone('route53'), clouddns: createFakeDnsZone('clouddns') };
  const beacons = bySite((away) => storage.beacon(away, 'elsewhere'));
  return {
    seed,
    strategy,
    time,
    network,
    storage,
    databases,
    zones,
    beacons,
    capacities: bySite(() => createFakeCapacity({ elapsedSeconds, nodeStartSeconds: 25, podStartSeconds: 5 })),
    instances: bySite(() => createFakeManagedDatabase({ elapsedSeconds, role: 'primary' })),
    channels: Object.fromEntries(strategy.channels.map(({ name }) => [name, createFakeNotifier()])),
    answers: createAnswers({ strategy, zones, beacons, clock, chance }),
    clients: makeClients(databases, clock),
    /** Sites whose application answers; while one does not, everything else of it lives. */
    serving: new Map(strategy.sites.map(({ name }) => [name, true])),
    log: [] as string[],
  };
}
