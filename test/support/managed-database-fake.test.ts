// The fake managed database keeps the same contract as the adapters that it stands for.
import { managedDatabaseContract } from '../contract/managed-database.ts';
import { createFakeManagedDatabase } from './fake-managed-database.ts';
import { createManualClock } from './manual-clock.ts';

managedDatabaseContract('fake', async () => {
  const clock = createManualClock();
  const database = createFakeManagedDatabase({ elapsedSeconds: clock.elapsedSeconds });
  const states = { stopping: 'changing', stopped: 'stopped', broken: 'failed' } as const;
  return {
    database,
    promotions: database.promotions,
    advance: clock.advance,
    put: (state) => database.put(states[state]),
    spoilPromotions: database.spoilPromotions,
    // In memory there is no waiting: silence is an answer that was lost.
    fail: (how) => database.fail(how === 'silence' ? 'lose-answer' : how),
    close: async () => {},
  };
});
