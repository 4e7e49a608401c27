// Cloud Run function: the schedule fired. What the last days cost is asked for again, kept in both clouds, and looked at for what people want to know.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wireCosts } from '../wiring-cost.ts';

const { costs, timeoutSeconds } = wireCosts();

export const onCost: HttpFunction = async (_request, answer) => {
  const snapped = await costs.snapshot(timeoutSeconds);
  answer.json({ ...snapped, watched: await costs.watch() });
};
