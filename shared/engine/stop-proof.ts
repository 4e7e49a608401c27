// The proof of a stop: only the provider's own word that the old writer's database is stopped shortens the wait for its lease.

import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';
import type { ManagedDatabase } from '../ports/managed-database.ts';

export type StopProof = {
  /**
   * Whether a stop is proved for exactly this epoch and renewal. Never waits for the provider: it is asked in the background, since its API
   * may have died with the site. A proof holds only while the lease has not been renewed since it was asked for: to write again, a
   * database that was started again would need a renewal.
   */
  isProved(situation: Situation): boolean;
};

type Deps = {
  databaseOf: (site: SiteName) => Promise<ManagedDatabase | null>;
  clock: Clock;
  /** An API that does not answer proves nothing, and is said. */
  onUnknown: (writer: SiteName, error: unknown) => void;
};

const askEverySeconds = 5;

export function createStopProof({ databaseOf, clock, onUnknown }: Deps): StopProof {
  let asking = false;
  let askedSeconds = Number.NEGATIVE_INFINITY;
  let proved: { epoch: number; renewal: number } | null = null;

  async function ask({ writer, epoch, lease }: Situation): Promise<void> {
    asking = true;
    askedSeconds = clock.elapsedSeconds();
    try {
      const state = await (await databaseOf(writer))?.state();
      proved = state?.status === 'stopped' ? { epoch, renewal: lease.renewal } : null;
    } catch (error) {
      onUnknown(writer, error);
    } finally {
      asking = false;
    }
  }

  return {
    isProved(situation) {
      if (!asking && clock.elapsedSeconds() - askedSeconds >= askEverySeconds) void ask(situation);
      return proved !== null && proved.epoch === situation.epoch && proved.renewal === situation.lease.renewal;
    },
  };
}
