// Cloud Run function: Alertmanager called, with the shared secret.
import type { HttpFunction } from '@google-cloud/functions-framework';
import { parseAlertmanager } from '../../shared/events/alertmanager.ts';
import { webhookRequest } from '../events/http-request.ts';
import { wire } from '../wiring.ts';

const { service, context, webhookSender } = wire();

export const onWebhook: HttpFunction = async ({ headers, body }, answer) => {
  const parsed = parseAlertmanager(webhookRequest({ headers, body }), context(), await webhookSender());
  const refused = parsed.rejections.some((one) => one.reason === 'bad-secret');
  answer.status(refused ? 401 : 200).json(await service.onEvent(parsed));
};
