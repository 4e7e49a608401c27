// Lambda: the schedule fired. What the last days cost is asked for again, kept in both clouds, and looked at for what people want to know.
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireCosts } from '../wiring-cost.ts';

const costs = wireCosts();

export async function handler(_event: unknown, context: unknown) {
  const snapped = await costs.snapshot(remainingSeconds(context));
  return { ...snapped, watched: await costs.watch() };
}
