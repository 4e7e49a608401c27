// What an estate is made of before anybody lives in it: fakes that share one virtual time, one network and one chance.
import type { SiteName } from '../../../shared/model/site.ts';
import { type Strategy, siteOf } from '../../../shared/model/strategy.ts';
import { createFakeCapacity } from '../fake-capacity.ts';
import { createFakeDatabase, type FakeDatabase } from '../fake-database.ts';
import { createFakeDnsZone } from '../fake-dns-zone.ts';
import { createFakeManagedDatabase } from '../fake-managed-database.ts';
import { createFakeNotifier } from '../fake-notifier.ts';
import { theStrategy } from '../strategy.ts';
import { createVirtualTime, seededChance } from '../virtual-time.ts';
import { createAnswers } from './answers.ts';
import { createClients } from './clients.ts';
import { createNetwork } from './network.ts';
import { createStorage } from './storage.ts';

export type EstateOptions = { seed: number; change?: (strategy: Strategy) => Strategy };

export type Parts = ReturnType<typeof createParts>;

export function createParts({ seed, change = (same) => same }: EstateOptions) {
  const strategy = change(theStrategy());
  const time = createVirtualTime();
  const { clock } = time;
  const { elapsedSeconds } = clock;
  const chance = seededChance(seed);
  const network = createNetwork({ clock, chance, latencySeconds: 0.04, timeoutSeconds: 2 });
  const storage = createStorage(strategy, network, clock);
  const placeOf = (site: SiteName) => siteOf(strategy, site).provider;
  const bySite = <T>(make: (site: SiteName) => T): Record<SiteName, T> =>
    Object.fromEntries(strategy.sites.map(({ name }) => [name, make(name)]));
  const databases: Record<SiteName, FakeDatabase> = bySite((name) =>
    createFakeDatabase({
      name,
      clock,
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
    clients: createClients(databases, clock),
    /** Sites whose application answers; while one does not, everything else of it lives. */
    serving: new Map(strategy.sites.map(({ name }) => [name, true])),
    log: [] as string[],
  };
}
