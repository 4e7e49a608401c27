// Schedules: EventBridge rules and EventBridge Scheduler, with their own event or with a custom input in its place.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
import type { EventContext } from '../../shared/events/context.ts';
import { malformed } from '../../shared/events/parsed.ts';
import { TickInput, tick, tickFromInput } from '../../shared/events/tick.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { EventBridgeEvent } from './eventbridge.ts';

/** `aws.events` is a rule; `aws.scheduler` is a schedule of EventBridge Scheduler without an input, whose detail is the text "{}". */
export function parseScheduledEvent(event: unknown, context: EventContext): Parsed {
  const read = EventBridgeEvent.safeParse(event);
  if (!read.success) return malformed('schedule', read.error);
  const { id, time, resources, source } = read.data;
  return tick(resources?.[0] || source, 'aws', { id: id ?? null, at: time }, context);
}

/** A custom input replaces the whole event, so it must itself say that it is meant for us: `{"causeway": "tick"}`. */
export function parseScheduleInput(input: unknown, context: EventContext): Parsed {
  const read = TickInput.safeParse(input);
  return read.success ? tickFromInput(read.data, 'aws', context) : malformed('schedule', read.error);
}
