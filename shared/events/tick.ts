// Schedules: the tick that a fired schedule is, and the custom input by which a schedule says that it means us.
import * as z from 'zod';
import type { Parsed } from '../model/signal.ts';
import type { Ground } from '../model/site.ts';
import type { EventContext } from './context.ts';
import { toInstant } from './instant.ts';
import { heard } from './parsed.ts';

/**
 * The custom input of a schedule, which replaces the vendor's whole event (EventBridge) or is the whole body (Cloud
 * Scheduler). The other fields are for EventBridge Scheduler's context attributes, `<aws.scheduler.scheduled-time>` and so on.
 */
export const TickInput = z.object({
  causeway: z.literal('tick'),
  schedule: z.string().min(1).nullish(),
  scheduledTime: z.string().nullish(),
  executionId: z.string().min(1).nullish(),
});
export type TickInput = z.infer<typeof TickInput>;

/** A tick of `schedule`. Without an id of the vendor's, the scheduled time tells one tick from the next. */
export function tick(
  schedule: string,
  ground: Ground,
  fired: { id: string | null; at: string | null },
  context: EventContext,
): Parsed {
  const observedAt = (fired.at === null ? null : toInstant(fired.at)) ?? context.receivedAt.toISOString();
  return heard({
    kind: 'tick',
    id: `tick|${schedule}|${fired.id ?? observedAt}`,
    vantage: { kind: 'schedule', name: schedule, ground },
    observedAt,
    because: `The schedule ${schedule} fired.`,
  });
}

export function tickFromInput(input: TickInput, ground: Ground, context: EventContext): Parsed {
  const fired = { id: input.executionId ?? null, at: input.scheduledTime ?? null };
  return tick(input.schedule ?? 'custom input', ground, fired, context);
}
