// The fake database as the worlds that the contract suites ask for.
import type { PairWorld } from '../contract/following.ts';
import type { GuardedWorld } from '../contract/guarded-world.ts';
import type { ReplicatedWorld } from '../contract/promotion.ts';
import { createFakeDatabase, type FakeDatabase } from './fake-database.ts';
import { createManualClock } from './manual-clock.ts';

export function guardedFakeWorld(): GuardedWorld {
  const clock = createManualClock();
  const database = createFakeDatabase({ name: 'fake', clock, skew: { offsetSeconds: 1000, rate: 1 } });
  return {
    guard: database.guard,
    fencing: database.fencing,
    begin: async () => {
      const transaction = database.begin();
      return {
        write: async (text) => {
          transaction.write(text);
        },
        savepoint: async () => transaction.savepoint(),
        rollBackToSavepoint: async () => transaction.rollBackToSavepoint(),
        commit: async () => transaction.commit(),
        prepare: async (id) => transaction.prepare(id),
      };
    },
    commitPrepared: async (id) => database.commitPrepared(id),
    read: async () => {
      const transaction = database.begin();
      const again = async () => {
        transaction.read();
      };
      await again();
      return { again };
    },
    committed: async () => database.rows().map(({ text }) => text),
    arm: async () => database.arm(),
    restart: async () => database.restart(),
    pass: async (seconds) => clock.advance(seconds),
    untilShut: async () => {
      while ((await database.guard.state()).open) clock.advance(0.1);
    },
    close: async () => undefined,
  };
}

export function replicatedFakeWorld(): ReplicatedWorld {
  const clock = createManualClock();
  const writer = createFakeDatabase({ name: 'writer', clock });
  const standby = createFakeDatabase({ name: 'standby', clock, skew: { offsetSeconds: -500, rate: 1.01 } });
  standby.follow(writer);
  const insert = (database: FakeDatabase) => async (text: string) => {
    const transaction = database.begin();
    const id = transaction.write(text);
    transaction.commit();
    return id;
  };
  return {
    writer: {
      guard: writer.guard,
      health: writer.health,
      readiness: writer.readiness,
      insert: insert(writer),
    },
    standby: {
      guard: standby.guard,
      health: standby.health,
      promotion: standby.promotion,
      readiness: standby.readiness,
      insert: insert(standby),
    },
    caughtUp: async () => {
      while (standby.applyNext());
    },
    standbyRows: async () => standby.rows().map(({ text }) => text),
    loseWriter: async () => writer.lose(),
    close: async () => undefined,
  };
}

export function pairFakeWorld(): PairWorld {
  const clock = createManualClock();
  const cut = new Set<string>();
  const databases: Record<string, FakeDatabase> = {};
  const make = (name: string) => {
    const peer = (other: string) => (cut.has(other) ? null : (databases[other] ?? null));
    const database = createFakeDatabase({ name, clock, peer });
    databases[name] = database;
    return database;
  };
  const [one, other] = [make('one'), make('other')];
  other.follow(one);
  const side = (database: FakeDatabase) => ({
    ...database,
    insert: async (text: string) => {
      const transaction = database.begin();
      const id = transaction.write(text);
      transaction.commit();
      return id;
    },
    rows: async () =>
      database
        .rows()
        .sort((a, b) => a.id - b.id)
        .map(({ text }) => text),
  });
  return {
    one: side(one),
    other: side(other),
    caughtUp: async (replica) => {
      while (databases[replica.name]?.applyNext());
    },
    setReachable: async ({ name }, reachable) => {
      if (reachable) cut.delete(name);
      else cut.add(name);
    },
    close: async () => undefined,
  };
}
