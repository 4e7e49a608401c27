// Lambda: Alertmanager called the function's URL, with the shared secret.
import { parseAlertmanager } from '../../shared/events/alertmanager.ts';
import { webhookRequest } from '../events/http-request.ts';
import { wire } from '../wiring.ts';

const { service, context, webhookSender } = wire();

export async function handler(event: unknown) {
  const parsed = parseAlertmanager(webhookRequest(event), context(), await webhookSender());
  const refused = parsed.rejections.some((one) => one.reason === 'bad-secret');
  const response = await service.onEvent(parsed);
  return { statusCode: refused ? 401 : 200, body: JSON.stringify(response) };
}
