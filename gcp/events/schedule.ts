// Cloud Scheduler: a job with an HTTP target, with a Pub/Sub target, or as a CloudEvent of its own.
// https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#httptarget
import type { EventContext } from '../../shared/events/context.ts';
import { malformed } from '../../shared/events/parsed.ts';
import { headerOf, type JsonObject } from '../../shared/events/payload.ts';
import { TickInput, tick, tickFromInput } from '../../shared/events/tick.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import type { CloudEvent } from './pubsub.ts';

/** Cloud Scheduler puts its own headers on a request; App Engine's front end strips them from everybody else's. */
export function isSchedulerRequest(headers: JsonObject): boolean {
  return headerOf(headers, 'x-cloudscheduler') === 'true';
}

export function parseSchedulerRequest(headers: JsonObject, context: EventContext): Parsed {
  const job = headerOf(headers, 'x-cloudscheduler-jobname') || 'cloud-scheduler';
  return tick(job, 'gcp', { id: null, at: headerOf(headers, 'x-cloudscheduler-scheduletime') }, context);
}

export const schedulerEventType = 'google.cloud.scheduler.job.v1.executed';

export function parseSchedulerEvent(event: CloudEvent, context: EventContext): Parsed {
  return tick(event.source, 'gcp', { id: event.id, at: event.time ?? null }, context);
}

/** The data of a message, or the body of a request, that a job was given: `{"causeway": "tick"}`. */
export function parseScheduleInput(
  input: unknown,
  delivery: { id: string | null; at: string | null },
  context: EventContext,
): Parsed {
  const read = TickInput.safeParse(input);
  if (!read.success) return malformed('schedule', read.error);
  const { executionId, scheduledTime } = read.data;
  const named = { ...read.data, executionId: executionId ?? delivery.id, scheduledTime: scheduledTime ?? delivery.at };
  return tickFromInput(named, 'gcp', context);
}
