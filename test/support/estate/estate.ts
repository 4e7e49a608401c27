// An estate of fakes in virtual time: two sites and a witness, with the real engine on every schedule.
import { createAcceptor } from '../../../shared/authority/acceptor.ts';
import { createRegister } from '../../../shared/authority/register.ts';
import { initialise } from '../../../shared/authority/situation-changes.ts';
import type { Surroundings } from '../../../shared/engine/compose.ts';
import { readJournal } from '../../../shared/engine/journal-read.ts';
import type { JournalEntry } from '../../../shared/model/journal.ts';
import type { Notification } from '../../../shared/model/notification.ts';
import type { Ground, SiteName } from '../../../shared/model/site.ts';
import { Situation } from '../../../shared/model/situation.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { ManagedDatabaseUnavailable } from '../../../shared/ports/managed-database.ts';
import { NotifierUnavailable } from '../../../shared/ports/notifier.ts';
import { type ObjectStore, StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { TrafficUnavailable } from '../../../shared/ports/traffic.ts';
import { createBeacon } from '../../../shared/traffic/beacon.ts';
import { beaconPlace, publishTraffic } from '../../../shared/traffic/publish.ts';
import { createFakeCapacity, type FakeCapacity } from '../fake-capacity.ts';
import { createFakeDatabase, type FakeDatabase } from '../fake-database.ts';
import { createFakeDnsZone } from '../fake-dns-zone.ts';
import { createFakeManagedDatabase } from '../fake-managed-database.ts';
import { createFakeNotifier, type FakeNotifier } from '../fake-notifier.ts';
import { createFakeBucket, createFakeObjectStore, type FakeBucket } from '../fake-object-store.ts';
import { theStrategy } from '../strategy.ts';
import { createVirtualTime, seededChance } from '../virtual-time.ts';
import { type Answers, createAnswers } from './answers.ts';
import { type Clients, createClients } from './clients.ts';
import type { Mortal } from './mortal.ts';
import { createNetwork, type Network } from './network.ts';
import { viewRegister } from './register-view.ts';
import { createSiteProbe } from './site-probe.ts';

export type EstateOptions = { seed: number; change?: (strategy: Strategy) => Strategy };

/** What the estate is made of; `schedules.ts` lets processes live in it, and stories happen to it. */
export type Estate = {
  strategy: Strategy;
  clock: Clock;
  network: Network;
  databases: Record<SiteName, FakeDatabase>;
  capacities: Record<SiteName, FakeCapacity>;
  channels: Record<string, FakeNotifier>;
  buckets: Map<string, FakeBucket>;
  answers: Answers;
  clients: Clients;
  situation: () => Situation;
  /** While false its application answers 503, and everything else of the site lives. */
  serving: Map<SiteName, boolean>;
  /** What a probe needs to look at the sites. */
  probing: Parameters<typeof createSiteProbe>[0];
  /** While true nothing more of the writer's changes reaches the standby. */
  replicationHeld: boolean;
  surroundings(site: SiteName, incarnation: string, process: Mortal): Surroundings;
  storesFrom(place: Ground, process: Mortal): Map<string, ObjectStore>;
  told(channel: string): Notification[];
  journal(): Promise<JournalEntry[]>;
  log: string[];
  /** Lets virtual time pass. */
  pass(seconds: number): Promise<void>;
  /** Lets time pass until it is so. Throws after the limit, with the last lines of the log. */
  until(what: string, isSo: () => boolean, limitSeconds: number): Promise<void>;
};

const registerKey = 'register/situation.json';

export async function createEstate({ seed, change = (same) => same }: EstateOptions): Promise<Estate> {
  const strategy = change(theStrategy());
  const time = createVirtualTime();
  const { clock } = time;
  const chance = seededChance(seed);
  const network = createNetwork({ clock, chance, latencySeconds: 0.04, timeoutSeconds: 2 });
  const log: string[] = [];
  const placeOfStore = new Map(strategy.authority.stores.map(({ name, site }) => [name, placeOf(strategy, site)]));
  const buckets = new Map(
    strategy.authority.stores.map(({ name, api }) => [name, createFakeBucket(api === 'gcs' ? 'unique' : 'content')]),
  );
  const beaconBuckets = new Map(strategy.sites.map(({ name }) => [name, createFakeBucket('unique')]));
  const storeOver = (name: string, bucket: FakeBucket | undefined, from: Ground, to: Ground): ObjectStore => {
    if (!bucket) throw new Error(`the estate has no bucket ${name}`);
    const store = createFakeObjectStore({ name, bucket, clock, faults: () => null });
    return network.over(from, to, store, (method) => new StoreUnavailable(name, 'time-out', `${method}: no answer`));
  };
  const bySite = <T>(make: (site: SiteName) => T): Record<SiteName, T> =>
    Object.fromEntries(strategy.sites.map(({ name }) => [name, make(name)]));
  const beaconOf = (site: SiteName, from: Ground) => {
    const place = beaconPlace(strategy, site);
    const to = siteOf(strategy, place.site).provider;
    return createBeacon({
      store: storeOver(`beacon of ${place.site}`, beaconBuckets.get(place.site), from, to),
      key: place.key,
    });
  };

  const databases = bySite((name) => createFakeDatabase({ name, clock }));
  const capacities = bySite(() =>
    createFakeCapacity({ elapsedSeconds: clock.elapsedSeconds, nodeStartSeconds: 25, podStartSeconds: 5 }),
  );
  const managed = bySite(() => createFakeManagedDatabase({ elapsedSeconds: clock.elapsedSeconds, role: 'primary' }));
  const channels = Object.fromEntries(strategy.channels.map(({ name }) => [name, createFakeNotifier()]));
  const zones = { route53: createFakeDnsZone('route53'), clouddns: createFakeDnsZone('clouddns') };
  const beacons = bySite((site) => beaconOf(site, 'elsewhere'));
  const answers = createAnswers({ strategy, zones, beacons, clock, chance });
  const clients = createClients(databases, clock);
  const serving = new Map(strategy.sites.map(({ name }) => [name, true]));
  const probing = {
    strategy,
    network,
    clock,
    databases,
    resolver: answers.resolver,
    isServing: (site: SiteName) => serving.get(site) === true,
  };

  const estate: Estate = {
    strategy,
    clock,
    network,
    databases,
    capacities,
    channels,
    buckets,
    answers,
    clients,
    situation: viewRegister([...buckets.values()], registerKey),
    serving,
    probing,
    replicationHeld: false,
    log,
    storesFrom: (place, process) =>
      new Map(
        [...buckets].map(([name, bucket]) => [
          name,
          process.bind(name, storeOver(name, bucket, place, placeOfStore.get(name) ?? 'elsewhere')),
        ]),
      ),
    surroundings(site, incarnation, process) {
      const here = siteOf(strategy, site).provider;
      const there = (name: SiteName) => siteOf(strategy, name).provider;
      const { guard, fencing, health, promotion } = databases[site] ?? none(site);
      const silent = (what: string) => (method: string) => `${what} ${method}: no answer`;
      return {
        strategy,
        site,
        incarnation,
        stores: estate.storesFrom(here, process),
        beaconStore: (name) =>
          process.bind(`beacon of ${name}`, storeOver(`beacon of ${name}`, beaconBuckets.get(name), here, there(name))),
        // Route 53's control plane stands in us-east-1, and is lost with it.
        zones: [zones.route53, zones.clouddns].map((zone) =>
          process.bind(
            zone.provider,
            network.over(
              here,
              zone.provider === 'route53' ? 'aws' : 'gcp',
              zone,
              (method) => new TrafficUnavailable(silent(zone.provider)(method)),
            ),
          ),
        ),
        resolver: process.bind('resolver', answers.resolver),
        capacityOf: async (name) =>
          process.bind(
            `capacity of ${name}`,
            network.over(
              here,
              there(name),
              capacities[name] ?? none(name),
              (method) => new CapacityUnavailable(silent('capacity')(method)),
            ),
          ),
        managedDatabaseOf: async (name) =>
          process.bind(
            `instance of ${name}`,
            network.over(
              here,
              there(name),
              managed[name] ?? none(name),
              (method) => new ManagedDatabaseUnavailable(silent('instance')(method)),
            ),
          ),
        database: {
          guard: process.bind('guard', guard),
          fencing: process.bind('fencing', fencing),
          health: process.bind('health', health),
          promotion: process.bind('promotion', promotion),
          sweep: { sweep: async () => ({ mended: [], findings: [] }) },
        },
        notifiers: Object.fromEntries(
          Object.entries(channels).map(([name, notifier]) => [
            name,
            process.bind(
              name,
              network.over(here, 'elsewhere', notifier, (method) => new NotifierUnavailable(silent(name)(method))),
            ),
          ]),
        ),
        probe: process.bind('probe', createSiteProbe(probing, here)),
        clock: process.clock(clock),
        chance: seededChance(seed * 7919 + hash(process.name)),
        log: (severity, message, fields) => {
          if (severity !== 'DEBUG') {
            log.push(
              `${clock.elapsedSeconds().toFixed(2)} ${process.name} ${severity} ${message} ${JSON.stringify(fields ?? {})}`,
            );
          }
        },
      };
    },
    told: (channel) => channels[channel]?.arrived ?? [],
    async journal() {
      const copies = await Promise.all(
        [...buckets].map(([name, bucket]) =>
          readJournal(createFakeObjectStore({ name, bucket, clock, faults: () => null }), {
            appender: null,
            since: null,
            limit: 10_000,
          }),
        ),
      );
      const entries = new Map(
        copies.flatMap((copy) => copy.entries).map((entry) => [`${entry.appender}/${entry.sequence}`, entry]),
      );
      return [...entries.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    },
    pass: (seconds) => time.runUntil(clock.elapsedSeconds() + seconds),
    async until(what, isSo, limitSeconds) {
      await time.runUntil(clock.elapsedSeconds() + limitSeconds, isSo);
      if (isSo()) return;
      const { run } = estate.situation();
      const steps =
        run?.steps.map(({ id, status, blocker, detail }) => `  ${id} ${status}: ${blocker ?? detail}`) ?? [];
      throw new Error(
        [`seed ${seed}: after ${limitSeconds} s it was still not so that ${what}`, ...steps, ...log.slice(-25)].join(
          '\n',
        ),
      );
    },
  };
  await setUp(estate, { zones: [zones.route53, zones.clouddns], beacons, seed });
  return estate;
}

async function setUp(
  estate: Estate,
  { zones, beacons, seed }: Pick<Parameters<typeof publishTraffic>[0], 'zones' | 'beacons'> & { seed: number },
): Promise<void> {
  const { strategy, clock, databases, buckets, answers } = estate;
  const { primary } = strategy.replication;
  const register = createRegister({
    acceptors: [...buckets].map(([name, bucket]) =>
      createAcceptor(createFakeObjectStore({ name, bucket, clock, faults: () => null }), registerKey, {
        clock,
        chance: seededChance(seed + 2),
      }),
    ),
    proposer: 'init',
    parse: (value) => Situation.parse(value),
    clock,
    chance: seededChance(seed + 1),
    deadlineSeconds: 6,
  });
  const begun = await register.change('init', initialise(primary, strategy.routing.weighted ?? {}));
  if (begun.kind !== 'committed') throw new Error(begun.because);
  for (const { site } of strategy.replication.replicas) {
    const source = databases[primary];
    if (source) databases[site]?.follow(source);
  }
  databases[primary]?.arm();
  const traffic = { strategy, zones, checks: answers.checks, beacons, currentEpoch: async () => 1, force: true };
  const publishing = publishTraffic({ ...traffic, view: { writer: primary, away: [], epoch: 1 } });
  // Beacons are read over the network, which takes time.
  await Promise.all([publishing, estate.pass(5)]);
  void answers.watchBeacons();
  void estate.clients.writeForEver();
  void replicateForEver(estate);
}

async function replicateForEver(estate: Estate): Promise<void> {
  const { strategy, network, clock, databases } = estate;
  const [primary, ...others] = [strategy.replication.primary, ...strategy.replication.replicas.map(({ site }) => site)];
  const place = (site: SiteName) => siteOf(strategy, site).provider;
  for (;;) {
    for (const site of others) {
      while (!estate.replicationHeld && network.reaches(place(primary), place(site)) && databases[site]?.applyNext()) {
        // Everything that has been committed there arrives here, in its order.
      }
    }
    await clock.sleep(0.2);
  }
}

function placeOf(strategy: Strategy, site: SiteName | null): Ground {
  return site === null ? 'elsewhere' : siteOf(strategy, site).provider;
}

function none(site: SiteName): never {
  throw new Error(`the estate has no site ${site}`);
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}
