// What befalls whole places and what stands in them: regions, databases, stores, applications, DNS, clocks.
import type { StoreFaults } from '../../support/fake-object-store.ts';
import { type Fault, pick } from './fault.ts';
import { places } from './network-faults.ts';

export const regionLost: Fault = ({ schedules, sites }, chance) => {
  const site = chance.fraction() < 0.7 ? (sites[0] ?? '') : pick(chance, sites);
  schedules.killSite(site);
  return { says: `${site} is lost`, end: () => schedules.reviveSite(site) };
};

/** Whoever writes now: what a takeover begins with. */
export const writerLost: Fault = ({ schedules, history }) => {
  const { writer } = history.latest();
  schedules.killSite(writer);
  return { says: `the writer ${writer} is lost`, end: () => schedules.reviveSite(writer) };
};

export const witnessLost: Fault = ({ estate: { network } }) => {
  network.lose('elsewhere');
  return { says: 'the witness and the watchtower are lost', end: () => network.revive('elsewhere') };
};

export const databaseRestarts: Fault = ({ estate: { databases }, sites }, chance) => {
  const site = pick(chance, sites);
  databases[site]?.lose();
  return { says: `the database of ${site} is down`, end: () => databases[site]?.restart() };
};

export const applicationUnwell: Fault = ({ estate: { serving }, sites }, chance) => {
  const site = pick(chance, sites);
  serving.set(site, false);
  return { says: `the application at ${site} answers 503`, end: () => serving.set(site, true) };
};

export const replicationHeld: Fault = ({ estate }) => {
  estate.replicationHeld = true;
  return {
    says: 'nothing is replicated',
    end: () => {
      estate.replicationHeld = false;
    },
  };
};

/** Throttling (429), conflicts of S3's own (409), and time-outs of writes that did or did not happen. */
export const storeTrouble: Fault = ({ storeFaults, estate }, chance) => {
  const store = pick(chance, [...estate.storage.buckets.keys()]);
  const fraction = chance.fraction() * 0.6;
  const kinds = (['throttled', 'conflict', 'unknown-before', 'unknown-after'] as const).filter(
    () => chance.fraction() < 0.6,
  );
  storeFaults.set(store, () =>
    kinds.length > 0 && chance.fraction() < fraction ? { kind: pick(chance, kinds) } : null,
  );
  return { says: `${store} has trouble (${kinds.join(', ')})`, end: () => storeFaults.delete(store) };
};

/** About one write a second of one object, as Cloud Storage has it. */
export const storeThrottles: Fault = ({ storeFaults, estate, now }, chance) => {
  const store = pick(chance, [...estate.storage.buckets.keys()]);
  const written = new Map<string, number>();
  const faults: StoreFaults = ({ operation, key }) => {
    if (operation !== 'put') return null;
    if (now() - (written.get(key) ?? Number.NEGATIVE_INFINITY) < 1) return { kind: 'throttled' };
    written.set(key, now());
    return null;
  };
  storeFaults.set(store, faults);
  return { says: `${store} takes one write a second of an object`, end: () => storeFaults.delete(store) };
};

export const dnsApiLost: Fault = ({ estate: { zones } }, chance) => {
  const zone = pick(chance, [zones.route53, zones.clouddns]);
  const how = chance.fraction() < 0.5 ? 'before' : 'after';
  zone.setOutage(how);
  const what = how === 'before' ? 'does nothing' : 'does what it is asked';
  return { says: `the API of ${zone.provider} ${what} and does not answer`, end: () => zone.setOutage(null) };
};

export const channelsLost: Fault = ({ estate: { channels } }, chance) => {
  const how = chance.fraction() < 0.5 ? 'drop' : 'lose-answer';
  for (const channel of Object.values(channels)) channel.fail(how);
  return {
    says: `the channels to people are lost (${how})`,
    end: () => {
      for (const channel of Object.values(channels)) channel.fail(null);
    },
  };
};

/** The longest step that is simulated: the patience of a step is counted in wall time, since a run outlives every process, and ends early beyond it. */
const longestAheadSeconds = 600;

/** A wall clock is set: back by up to years, ahead by less than a step's patience. Monotonic clocks do not jump. */
export const wallClockJumps: Fault = ({ wallAhead }, chance) => {
  const place = pick(chance, places);
  const size = 10 ** (chance.fraction() * 8.5);
  const seconds = chance.fraction() < 0.5 ? Math.min(size, longestAheadSeconds) : -size;
  wallAhead.set(place, seconds);
  return { says: `the wall clocks of ${place} jump by ${Math.round(seconds)} s`, end: () => wallAhead.set(place, 0) };
};

/** Forward by any size: what a database does whose clock had been behind. */
export const databaseClockJumps: Fault = ({ skews, sites }, chance) => {
  const site = pick(chance, sites);
  const skew = skews.get(site);
  const seconds = 10 ** (chance.fraction() * 7);
  if (skew) skew.offsetSeconds += seconds;
  return { says: `the clock of the database of ${site} jumps ahead by ${Math.round(seconds)} s`, end: () => undefined };
};
