// A world of the simulation: the estate with the real engine on its schedules, its clocks, its clients, the person on call, and what is written down of it.
import type { EngineParts } from '../../shared/engine/compose.ts';
import type { Surroundings } from '../../shared/engine/surroundings.ts';
import type { Ground, SiteName } from '../../shared/model/site.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import type { Chance } from '../../shared/ports/clock.ts';
import { createEstate, type Estate } from '../support/estate/estate.ts';
import type { EstateOptions } from '../support/estate/parts.ts';
import { type Schedules, startSchedules } from '../support/estate/schedules.ts';
import type { StoreFaults } from '../support/fake-object-store.ts';
import { seededChance } from '../support/virtual-time.ts';
import { createTransactions } from './clients.ts';
import { type Coverage, noCoverage } from './coverage.ts';
import { type History, watchRegister } from './invariants/register-history.ts';
import type { Plan } from './plan.ts';
import { createTrace, type Trace } from './trace.ts';

/** What a test breaks on purpose, by wrapping ports and by passing another database or another part of the engine. */
export type Breaking = {
  around?: (surroundings: Surroundings) => Surroundings;
  estate?: Pick<EstateOptions, 'database' | 'storeFaults'>;
  parts?: EngineParts;
  /** Told of the world before it begins. */
  begin?: (world: World) => void;
};

export type World = {
  plan: Plan;
  estate: Estate;
  schedules: Schedules;
  trace: Trace;
  /** What the register has decided: faults and the person on call know it at once, also while its stores disagree. */
  history: History;
  coverage: Coverage;
  chance: Chance;
  sites: SiteName[];
  placeOf: (site: SiteName) => Ground;
  now: () => number;
  /** How far the wall clocks of a place are ahead. */
  wallAhead: Map<Ground, number>;
  skews: Map<SiteName, { offsetSeconds: number; rate: number }>;
  /** The faults of a store now; null: it is well. */
  storeFaults: Map<string, StoreFaults>;
  frozenDatabases: Set<SiteName>;
  /** No fault is under way, and none will come. */
  isCalm: boolean;
  /** Something that must never be so. The first one ends the world. */
  fail: (invariant: string, because: string) => void;
  violation: { invariant: string; because: string; atSeconds: number } | null;
};

export async function createWorld(plan: Plan, strategy: Strategy, breaking: Breaking): Promise<World> {
  const chance = seededChance(plan.seed * 7 + 3);
  // Halfway between is where a margin hides what eats it: where they go at the limit, each clock goes at one end.
  const rate = () => {
    const off = chance.fraction() * 2 - 1;
    return 1 + (plan.ratesAtLimit ? Math.sign(off) : off) * plan.rateSpread;
  };
  const storeFaults: World['storeFaults'] = new Map();
  const skews: World['skews'] = new Map(
    strategy.sites.map(({ name }) => [name, { offsetSeconds: chance.fraction() * 1e6, rate: rate() }]),
  );
  const coverage = noCoverage();
  const trace = createTrace(() => estate?.clock.elapsedSeconds() ?? 0);
  let world: World | null = null;
  let estate: Estate | null = null;
  const begun = await createEstate({
    seed: plan.seed,
    strategy,
    timeoutSeconds: plan.timeoutSeconds,
    storeFaults: (store) => (call) => storeFaults.get(store)?.(call) ?? null,
    makeClients: createTransactions({ plan, chance: seededChance(plan.seed * 11 + 5), world: () => world }),
    ...breaking.estate,
    database: (site) => ({ skew: skews.get(site)!, ...breaking.estate?.database?.(site) }),
  });
  estate = begun;
  const { clock } = begun;
  const wallAhead: World['wallAhead'] = new Map();
  const around = (surroundings: Surroundings): Surroundings => {
    const told = { ...surroundings, log: trace.logOf(surroundings.incarnation) };
    return breaking.around ? breaking.around(told) : told;
  };
  const schedules = startSchedules(begun, plan.seed, {
    everySeconds: plan.everySeconds,
    lifetimeSeconds: plan.lifetimeSeconds,
    gaitOf: (place) => ({ rate: rate(), wallAheadSeconds: () => wallAhead.get(place) ?? 0 }),
    around,
    ...(breaking.parts ? { parts: breaking.parts } : {}),
  });
  schedules.onCall((call) => trace.note(call));
  const made: Omit<World, 'history'> = {
    plan,
    estate: begun,
    schedules,
    trace,
    coverage,
    chance,
    sites: strategy.sites.map(({ name }) => name),
    placeOf: (site) => strategy.sites.find(({ name }) => name === site)?.provider ?? 'elsewhere',
    now: () => clock.elapsedSeconds(),
    wallAhead,
    skews,
    storeFaults,
    frozenDatabases: new Set(),
    isCalm: false,
    violation: null,
    fail: (invariant, because) => {
      if (made.violation) return;
      made.violation = { invariant, because, atSeconds: made.now() };
      trace.say(`VIOLATION of "${invariant}": ${because}`);
    },
  };
  world = Object.assign(made, { history: watchRegister(made) });
  breaking.begin?.(world);
  return world;
}
