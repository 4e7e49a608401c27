// Lambda: storage events of the site's queue. Each message is answered by itself; what failed comes again when its back-off says.
import { answerBatch, hearBatch } from '../events/object-batch.ts';
import { remainingSeconds } from '../events/remaining-time.ts';
import { wireObjects } from '../wiring-objects.ts';

const { objects, handBack } = wireObjects();

export async function handler(event: unknown, context: unknown) {
  const messages = hearBatch(event);
  const failed = await objects.takeIn(messages, remainingSeconds(context));
  await handBack(failed);
  return answerBatch(failed);
}
