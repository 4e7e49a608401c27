// The envelopes in which AWS hands events to Lambda: SNS records and EventBridge events.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';

export type SnsMessage = {
  topicArn: string;
  subject: string | null;
  message: string;
  attributes: Record<string, { Type: string; Value: string }>;
};

export type SnsLambdaEvent = {
  Records: {
    EventSource: 'aws:sns';
    EventVersion: '1.0';
    EventSubscriptionArn: string;
    Sns: {
      Type: 'Notification';
      MessageId: string;
      TopicArn: string;
      Subject: string | null;
      Message: string;
      Timestamp: string;
      SignatureVersion: '1';
      Signature: string;
      SigningCertUrl: string;
      UnsubscribeUrl: string;
      MessageAttributes: Record<string, { Type: string; Value: string }>;
    };
  }[];
};

/** SNS invokes Lambda with one record at a time. The signature is a placeholder: Lambda subscribers are not to check it. */
export function snsToLambda(message: SnsMessage, from: { clock: Clock; chance: Chance }): SnsLambdaEvent {
  const region = message.topicArn.split(':')[3] ?? '';
  const subscription = `${message.topicArn}:${from.chance.id()}`;
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription,
        Sns: {
          Type: 'Notification',
          MessageId: from.chance.id(),
          TopicArn: message.topicArn,
          Subject: message.subject,
          Message: message.message,
          Timestamp: from.clock.now().toISOString(),
          SignatureVersion: '1',
          Signature: 'EXAMPLE',
          SigningCertUrl: `https://sns.${region}.amazonaws.com/SimpleNotificationService-example.pem`,
          UnsubscribeUrl: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
          MessageAttributes: message.attributes,
        },
      },
    ],
  };
}

type EventBridgeEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
};

/** EventBridge writes its times without milliseconds. */
export function eventBridgeEvent(
  event: { detailType: string; source: string; account: string; region: string; resources: string[]; detail: unknown },
  from: { clock: Clock; chance: Chance },
): EventBridgeEvent {
  return {
    version: '0',
    id: from.chance.id(),
    'detail-type': event.detailType,
    source: event.source,
    account: event.account,
    time: from.clock
      .now()
      .toISOString()
      .replace(/\.\d{3}Z$/, 'Z'),
    region: event.region,
    resources: event.resources,
    detail: event.detail,
  };
}

/** What a schedule rule sends when it fires. */
export function scheduledEvent(
  rule: { name: string; account: string; region: string },
  from: { clock: Clock; chance: Chance },
): EventBridgeEvent {
  return eventBridgeEvent(
    {
      detailType: 'Scheduled Event',
      source: 'aws.events',
      account: rule.account,
      region: rule.region,
      resources: [`arn:aws:events:${rule.region}:${rule.account}:rule/${rule.name}`],
      detail: {},
    },
    from,
  );
}
