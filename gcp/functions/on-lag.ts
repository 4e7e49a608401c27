// Cloud Run function: a replication-lag policy spoke (Pub/Sub): its word is kept beside the heartbeat's, and wakes a keeper.
import { parseGcpEvent } from '../events/gcp-event.ts';
import { wire } from '../wiring.ts';

const { service, context } = wire();

export async function onLag(event: unknown) {
  await service.onEvent(parseGcpEvent(event, context()));
}
