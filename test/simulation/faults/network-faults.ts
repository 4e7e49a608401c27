// What befalls messages: lost, late, doubled, overtaken; cables that are cut, both ways and one way.
import { registerKey } from '../../../shared/engine/situation-register.ts';
import type { Ground } from '../../../shared/model/site.ts';
import { fairWeather, type Journey, type Weather } from '../../support/estate/network.ts';
import type { World } from '../world.ts';
import { type Begun, type Fault, pick } from './fault.ts';

export const places: Ground[] = ['aws', 'gcp', 'elsewhere'];

function weather(world: World, says: string, touches: Weather['touches'], foul: Partial<Weather>): Begun {
  const { weather: all } = world.estate.network;
  const one = { ...fairWeather, ...foul, touches };
  all.add(one);
  return { says, end: () => all.delete(one) };
}

const abroad = ({ from, to }: Journey) => from !== to;

export const messageLoss: Fault = (world, chance) => {
  const loss = { requestLoss: chance.fraction() * 0.3, answerLoss: chance.fraction() * 0.3, resending: 0.5 };
  return weather(
    world,
    `messages are lost (${per(loss.requestLoss)} asked, ${per(loss.answerLoss)} answered)`,
    abroad,
    loss,
  );
};

export const lateMessages: Fault = (world, chance) => {
  const delaySeconds = chance.fraction() * 12;
  const lateness = chance.fraction() * 0.5;
  return weather(world, `${per(lateness)} of messages are late by up to ${delaySeconds.toFixed(1)} s`, abroad, {
    lateness,
    answerLateness: lateness,
    delaySeconds,
  });
};

export const duplicates: Fault = (world, chance) => {
  const duplication = chance.fraction() * 0.4;
  return weather(world, `${per(duplication)} of messages arrive twice`, abroad, {
    duplication,
    delaySeconds: chance.fraction() * 20,
  });
};

/** Between a keeper and its own database: the connection breaks before or after the statement, or it is slow. */
export const databaseTrouble: Fault = (world, chance) => {
  const place = pick(chance, world.sites.map(world.placeOf));
  return weather(
    world,
    `the keepers of ${place} have trouble with their database`,
    ({ from, to }) => from === place && to === place,
    {
      requestLoss: chance.fraction() * 0.3,
      answerLoss: chance.fraction() * 0.4,
      lateness: chance.fraction() * 0.4,
      answerLateness: chance.fraction() * 0.4,
      delaySeconds: chance.fraction() * 10,
    },
  );
};

export const partition: Fault = ({ estate: { network } }, chance) => {
  const one = pick(chance, places);
  const other = pick(
    chance,
    places.filter((place) => place !== one),
  );
  network.cut(one, other);
  return { says: `${one} and ${other} do not reach each other`, end: () => network.mend(one, other) };
};

export const oneWayPartition: Fault = ({ estate: { network } }, chance) => {
  const from = pick(chance, places);
  const to = pick(
    chance,
    places.filter((place) => place !== from),
  );
  network.cutOneWay(from, to);
  return { says: `nothing of ${from} arrives at ${to} any more`, end: () => network.mend(from, to) };
};

/** The register is read slowly from a place: what is asked arrives late, and is waited for. */
export const slowReads: Fault = (world, chance) => {
  const place = pick(chance, world.sites.map(world.placeOf));
  return weather(
    world,
    `the register is slow for whoever reads it at ${place}`,
    ({ from, subject, method }) => from === place && subject === registerKey && method === 'get',
    { lateness: 1, leastSeconds: chance.fraction() * 3, delaySeconds: 3 + chance.fraction() * 5, patienceSeconds: 10 },
  );
};

/** Cut off, and alive: its clients still reach its database. Half of the time at the worst moment: a whole lease is left. */
export const writerIsolated: Fault = (world, chance) => {
  const place = world.placeOf(world.history.latest().writer);
  if (chance.fraction() < 0.5) return isolate(world, place);
  let begun: Begun | null = null;
  let over = false;
  world.schedules.onCall(({ port, method, process }) => {
    const isRenewal = port === 'guard' && method === 'renew';
    const renews = isRenewal && world.schedules.living(place).some(({ name }) => name === process);
    if (over || begun || !renews) return;
    begun = isolate(world, place);
    world.trace.say(`it has just renewed, and ${begun.says}`);
  });
  return {
    says: `${place} will be cut off after its next renewal`,
    end: () => {
      over = true;
      begun?.end();
    },
  };
};

/** How soon the cut follows the run. */
const noticesSeconds = 0.1;

/** The application of the writer fails, and its site is cut off when a run asks for the role: it hears of none, and its last lease has just begun. */
export const writerCutByRun: Fault = (world) => {
  const { serving, time } = world.estate;
  const { writer, run: before } = world.history.latest();
  let begun: Begun | null = null;
  let over = false;
  const look = () => {
    const { run, writer: now } = world.history.latest();
    if (over) return;
    if (!run || run.id === before?.id || now !== writer) return time.after(noticesSeconds, look);
    begun = isolate(world, world.placeOf(writer));
    world.trace.say(`the run ${run.id} is open, and ${begun.says}`);
  };
  serving.set(writer, false);
  look();
  return {
    says: `the application of the writer ${writer} answers 503, and the next run will cut it off`,
    end: () => {
      over = true;
      serving.set(writer, true);
      begun?.end();
    },
  };
};

export const isolation: Fault = (world, chance) => isolate(world, pick(chance, places));

function isolate({ estate: { network } }: World, place: Ground): Begun {
  const others = places.filter((one) => one !== place);
  for (const other of others) network.cut(place, other);
  return {
    says: `${place} is cut off from everything`,
    end: () => {
      for (const other of others) network.mend(place, other);
    },
  };
}

function per(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
