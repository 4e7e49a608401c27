// Cloud Run function: the schedule fired. What the last days cost is asked for again, and kept in both clouds.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wireCosts } from '../wiring-cost.ts';

const { costs, timeoutSeconds } = wireCosts();

export const onCost: HttpFunction = async (_request, answer) => {
  answer.json(await costs.snapshot(timeoutSeconds));
};
