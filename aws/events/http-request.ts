// HTTP requests as Lambda receives them, from a function URL or API Gateway, made neutral for a webhook's parser.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
import * as z from 'zod';
import { decodeBase64Text, headerOf } from '../../shared/events/payload.ts';
import type { WebhookRequest } from '../../shared/events/webhook.ts';

const LambdaHttpEvent = z.object({
  headers: z.record(z.string(), z.unknown()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** The request's Authorization header and body text. What is no HTTP event becomes a request without secret, which every parser refuses. */
export function webhookRequest(event: unknown): WebhookRequest {
  const read = LambdaHttpEvent.safeParse(event);
  if (!read.success) return { authorization: null, body: null };
  const { headers, body, isBase64Encoded } = read.data;
  const text = typeof body === 'string' && isBase64Encoded ? decodeBase64Text(body) : body;
  return { authorization: headerOf(headers ?? {}, 'authorization'), body: text ?? null };
}
