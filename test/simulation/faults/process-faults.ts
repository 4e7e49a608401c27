// What befalls processes: they die between two awaits, they are frozen and go on later, and their schedules miss their ticks.
import type { Chance } from '../../../shared/ports/clock.ts';
import type { PortCall } from '../../support/estate/mortal.ts';
import type { World } from '../world.ts';
import { type Fault, pick } from './fault.ts';
import { places } from './network-faults.ts';

/** Where it hurts most to be interrupted: between what is said in the register and what is done to the world. */
function hurts({ port, method, subject }: PortCall): boolean {
  if (port === 'guard') return method !== 'state';
  if (port === 'fencing' || port === 'promotion') return true;
  return subject.startsWith('register/') || method === 'apply' || port.startsWith('beacon');
}

export const processDies: Fault = (world, chance) => {
  const place = pick(chance, places);
  const living = world.schedules.living(place);
  for (const { mortal } of living) if (chance.fraction() < 0.8) mortal.kill();
  return { says: `processes of ${place} die`, end: () => undefined };
};

/** Between two awaits, anywhere; while it lasts. */
export const diesAtCall: Fault = (world, chance) => {
  const fraction = 0.002 + chance.fraction() * 0.03;
  let on = true;
  world.schedules.onCall((call, mortal) => {
    if (!on || chance.fraction() > (hurts(call) ? fraction * 4 : fraction / 4)) return;
    world.trace.say(`${call.process} dies after ${spell(call)}`);
    mortal.kill();
  });
  return {
    says: 'keepers die between any two awaits',
    end: () => {
      on = false;
    },
  };
};

export const frozenAtCall: Fault = (world, chance) => {
  const fraction = 0.004 + chance.fraction() * 0.03;
  let on = true;
  world.schedules.onCall((call, mortal) => {
    if (!on || chance.fraction() > (hurts(call) ? fraction * 4 : fraction / 8)) return;
    const seconds = freezeSeconds(chance);
    world.trace.say(`${call.process} is frozen for ${seconds.toFixed(1)} s after ${spell(call)}`);
    mortal.freeze();
    world.estate.time.after(seconds, () => mortal.thaw());
  });
  return {
    says: 'keepers are frozen between any two awaits',
    end: () => {
      on = false;
    },
  };
};

/** A virtual machine pauses: the processes of the site and, perhaps, its database. */
export const sitePaused: Fault = (world, chance) => {
  const site = pick(chance, world.sites);
  const frozen = world.schedules.living(world.placeOf(site)).map(({ mortal }) => mortal);
  for (const mortal of frozen) mortal.freeze();
  const withDatabase = chance.fraction() < 0.6;
  if (withDatabase) freezeDatabase(world, site);
  return {
    says: `${site} is paused${withDatabase ? ' with its database' : ''}`,
    end: () => {
      if (withDatabase) thawDatabase(world, site);
      for (const mortal of frozen) mortal.thaw();
    },
  };
};

export const databasePaused: Fault = (world, chance) => {
  const site = pick(chance, world.sites);
  freezeDatabase(world, site);
  return { says: `the database of ${site} is paused`, end: () => thawDatabase(world, site) };
};

export const ticksMissed: Fault = (world, chance) => {
  const place = pick(chance, places);
  world.schedules.setScheduled(place, false);
  return { says: `the schedule of ${place} starts nothing`, end: () => world.schedules.setScheduled(place, true) };
};

function freezeDatabase(world: World, site: string): void {
  world.estate.databases[site]?.freeze();
  world.frozenDatabases.add(site);
}

function thawDatabase(world: World, site: string): void {
  world.estate.databases[site]?.thaw();
  world.frozenDatabases.delete(site);
}

function freezeSeconds(chance: Chance): number {
  return chance.fraction() < 0.5 ? chance.fraction() * 8 : 8 + chance.fraction() * 80;
}

function spell({ port, method, subject }: PortCall): string {
  return `${port} ${method} ${subject}`.trim();
}
