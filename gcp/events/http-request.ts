// HTTP requests as the functions framework hands them on, made neutral for a webhook's parser.
import { headerOf, isObject } from '../../shared/events/payload.ts';
import type { WebhookRequest } from '../../shared/events/webhook.ts';

/** The request's Authorization header and body. What is no request becomes one without secret, which every parser refuses. */
export function webhookRequest(request: unknown): WebhookRequest {
  if (!isObject(request)) return { authorization: null, body: null };
  const headers = isObject(request.headers) ? request.headers : {};
  return { authorization: headerOf(headers, 'authorization'), body: request.body ?? null };
}
