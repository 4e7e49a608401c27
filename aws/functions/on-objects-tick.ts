// Lambda: the schedule fired. Windows that have ended are emptied, unfinished copies go on, and what is due of the comparison is done.
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireObjects } from '../wiring-objects.ts';

const { objects } = wireObjects();

export async function handler(_event: unknown, context: unknown) {
  return objects.tick(remainingSeconds(context));
}
