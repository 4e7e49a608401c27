// What people are told: a message, or an incident that is opened and closed again.
import * as z from 'zod';

export const Severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);
export type Severity = z.infer<typeof Severity>;

export const Notification = z.object({
  /** Made of epoch, run and step, so that both clouds sending it is one message. At most 255 characters. */
  dedupKey: z.string().min(1).max(255),
  kind: z.enum(['message', 'incident-opened', 'incident-resolved']),
  severity: Severity,
  title: z.string().min(1),
  /** Full sentences: what happened, why, what was done, what a person should do. */
  text: z.string(),
  /** The site or component that it is about. */
  source: z.string(),
});
export type Notification = z.infer<typeof Notification>;
