// The queue in memory keeps the contract that the adapters keep.
import { keyQueueContract } from '../contract/key-queue.ts';
import { createFakeKeyQueue } from './fake-key-queue.ts';
import { createManualClock } from './manual-clock.ts';

keyQueueContract('the fake', async () => {
  const clock = createManualClock();
  const queue = createFakeKeyQueue('fake', clock);
  return { queue, advance: clock.advance, fail: queue.fail, close: async () => {} };
});
