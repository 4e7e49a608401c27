// Cloud Run function: the schedule fired. One keeper beats for about two minutes; the next one overlaps with it.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { parseGcpEvent } from '../events/gcp-event.ts';
import { wire } from '../wiring.ts';

const { service, context } = wire();

export const onBeat: HttpFunction = async ({ headers, body }, answer) => {
  answer.json(await service.onEvent(parseGcpEvent({ headers, body }, context())));
};
