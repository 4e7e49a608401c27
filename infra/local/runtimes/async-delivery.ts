// How Lambda delivers an asynchronous event: two retries after errors, patience with throttling, an age limit, a destination.
import type { Clock } from '../../../shared/ports/clock.ts';
import type { LambdaAnswer } from './lambda-protocol.ts';

export type AsyncPolicy = { maximumRetryAttempts: 0 | 1 | 2; maximumEventAgeSeconds: number };

/** What an on-failure destination receives, as recorded from the service. */
export type DestinationRecord = {
  version: '1.0';
  timestamp: string;
  requestContext: {
    requestId: string;
    functionArn: string;
    condition: 'RetriesExhausted' | 'EventAgeExceeded';
    approximateInvokeCount: number;
  };
  requestPayload: unknown;
  responseContext?: { statusCode: 200; executedVersion: '$LATEST'; functionError: 'Unhandled' };
  responsePayload?: unknown;
};

export type Delivery = {
  invoke(): Promise<LambdaAnswer>;
  event: unknown;
  requestId: string;
  functionArn: string;
  policy: AsyncPolicy;
  timeFactor: number;
  clock: Clock;
  /** Gives the event up without a word, as the loss of the region does. */
  signal: AbortSignal;
  onFailure(record: DestinationRecord): void;
};

/** After an error Lambda waits one minute, then two. */
const retryWaitsSeconds = [60, 120];
const firstThrottleWaitSeconds = 1;
const longestThrottleWaitSeconds = 300;

/**
 * Delivers one event to its end. Ages are in Lambda's seconds: real ones divided by the time factor.
 * Source: "Error handling for asynchronous invocation" of the Lambda developer guide.
 */
export async function deliverAsync(delivery: Delivery): Promise<void> {
  const { clock, policy, timeFactor, signal } = delivery;
  const takenSeconds = clock.elapsedSeconds();
  let invokes = 0;
  let throttleWaitSeconds = firstThrottleWaitSeconds;
  let last: LambdaAnswer | null = null;
  for (;;) {
    const ageSeconds = (clock.elapsedSeconds() - takenSeconds) / timeFactor;
    if (ageSeconds > policy.maximumEventAgeSeconds) {
      delivery.onFailure(recordOf(delivery, 'EventAgeExceeded', invokes, last));
      return;
    }
    const answer = await delivery.invoke();
    if (signal.aborted || answer.kind === 'returned') return;
    if (answer.kind === 'throttled') {
      await clock.sleep(throttleWaitSeconds * timeFactor, signal);
      throttleWaitSeconds = Math.min(throttleWaitSeconds * 2, longestThrottleWaitSeconds);
    } else {
      last = answer;
      invokes += 1;
      const waitSeconds = invokes > policy.maximumRetryAttempts ? undefined : retryWaitsSeconds[invokes - 1];
      if (waitSeconds === undefined) {
        delivery.onFailure(recordOf(delivery, 'RetriesExhausted', invokes, last));
        return;
      }
      await clock.sleep(waitSeconds * timeFactor, signal);
    }
    if (signal.aborted) return;
  }
}

function recordOf(
  delivery: Delivery,
  condition: DestinationRecord['requestContext']['condition'],
  approximateInvokeCount: number,
  last: LambdaAnswer | null,
): DestinationRecord {
  const { requestId, functionArn } = delivery;
  const record: DestinationRecord = {
    version: '1.0',
    timestamp: delivery.clock.now().toISOString(),
    requestContext: { requestId, functionArn: `${functionArn}:$LATEST`, condition, approximateInvokeCount },
    requestPayload: delivery.event,
  };
  if (last?.kind !== 'failed') return record;
  return {
    ...record,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: last.error,
  };
}
