// Cloud Run function: Cloud Monitoring opened or closed an incident (Pub/Sub): its word becomes evidence, and wakes a keeper.
import { parseGcpEvent } from '../events/gcp-event.ts';
import { wire } from '../wiring.ts';

const { service, context } = wire();

export async function onAlarm(event: unknown) {
  await service.onEvent(parseGcpEvent(event, context()));
}
