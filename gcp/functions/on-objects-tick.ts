// Cloud Run function: the schedule fired. It is looked at how replication is, windows that have ended are emptied, and unfinished copies go on.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wireObjects } from '../wiring-objects.ts';

const { objects, timeoutSeconds } = wireObjects();

export const onObjectsTick: HttpFunction = async (_request, answer) => {
  answer.json(await objects.tick(timeoutSeconds));
};
