// Amazon EventBridge: the envelope around every event of every service.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
import * as z from 'zod';

export const EventBridgeEvent = z.object({
  /** Absent in fragments and in relays that rebuild the event; never needed to tell one alarm state from another. */
  id: z.string().nullish(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string().nullish(),
  time: z.string(),
  region: z.string().nullish(),
  resources: z.array(z.string()).nullish(),
  /** An object; EventBridge Scheduler sends the text "{}". */
  detail: z.unknown().optional(),
  /** Set when the event comes out of an archive. */
  'replay-name': z.string().nullish(),
});
export type EventBridgeEvent = z.infer<typeof EventBridgeEvent>;
