// Cloud Run function: the schedule fired. Windows that have ended are emptied, unfinished copies go on, and what is due of the comparison is done.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wireObjects } from '../wiring-objects.ts';

const { objects, timeoutSeconds } = wireObjects();

export const onObjectsTick: HttpFunction = async (_request, answer) => {
  answer.json(await objects.tick(timeoutSeconds));
};
