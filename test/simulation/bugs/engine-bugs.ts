// Bugs planted in the engine: conditions that it does not ask for, and answers that it takes for granted.
import type { Cell } from '../../../shared/authority/ballot.ts';
import { registerKey } from '../../../shared/engine/situation-register.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import { nothingLost } from '../invariants/nothing-lost-in-moves.ts';
import { type Bug, befall, oneWriter, withDatabase } from './bug.ts';

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

export const heartbeatNotAwaited: Bug = {
  what: 'a standby says that the last heartbeat has arrived, whatever has',
  violates: [nothingLost],
  focus: { faults: ['planned-move', 'replication-held'] },
  breaking: () => ({
    around: withDatabase((database) => ({
      ...database,
      health: {
        ...database.health,
        standby: async () => {
          const { applied, ...state } = await database.health.standby();
          return { ...state, applied: applied && { ...applied, number: applied.number + 1000 } };
        },
      },
    })),
  }),
};
