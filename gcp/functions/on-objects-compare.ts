// Cloud Run function: the schedule fired. Pairs whose comparison is due, or was not finished, are compared for as long as there is time.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wireObjects } from '../wiring-objects.ts';

const { objects, timeoutSeconds } = wireObjects();

export const onObjectsCompare: HttpFunction = async (_request, answer) => {
  answer.json(await objects.compare(timeoutSeconds));
};
