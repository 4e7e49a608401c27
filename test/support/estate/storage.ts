// The estate's buckets, and how they are reached from anywhere: the register's stores, and the public buckets of the beacons.
import type { Ground, SiteName } from '../../../shared/model/site.ts';
import { type Strategy, siteOf } from '../../../shared/model/strategy.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { type Beacon, createBeacon } from '../../../shared/traffic/beacon.ts';
import { beaconPlace } from '../../../shared/traffic/publish.ts';
import { createFakeBucket, createFakeObjectStore, type FakeBucket, type StoreFaults } from '../fake-object-store.ts';
import type { Network } from './network.ts';

export type Storage = {
  /** The register's, by the names of the strategy. */
  buckets: Map<string, FakeBucket>;
  /** The public ones, by site. */
  beaconBuckets: Map<SiteName, FakeBucket>;
  /** A register store as it is reached from a place. */
  store(name: string, from: Ground): ObjectStore;
  /** A register store as nobody in the estate has it: at once. */
  atHand(name: string): ObjectStore;
  beaconStore(site: SiteName, from: Ground): ObjectStore;
  beacon(away: SiteName, from: Ground): Beacon;
};

export function createStorage(
  strategy: Strategy,
  network: Network,
  clock: Clock,
  faultsOf: (store: string) => StoreFaults,
): Storage {
  const buckets = new Map(
    strategy.authority.stores.map(({ name, api }) => [name, createFakeBucket(api === 'gcs' ? 'unique' : 'content')]),
  );
  const beacons = new Map(strategy.sites.map(({ name }) => [name, createFakeBucket('unique')]));
  const placeOf = (site: SiteName | null): Ground => (site === null ? 'elsewhere' : siteOf(strategy, site).provider);
  const open = (name: string, bucket: FakeBucket | undefined, faults: StoreFaults): ObjectStore => {
    if (!bucket) throw new Error(`the estate has no bucket ${name}`);
    return createFakeObjectStore({ name, bucket, clock, faults });
  };
  const none: StoreFaults = () => null;
  const over = (store: ObjectStore, from: Ground, to: Ground): ObjectStore =>
    network.over(
      from,
      to,
      store.name,
      store,
      (method) => new StoreUnavailable(store.name, 'time-out', `${method}: no answer`),
    );

  const storage: Storage = {
    buckets,
    beaconBuckets: beacons,
    atHand: (name) => open(name, buckets.get(name), none),
    store: (name, from) => {
      const declared = strategy.authority.stores.find((one) => one.name === name);
      return over(open(name, buckets.get(name), faultsOf(name)), from, placeOf(declared?.site ?? null));
    },
    beaconStore: (site, from) => {
      const name = `beacon of ${site}`;
      return over(open(name, beacons.get(site), faultsOf(name)), from, placeOf(site));
    },
    beacon: (away, from) => {
      const { site, key } = beaconPlace(strategy, away);
      return createBeacon({ store: storage.beaconStore(site, from), key });
    },
  };
  return storage;
}
