// Clients of every database: transactions that span ticks, and commits that take a while from their last check to the disk.
import type { SiteName } from '../../shared/model/site.ts';
import type { Chance } from '../../shared/ports/clock.ts';
import type { createClients } from '../support/estate/clients.ts';
import type { FakeDatabase, FakeTransaction } from '../support/fake-database.ts';
import { FakeSqlError } from '../support/fake-guard.ts';
import type { Plan } from './plan.ts';
import type { World } from './world.ts';

const everySeconds = 0.9;

type Options = { plan: Plan; chance: Chance; world: () => World | null };

export function createTransactions({ plan, chance, world }: Options): typeof createClients {
  return (databases, clock) => {
    const acknowledged: { site: SiteName; atSeconds: number; id: number }[] = [];
    const pending = new Map<SiteName, { transaction: FakeTransaction; id: number }>();

    function acknowledge(site: SiteName, database: FakeDatabase, id: number): void {
      acknowledged.push({ site, atSeconds: clock.elapsedSeconds(), id });
      const { epoch } = database.look();
      const later = Object.values(databases).find((other) => other.look().epoch > epoch);
      if (later) {
        world()?.fail(
          'no transaction commits after a later epoch was opened',
          `${site} committed write ${id} of epoch ${epoch}, and ${later.name} is open at epoch ${later.look().epoch}`,
        );
      }
    }

    async function landLater(site: SiteName, database: FakeDatabase, land: () => void, id: number): Promise<void> {
      await clock.sleep(chance.fraction() * plan.commitSeconds);
      if (database.reachable() && attempt(land)) acknowledge(site, database, id);
    }

    function tick(site: SiteName, database: FakeDatabase): void {
      if (!database.reachable()) {
        pending.delete(site);
        return;
      }
      const slow = pending.get(site);
      pending.delete(site);
      if (slow && plan.commitSeconds > 0) {
        const land = attempt(() => slow.transaction.startCommit());
        if (land) void landLater(site, database, land.value, slow.id);
      } else if (slow && attempt(() => slow.transaction.commit())) acknowledge(site, database, slow.id);
      // Asked first, so that a refusal costs no error: the guard's answer is the same.
      if (!database.look().accepting) return;
      const begun = attempt(() => {
        const transaction = database.begin();
        return { transaction, id: transaction.write('slow') };
      });
      if (begun) pending.set(site, begun.value);
    }

    return {
      acknowledged,
      openTogether: [],
      async writeForEver() {
        for (;;) {
          for (const [site, database] of Object.entries(databases)) tick(site, database);
          await clock.sleep(everySeconds);
        }
      },
    };
  };
}

function attempt<T>(work: () => T): { value: T } | null {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof FakeSqlError) return null;
    throw error;
  }
}
