// Bugs planted in how the lease is waited for and renewed: no wait, one that starts early, and a nap at the wrong moment.
import type { EngineParts } from '../../../shared/engine/compose.ts';
import { registerKey } from '../../../shared/engine/situation-register.ts';
import { createSituationView } from '../../../shared/engine/situation-view.ts';
import { type Bug, befall, oneWriter, withDatabase } from './bug.ts';

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
