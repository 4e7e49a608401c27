// The estate's schedules: keepers and the watchtower, started every minute and overlapping, and the ways in which they die.
import { createBulletinBoard } from '../../../shared/engine/bulletin-board.ts';
import { composeEngine, type Engine, type EngineParts } from '../../../shared/engine/compose.ts';
import { createLookout } from '../../../shared/engine/lookout.ts';
import { createService, type Service } from '../../../shared/engine/serve.ts';
import type { Surroundings } from '../../../shared/engine/surroundings.ts';
import { createWatchtower } from '../../../shared/engine/watchtower.ts';
import type { Ground, SiteName } from '../../../shared/model/site.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { seededChance } from '../virtual-time.ts';
import type { Estate } from './estate.ts';
import { createMortal, type Gait, type Mortal, type PortCall } from './mortal.ts';
import { probeFrom, storesFrom, surroundingsOf } from './surroundings.ts';

/** What a process is to the estate: where it stands, and its end. */
export type Running = { name: string; place: Ground; mortal: Mortal; engine: Engine | null };

export type Schedules = {
  /** All that were ever started. */
  readonly processes: Running[];
  living(place: Ground): Running[];
  /** Every process of the place, its stores, its database and its network. */
  killSite(site: SiteName): void;
  /** The machines are back, with what they held; the schedule starts keepers again. */
  reviveSite(site: SiteName): void;
  startKeeper(site: SiteName): Running;
  /** A function of the site that is called for one event or one command. */
  callFunction(site: SiteName): Service;
  /** Told of every port call between its effect and its answer; kills from here. */
  onCall(watch: (call: PortCall, process: Mortal) => void): void;
  /** While false the schedule of the place starts nothing. */
  setScheduled(place: Ground, scheduled: boolean): void;
};

/** What a test may make different of the processes that the schedules start. */
export type ScheduleOptions = {
  everySeconds?: number;
  lifetimeSeconds?: number;
  gaitOf?: (place: Ground) => Gait;
  around?: (surroundings: Surroundings) => Surroundings;
  /** Of the keepers that the schedules start. */
  parts?: EngineParts;
};

const eachMinuteSeconds = 60;
/** As in production: two overlap, so that a skipped tick does no harm. */
const twoOverlapSeconds = 130;

export function startSchedules(estate: Estate, seed: number, options: ScheduleOptions = {}): Schedules {
  const {
    everySeconds = eachMinuteSeconds,
    lifetimeSeconds = twoOverlapSeconds,
    gaitOf,
    around = (same) => same,
  } = options;
  const { strategy, clock, network } = estate;
  const chance = seededChance(seed + 2);
  const processes: Running[] = [];
  const off = new Set<Ground>();
  const watches: ((call: PortCall, process: Mortal) => void)[] = [];

  function process(label: string, place: Ground): { name: string; mortal: Mortal } {
    const name = `${label}-${processes.filter((one) => one.place === place).length + 1}`;
    const told = (call: PortCall, mortal: Mortal) => {
      for (const watch of watches) watch(call, mortal);
    };
    return { name, mortal: createMortal(name, told, gaitOf?.(place)) };
  }

  function startKeeper(site: SiteName): Running {
    const place = siteOf(strategy, site).provider;
    const { name, mortal } = process(site, place);
    const engine = composeEngine(around(surroundingsOf(estate, site, name, mortal)), options.parts);
    const running = { name, place, mortal, engine };
    processes.push(running);
    const { signal } = new AbortController();
    void engine.keeper.run({ lifetimeSeconds, signal }).then(engine.settle);
    return running;
  }

  function startWatchtower(): void {
    const [declared] = strategy.lookouts;
    if (!declared) return;
    const { name, mortal } = process(declared.name, declared.ground);
    const stores = storesFrom(estate, declared.ground, mortal);
    const stored = (store: string) => stores.get(store) ?? unknownStore(store);
    const besides = strategy.authority.stores.flatMap((one) =>
      one.site === null ? [] : [{ name: one.site, store: stored(one.name) }],
    );
    const own = stored(declared.store);
    const mortalClock = mortal.clock(clock);
    const probe = probeFrom(estate, declared.ground, mortal);
    processes.push({ name, place: declared.ground, mortal, engine: null });
    void createWatchtower({
      strategy,
      name: declared.name,
      ground: declared.ground,
      incarnation: name,
      lookout: createLookout({ strategy, probe, clock: mortalClock }),
      board: createBulletinBoard({ own, all: [...besides, { name: declared.name, store: own }], clock: mortalClock }),
      clock: mortalClock,
      onTrouble: (where, error) => estate.log.push(`${name} ${where}: ${String(error)}`),
    }).run({ lifetimeSeconds, signal: new AbortController().signal });
  }

  /** The first start at once; later ones up to five seconds late, as schedules are. */
  async function schedule(place: Ground, start: () => void): Promise<void> {
    for (let at = clock.elapsedSeconds(); ; at += everySeconds) {
      if (!off.has(place) && !network.isLost(place)) start();
      await clock.sleep(at + everySeconds + chance.fraction() * 5 - clock.elapsedSeconds());
    }
  }

  for (const site of strategy.sites) void schedule(site.provider, () => startKeeper(site.name));
  void schedule('elsewhere', startWatchtower);
  const living = (place: Ground) => processes.filter((one) => one.place === place && one.mortal.isAlive());

  return {
    processes,
    living,
    startKeeper,
    callFunction(site) {
      const place = siteOf(strategy, site).provider;
      const { name, mortal } = process(site, place);
      processes.push({ name, place, mortal, engine: null });
      return createService(around(surroundingsOf(estate, site, name, mortal)), lifetimeSeconds);
    },
    killSite(site) {
      const place = siteOf(strategy, site).provider;
      network.lose(place);
      estate.databases[site]?.lose();
      for (const one of living(place)) one.mortal.kill();
    },
    reviveSite(site) {
      network.revive(siteOf(strategy, site).provider);
      estate.databases[site]?.restart();
    },
    onCall: (watch) => {
      watches.push(watch);
    },
    setScheduled: (place, scheduled) => {
      if (scheduled) off.delete(place);
      else off.add(place);
    },
  };
}

function unknownStore(name: string): never {
  throw new Error(`the strategy names no register store "${name}"`);
}
