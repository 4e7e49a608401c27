// Lambda: a replication-lag metric spoke: its word is kept beside the heartbeat's, and wakes a keeper.
import { parseAwsEvent } from '../events/aws-event.ts';
import { wire } from '../wiring.ts';

const { service, context } = wire();

export async function handler(event: unknown) {
  return service.onEvent(parseAwsEvent(event, context()));
}
