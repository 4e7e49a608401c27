// Lambda: the schedule fired. It is looked at how replication is, windows that have ended are emptied, and unfinished copies go on.
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireObjects } from '../wiring-objects.ts';

const { objects } = wireObjects();

export async function handler(_event: unknown, context: unknown) {
  return objects.tick(remainingSeconds(context));
}
