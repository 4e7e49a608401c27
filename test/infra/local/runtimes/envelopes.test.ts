// The envelopes that the runtimes make are what the product's own parsers take.
import { expect, test } from 'vitest';
import { parseAwsEvent } from '../../../../aws/events/aws-event.ts';
import { eventBridgeEvent, scheduledEvent, snsToLambda } from '../../../../infra/local/runtimes/aws-envelopes.ts';
import type { EventContext } from '../../../../shared/events/context.ts';
import { scriptedChance } from '../chance.ts';
import { handClock } from '../hand-clock.ts';

const from = { clock: handClock(), chance: scriptedChance() };
const context: EventContext = {
  declarations: [
    { source: 'cloudwatch', name: 'aws-down', speaks: { about: 'health', site: 'aws', component: 'application' } },
  ],
  receivedAt: from.clock.now(),
};

test('a schedule that fires is a tick', () => {
  const event = scheduledEvent({ name: 'beat', account: '123456789012', region: 'us-east-1' }, from);
  expect(event).toMatchObject({ time: '2026-03-01T12:00:00Z', 'detail-type': 'Scheduled Event', source: 'aws.events' });
  const parsed = parseAwsEvent(event, context);
  expect(parsed.rejections).toEqual([]);
  expect(parsed.signals).toMatchObject([{ kind: 'tick' }]);
});

test('an alarm through EventBridge is a signal', () => {
  const event = eventBridgeEvent(
    {
      detailType: 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: '123456789012',
      region: 'us-east-1',
      resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:aws-down'],
      detail: {
        alarmName: 'aws-down',
        state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-03-01T11:59:58.123+0000' },
      },
    },
    from,
  );
  expect(parseAwsEvent(event, context).signals).toMatchObject([
    { kind: 'health', site: 'aws', health: 'unhealthy', observedAt: '2026-03-01T11:59:58.123Z' },
  ]);
});

test('an SNS record carries the message whole, under the topic of its subscription', () => {
  const topicArn = 'arn:aws:sns:eu-west-1:123456789012:alarms';
  const [record, ...rest] = snsToLambda({ topicArn, subject: null, message: '{"ä":1}', attributes: {} }, from).Records;
  expect(rest).toEqual([]);
  expect(record?.EventSubscriptionArn.startsWith(`${topicArn}:`)).toBe(true);
  expect(record?.Sns).toMatchObject({ Message: '{"ä":1}', Subject: null, Timestamp: '2026-03-01T12:00:00.000Z' });
  expect(record?.Sns.SigningCertUrl).toContain('https://sns.eu-west-1.amazonaws.com/');
});
