// The fake capacity keeps the same contract as the adapters that it stands for.
import { type CapacityWorld, capacityContract } from '../contract/capacity.ts';
import { createFakeCapacity } from './fake-capacity.ts';
import { createManualClock } from './manual-clock.ts';

capacityContract('fake', async (): Promise<CapacityWorld> => {
  const clock = createManualClock();
  const capacity = createFakeCapacity({ elapsedSeconds: clock.elapsedSeconds });
  return {
    capacity,
    cluster: capacity.cluster,
    advance: clock.advance,
    // In memory there is no waiting: silence is an answer that was lost.
    fail: (how) => capacity.fail(how === 'silence' ? 'lose-answer' : how),
    close: async () => {},
  };
});
