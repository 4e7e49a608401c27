// Lambda: an operator's command, invoked by name with the command as the event. IAM says who may.
import { wire } from '../wiring.ts';

const { service } = wire();

export async function handler(event: unknown) {
  return service.onOperator(event);
}
