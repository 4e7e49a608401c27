// The pull side of the Pub/Sub stand-in: pull, acknowledge and modifyAckDeadline, and the depth as Cloud Monitoring tells it.
import * as z from 'zod';
import { googleFailure } from './google-failure.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from './http.ts';
import type { PubSubSubscription, PulledMessage } from './pubsub-subscription.ts';

const Pull = z.object({ maxMessages: z.number().int().min(1).max(1000) });
const Acknowledge = z.object({ ackIds: z.array(z.string()).min(1) });
const ModifyAckDeadline = Acknowledge.extend({ ackDeadlineSeconds: z.number().int().min(0).max(600) });

/** Null: the request is not about a subscription. A pull never waits, as with `returnImmediately`. */
export function answerPull(request: HttpRequest, subscriptions: readonly PubSubSubscription[]): HttpAnswer | null {
  if (/^\/v3\/projects\/[^/]+\/timeSeries$/.test(request.path)) {
    // Points that are put are taken; nothing here reads them again.
    return request.method === 'POST' ? jsonAnswer(200, {}) : depthOf(request, subscriptions);
  }
  const [, name, operation] = /^\/v1\/(projects\/[^/]+\/subscriptions\/[^/:]+):(\w+)$/.exec(request.path) ?? [];
  if (name === undefined || request.method !== 'POST') return null;
  const subscription = subscriptions.find((each) => each.name === name);
  if (subscription === undefined) {
    return googleFailure(404, 'NOT_FOUND', `Resource not found (resource=${name.split('/').at(-1)}).`);
  }
  try {
    return perform(operation ?? '', JSON.parse(request.body.toString()), subscription);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return googleFailure(400, 'INVALID_ARGUMENT', z.prettifyError(error));
  }
}

function perform(operation: string, body: unknown, subscription: PubSubSubscription): HttpAnswer {
  switch (operation) {
    case 'pull': {
      const pulled = subscription.pull(Pull.parse(body).maxMessages);
      return jsonAnswer(200, pulled.length === 0 ? {} : { receivedMessages: pulled.map(received) });
    }
    case 'acknowledge':
      subscription.acknowledge(Acknowledge.parse(body).ackIds);
      return jsonAnswer(200, {});
    case 'modifyAckDeadline': {
      const { ackIds, ackDeadlineSeconds } = ModifyAckDeadline.parse(body);
      subscription.modifyAckDeadline(ackIds, ackDeadlineSeconds);
      return jsonAnswer(200, {});
    }
    default:
      return googleFailure(404, 'NOT_FOUND', 'Method not found.');
  }
}

function received({ ackId, message, deliveryAttempt }: PulledMessage): object {
  const { data, attributes, messageId, publishTime, orderingKey } = message;
  return {
    ackId,
    deliveryAttempt,
    message: {
      data: data.toString('base64'),
      messageId,
      publishTime,
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
      ...(orderingKey === '' ? {} : { orderingKey }),
    },
  };
}

/** The service samples once a minute; here the sample is of this moment. */
function depthOf(request: HttpRequest, subscriptions: readonly PubSubSubscription[]): HttpAnswer {
  const filter = request.query.get('filter') ?? '';
  const id = /resource\.labels\.subscription_id="([^"]*)"/.exec(filter)?.[1];
  const subscription = subscriptions.find(({ name }) => name.endsWith(`/subscriptions/${id}`));
  if (!filter.includes('subscription/num_undelivered_messages') || subscription === undefined)
    return jsonAnswer(200, {});
  const endTime = request.query.get('interval.endTime');
  const int64Value = String(subscription.messages().length);
  return jsonAnswer(200, {
    timeSeries: [
      {
        metric: { type: 'pubsub.googleapis.com/subscription/num_undelivered_messages' },
        resource: { type: 'pubsub_subscription', labels: { subscription_id: id } },
        metricKind: 'GAUGE',
        valueType: 'INT64',
        points: [{ interval: { startTime: endTime, endTime }, value: { int64Value } }],
      },
    ],
  });
}
