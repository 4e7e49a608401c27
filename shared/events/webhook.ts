// Webhooks: what an HTTP entry point hands on, whichever cloud received it, and the shared secret that opens it.
import { createHash, timingSafeEqual } from 'node:crypto';

/** A request as both clouds' HTTP entry points give it: the Authorization header, and the decoded body. */
export type WebhookRequest = { authorization: string | null; body: unknown };

/**
 * True when the request carries `Authorization: Bearer <secret>`. Both sides are hashed first, so that the comparison takes equally
 * long whatever was sent and however long it is. An empty secret opens to nobody.
 */
export function carriesSecret(request: WebhookRequest, secret: string): boolean {
  const presented = /^Bearer +(.+)$/i.exec(request.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(presented), digest(secret)) && secret.length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
