// What the sample application and its clients say to each other about orders.
import * as z from 'zod';

/** What POST /orders takes. Sending the same pair twice places one order. */
export const OrderRequest = z.object({ client: z.string().min(1).max(100), sequence: z.int().nonnegative() });

/** What POST /orders answers with 201, or 200 when the order was there already. */
export const OrderPlaced = z.object({
  id: z.string(),
  site: z.string(),
  /** `host:port` of the database that took it. */
  acceptedBy: z.string(),
});

/** What it answers with 503. `written` says whether the order can be there all the same. */
export const OrderRefused = z.object({
  site: z.string(),
  reason: z.enum(['no-writer', 'not-the-writer', 'writer-unreachable', 'writer-lost', 'failed']),
  written: z.enum(['no', 'unknown']),
  because: z.string(),
});
export type OrderRefused = z.infer<typeof OrderRefused>;
