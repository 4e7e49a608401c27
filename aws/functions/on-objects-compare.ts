// Lambda: the schedule fired. Pairs whose comparison is due, or was not finished, are compared for as long as there is time.
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireObjects } from '../wiring-objects.ts';

const { objects } = wireObjects();

export async function handler(_event: unknown, context: unknown) {
  return objects.compare(remainingSeconds(context));
}
