// Cloud Run function: an operator's command as the body of a POST. IAM says who may.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { wire } from '../wiring.ts';

const { service } = wire();

export const onOperator: HttpFunction = async ({ body }, answer) => {
  answer.json(await service.onOperator(body));
};
