// How long an invocation may still take, as Lambda's context tells.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
import { isObject } from '../../shared/events/payload.ts';

/** Throws without a context: how long there is would have to be guessed. */
export function remainingSeconds(context: unknown): number {
  if (isObject(context) && typeof context.getRemainingTimeInMillis === 'function') {
    const millis: unknown = context.getRemainingTimeInMillis();
    if (typeof millis === 'number') return millis / 1000;
  }
  throw new Error(
    'the second argument is no context of Lambda: it has no getRemainingTimeInMillis that tells a number',
  );
}
