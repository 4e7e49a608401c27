// Clients that write straight to every database all the time, and what the databases acknowledged.
import type { SiteName } from '../../../shared/model/site.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { FakeDatabase, FakeTransaction } from '../fake-database.ts';
import { FakeSqlError } from '../fake-guard.ts';

export type Acknowledgement = { site: SiteName; atSeconds: number; id: number };

export type Clients = {
  /** In the order in which they were given. */
  readonly acknowledged: Acknowledgement[];
  /** Instants at which both guards let writes pass; must stay empty. */
  readonly openTogether: number[];
  writeForEver(): Promise<void>;
};

const everySeconds = 0.5;

/**
 * Each client writes at one tick and commits at the next, so that a transaction is always under way when the lease ends; another
 * writes and commits at once.
 */
export function createClients(databases: Record<SiteName, FakeDatabase>, clock: Clock): Clients {
  const acknowledged: Acknowledgement[] = [];
  const openTogether: number[] = [];
  const pending = new Map<SiteName, { transaction: FakeTransaction; id: number }>();

  function tick(site: SiteName, database: FakeDatabase): boolean {
    const slow = pending.get(site);
    pending.delete(site);
    const committed = slow ? attempt(() => slow.transaction.commit()) : null;
    if (slow && committed) acknowledged.push({ site, atSeconds: clock.elapsedSeconds(), id: slow.id });
    const begun = attempt(() => {
      const transaction = database.begin();
      return { transaction, id: transaction.write('slow') };
    });
    if (begun) pending.set(site, begun.value);
    const quick = attempt(() => {
      const transaction = database.begin();
      const id = transaction.write('quick');
      transaction.commit();
      return id;
    });
    if (quick) acknowledged.push({ site, atSeconds: clock.elapsedSeconds(), id: quick.value });
    return quick !== null;
  }

  return {
    acknowledged,
    openTogether,
    async writeForEver() {
      for (;;) {
        const accepting = Object.entries(databases).filter(([site, database]) => tick(site, database));
        if (accepting.length > 1) openTogether.push(clock.elapsedSeconds());
        await clock.sleep(everySeconds);
      }
    },
  };
}

/** Null when the database refused: what a client is told as an error. */
function attempt<T>(work: () => T): { value: T } | null {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof FakeSqlError) return null;
    throw error;
  }
}
