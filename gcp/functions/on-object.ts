// Cloud Run function: one storage event, through Eventarc. It throws what must come again: without a 2xx the event is delivered again.
import { hearStorageEvent } from '../events/storage-object.ts';
import { wireObjects } from '../wiring-objects.ts';

const { objects, timeoutSeconds } = wireObjects();

export async function onObject(event: unknown) {
  const delivery = { heard: [hearStorageEvent(event)], firstMillis: null, redelivered: false };
  const [failed] = await objects.takeIn([delivery], timeoutSeconds);
  if (failed) throw new Error(`comes again: ${failed.because}`);
}
