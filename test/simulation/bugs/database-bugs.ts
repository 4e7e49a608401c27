// Bugs planted in the database: the guard, its memory of epochs, the fence, and what travels to the replica.
import { createFakeGuard, type FakeGuard } from '../../support/fake-guard.ts';
import type { World } from '../world.ts';
import { type Bug, oneWriter } from './bug.ts';

export const guardRemoved: Bug = {
  what: 'a database that was opened once takes writes for ever',
  violates: oneWriter,
  focus: { faults: ['writer-isolated'] },
  breaking: () => ({ estate: { database: () => ({ makeGuard: withoutGuard }) } }),
};

function withoutGuard(localSeconds: () => number): FakeGuard {
  const guard = createFakeGuard(localSeconds);
  const wasOpened = () => guard.state().epoch > 0;
  return {
    ...guard,
    whyShut: () => (wasOpened() ? null : guard.whyShut()),
    state: () => ({ ...guard.state(), open: wasOpened() }),
  };
}

export const epochCheckRemoved: Bug = {
  what: 'a database does not remember which epochs are fenced or over',
  violates: [...oneWriter, 'epochs never fall', 'a fence stands', 'no effect is applied with a stale epoch'],
  focus: { faults: ['application-unwell', 'frozen-at-call'], twoOverlap: true },
  breaking: () => ({ estate: { database: () => ({ makeGuard: withoutMemory }) } }),
};

/** What is granted starts from nothing: neither a later epoch nor a fence stands in its way. */
function withoutMemory(localSeconds: () => number): FakeGuard {
  let guard = createFakeGuard(localSeconds);
  let restarts = 0;
  const grant = (...lease: Parameters<FakeGuard['open']>) => {
    const fresh = createFakeGuard(localSeconds);
    fresh.arm();
    for (let restart = 0; restart < restarts; restart += 1) fresh.restart();
    const answer = fresh.open(...lease);
    if (answer.kind === 'set') guard = fresh;
    return answer;
  };
  return {
    whyShut: () => guard.whyShut(),
    clock: () => guard.clock(),
    state: () => guard.state(),
    over: () => null,
    renew: grant,
    open: grant,
    shut: (epoch) => guard.shut(epoch),
    arm: () => guard.arm(),
    restart: () => {
      restarts += 1;
      guard.restart();
    },
  };
}

export const fenceLeavesTransactions: Bug = {
  what: 'a fence shuts the guard and leaves the transactions that were begun before it',
  violates: ['no transaction commits after a later epoch was opened'],
  focus: { faults: ['application-unwell'], commitSeconds: 2.8 },
  breaking: () => ({ estate: { database: () => ({ fenceEndsBackends: false }) } }),
};

export const leaseTravels: Bug = {
  what: 'the lease is published, and the replica applies it like any row',
  violates: [...oneWriter, 'no effect is applied with a stale epoch'],
  focus: { faults: [] },
  breaking: () => ({ begin: (world) => void publishLease(world) }),
};

async function publishLease({ estate, sites }: World): Promise<void> {
  for (;;) {
    await estate.clock.sleep(1);
    for (const site of sites) {
      const database = estate.databases[site];
      const followed = database?.upstream();
      if (!database || !followed?.enabled || !followed.source.look().accepting) continue;
      const { epoch, renewal } = await followed.source.guard.state();
      const { clock } = await database.guard.beat(epoch);
      await database.guard.open(epoch, renewal, clock, estate.strategy.authority.ttlSeconds);
    }
  }
}
