// Lambda: the schedule fired. What the last days cost is asked for again, and kept in both clouds.
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireCosts } from '../wiring-cost.ts';

const costs = wireCosts();

export async function handler(_event: unknown, context: unknown) {
  return costs.snapshot(remainingSeconds(context));
}
