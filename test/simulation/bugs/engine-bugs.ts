// Bugs planted in the engine: what it takes for granted, and the order in which it does things.
import type { Cell } from '../../../shared/authority/ballot.ts';
import type { EngineParts } from '../../../shared/engine/compose.ts';
import { registerKey } from '../../../shared/engine/situation-register.ts';
import { createSituationView } from '../../../shared/engine/situation-view.ts';
import type { Surroundings } from '../../../shared/engine/surroundings.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import { fairWeather, type Journey, type Weather } from '../../support/estate/network.ts';
import type { World } from '../world.ts';
import { type Bug, oneWriter } from './bug.ts';

export const leaseWaitRemoved: Bug = {
  what: 'the role is taken without waiting for the lease to lapse',
  violates: oneWriter,
  focus: { faults: ['writer-isolated'] },
  breaking: () => ({
    around: (surroundings) => {
      const { authority } = surroundings.strategy;
      const impatient = { ...authority, marginSeconds: -authority.ttlSeconds };
      return { ...surroundings, strategy: { ...surroundings.strategy, authority: impatient } };
    },
  }),
};

export const swapRemoved: Bug = {
  what: "the stores ignore the conditions of the register's writes",
  violates: ['the register is one chain, and no version is lost', 'epochs never fall', 'an epoch has one writer'],
  focus: { faults: ['late-messages', 'writer-lost'] },
  breaking: () => ({
    around: (surroundings) => ({
      ...surroundings,
      stores: new Map([...surroundings.stores].map(([name, store]) => [name, withoutConditions(store)])),
    }),
  }),
};

function withoutConditions(store: ObjectStore): ObjectStore {
  return {
    ...store,
    put: (key, body, options) =>
      store.put(key, body, key === registerKey ? { ...options, condition: { kind: 'none' } } : options),
  };
}

export const unknownTakenForFailed: Bug = {
  what: 'an accept whose answer was lost counts as not made, and its ballot is used again',
  violates: ['a ballot serves one value', 'the register is one chain, and no version is lost'],
  focus: { faults: ['message-loss'] },
  breaking: () => ({
    around: (surroundings) => {
      const reuse = reusingBallots();
      return {
        ...surroundings,
        stores: new Map([...surroundings.stores].map(([name, store]) => [name, reuse(store)])),
      };
    },
  }),
};

/** One process's stores: the next accept after one that was not answered goes under the ballot of that. */
function reusingBallots(): (store: ObjectStore) => ObjectStore {
  let unanswered: number | null = null;
  return (store) => ({
    ...store,
    put: async (key, body, options) => {
      const cell: Cell | null = key === registerKey ? JSON.parse(body) : null;
      const mine = cell?.accepted?.proposer === cell?.promised.proposer ? cell?.accepted : null;
      if (!cell || !mine) return store.put(key, body, options);
      const counter = unanswered ?? mine.counter;
      const promised = { ...cell.promised, counter: counter + 1 };
      const reused = { ...cell, promised, accepted: { ...mine, counter } };
      try {
        const written = await store.put(key, JSON.stringify(reused), options);
        if (unanswered !== null && counter !== mine.counter) unanswered = null;
        return written;
      } catch (error) {
        unanswered = mine.counter;
        throw error;
      }
    },
  });
}

export const unknownTakenForDone: Bug = {
  what: 'a fence whose answer was lost counts as standing',
  violates: oneWriter,
  focus: {
    faults: ['application-unwell'],
    bias: (world) => befall(world, { requestLoss: 0.5 }, ({ port }) => port === 'fencing'),
  },
  breaking: () => ({
    around: withDatabase((database) => ({
      ...database,
      fencing: {
        fence: (epoch, deadlineSeconds) =>
          database.fencing
            .fence(epoch, deadlineSeconds)
            .catch(() => ({ heartbeat: null, lsn: '0/0', endedBackends: 0, rolledBackPrepared: 0 })),
      },
    })),
  }),
};

const napSeconds = 12;

export const sleepsBeforeGuard: Bug = {
  what: `a keeper sleeps for ${napSeconds} s between the renewal and the guard, and reads the database's clock afterwards`,
  violates: oneWriter,
  focus: { faults: ['writer-isolated'] },
  breaking: () => ({
    around: (surroundings) =>
      withDatabase((database) => ({
        ...database,
        guard: {
          ...database.guard,
          renew: async (epoch, renewal, _clock, ttlSeconds) => {
            await surroundings.clock.sleep(napSeconds);
            const { clock } = await database.guard.beat(epoch);
            return database.guard.renew(epoch, renewal, clock, ttlSeconds);
          },
        },
      }))(surroundings),
  }),
};

export const timerStartsEarly: Bug = {
  what: 'the wait for the lease is counted from when the read began, and not from when it was answered',
  violates: oneWriter,
  focus: {
    faults: ['writer-cut-by-run'],
    ratesAtLimit: true,
    // Until the writer is cut off: what is slow afterwards only gives the lease time to lapse.
    bias: (world) =>
      befall(
        world,
        { lateness: 1, leastSeconds: 3, delaySeconds: 5, patienceSeconds: 6 },
        ({ from, subject, method }) => {
          const reads = from === 'gcp' && subject === registerKey && method === 'get';
          return reads && world.estate.network.reaches('aws', 'elsewhere');
        },
      ),
  },
  breaking: () => ({ parts: { createView: createEarlyView } }),
};

const createEarlyView: EngineParts['createView'] = (deps) => {
  let begunSeconds: number | null = null;
  const elapsedSeconds = () => begunSeconds ?? deps.clock.elapsedSeconds();
  const early = createSituationView({ ...deps, clock: { ...deps.clock, elapsedSeconds } });
  return {
    ...early,
    read: async () => {
      const atSeconds = deps.clock.elapsedSeconds();
      const read = await deps.register.read();
      if (read.kind !== 'value') return early.read();
      begunSeconds = atSeconds;
      early.note(read.value);
      begunSeconds = null;
      return read;
    },
  };
};

type Database = NonNullable<Surroundings['database']>;

function withDatabase(change: (database: Database) => Database) {
  return (surroundings: Surroundings): Surroundings => ({
    ...surroundings,
    database: surroundings.database && change(surroundings.database),
  });
}

/** From the beginning to the end of the storm some messages fare worse than others. */
function befall(world: World, foul: Partial<Weather>, touches: (journey: Journey) => boolean): void {
  world.estate.network.weather.add({
    ...fairWeather,
    ...foul,
    touches: (journey) => !world.isCalm && touches(journey),
  });
}
