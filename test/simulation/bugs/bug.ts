// A planted bug: one mechanism of the engine or of the database taken away, by wrapping ports or passing another guard.
import type { Surroundings } from '../../../shared/engine/surroundings.ts';
import { fairWeather, type Journey, type Weather } from '../../support/estate/network.ts';
import { guardShutFirst } from '../invariants/role-given.ts';
import type { Focus } from '../plan.ts';
import type { Breaking, World } from '../world.ts';

/** `violates`: the promises that this mechanism keeps. `focus`: in what worlds its loss shows soon. */
export type Bug = { what: string; violates: string[]; focus: Focus; breaking: () => Breaking };

/** What is broken first depends on how long the promotion takes. */
export const oneWriter = ['at most one database accepts writes', guardShutFirst];

type Database = NonNullable<Surroundings['database']>;

/** The site's own database as the engine holds it. */
export function withDatabase(change: (database: Database) => Database) {
  return (surroundings: Surroundings): Surroundings => ({
    ...surroundings,
    database: surroundings.database && change(surroundings.database),
  });
}

/** From the beginning to the end of the storm some messages fare worse than others. */
export function befall(world: World, foul: Partial<Weather>, touches: (journey: Journey) => boolean): void {
  world.estate.network.weather.add({
    ...fairWeather,
    ...foul,
    touches: (journey) => !world.isCalm && touches(journey),
  });
}
