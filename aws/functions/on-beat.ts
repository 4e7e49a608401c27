// Lambda: the schedule fired. One keeper beats for about two minutes; the next one overlaps with it.
import { parseAwsEvent } from '../events/aws-event.ts';
import { wire } from '../wiring.ts';

const { service, context } = wire();

export async function handler(event: unknown) {
  return service.onEvent(parseAwsEvent(event, context()));
}
