// Alarm raisers: told of on a change of state only, late where the service is late, and in shapes that the product reads.
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { parseAwsEvent } from '../../../../aws/events/aws-event.ts';
import { parseGcpEvent } from '../../../../gcp/events/gcp-event.ts';
import { checkEndpoint } from '../../../../infra/local/alarms/checkers.ts';
import { startCloudWatchAlarms, usualCloudWatchTimings } from '../../../../infra/local/alarms/cloudwatch-alarms.ts';
import { evaluate, reasonFor } from '../../../../infra/local/alarms/evaluation.ts';
import { startUptimeChecks, usualUptimeTimings } from '../../../../infra/local/alarms/uptime-checks.ts';
import type { SnsLambdaEvent } from '../../../../infra/local/runtimes/aws-envelopes.ts';
import { type PubsubMessage, pubsubCloudEvent } from '../../../../infra/local/runtimes/pubsub-push.ts';
import type { EventContext } from '../../../../shared/events/context.ts';
import { scriptedChance } from '../chance.ts';
import { type HandClock, handClock } from '../hand-clock.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const context = (clock: HandClock): EventContext => ({
  declarations: [
    {
      source: 'cloudwatch',
      name: 'gopro-aws-endpoint-health',
      speaks: { about: 'health', site: 'aws', component: 'application' },
    },
    {
      source: 'cloud-monitoring',
      name: 'gopro-aws-uptime',
      speaks: { about: 'health', site: 'aws', component: 'application' },
    },
  ],
  receivedAt: clock.now(),
});

const Notification = z.object({
  NewStateValue: z.string(),
  OldStateValue: z.string(),
  NewStateReason: z.string(),
  StateChangeTime: z.string(),
  Trigger: z.object({ Statistic: z.string(), MetricName: z.string() }),
});
const read = (event: SnsLambdaEvent | undefined) =>
  Notification.parse(JSON.parse(event?.Records[0]?.Sns.Message ?? ''));

function cloudWatch(clock: HandClock, healthy: () => boolean): SnsLambdaEvent[] {
  const events: SnsLambdaEvent[] = [];
  const alarms = startCloudWatchAlarms({
    ...usualCloudWatchTimings,
    targets: [
      {
        alarmName: 'gopro-aws-endpoint-health',
        healthCheckId: 'a1b2',
        url: 'http://127.0.0.1:1/healthz',
        topicArn: 'arn:aws:sns:us-east-1:123456789012:alarms',
      },
    ],
    region: 'us-east-1',
    regionName: 'US East (N. Virginia)',
    account: '123456789012',
    check: async () => healthy(),
    deliver: (event) => events.push(event),
    clock,
    chance: scriptedChance(),
  });
  closers.push(() => alarms.close());
  return events;
}

test('a CloudWatch alarm goes off once when the endpoint fails, and is over once when it is back', async () => {
  const clock = handClock();
  let up = true;
  const events = cloudWatch(clock, () => up);
  await clock.advance(181);
  expect(events.map((event) => read(event).NewStateValue)).toEqual(['OK']);
  up = false;
  await clock.advance(240);
  expect(events.map((event) => read(event).NewStateValue)).toEqual(['OK', 'ALARM']);
  up = true;
  await clock.advance(240);
  expect(events.map((event) => `${read(event).OldStateValue} ${read(event).NewStateValue}`)).toEqual([
    'INSUFFICIENT_DATA OK',
    'OK ALARM',
    'ALARM OK',
  ]);
  expect(read(events[1])).toMatchObject({
    StateChangeTime: '2026-03-01T12:04:00.000+0000',
    NewStateReason:
      'Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/03/26 12:03:00)] was less than the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).',
    Trigger: { Statistic: 'MINIMUM', MetricName: 'HealthCheckStatus' },
  });
});

test('a flicker shorter than the threshold of the checkers raises nothing', async () => {
  const clock = handClock();
  let up = true;
  const events = cloudWatch(clock, () => up);
  await clock.advance(181);
  up = false;
  await clock.advance(19);
  up = true;
  await clock.advance(240);
  expect(events).toHaveLength(1);
});

test('what CloudWatch raises is a signal to the product', async () => {
  const clock = handClock();
  const events = cloudWatch(clock, () => false);
  await clock.advance(61);
  const parsed = parseAwsEvent(events[0], context(clock));
  expect(parsed.rejections).toEqual([]);
  expect(parsed.signals).toMatchObject([
    {
      kind: 'health',
      site: 'aws',
      component: 'application',
      health: 'unhealthy',
      observedAt: '2026-03-01T12:01:00.000Z',
    },
  ]);
});

const IncidentJson = z.object({
  version: z.literal('1.2'),
  incident: z.object({
    incident_id: z.string(),
    state: z.string(),
    started_at: z.number(),
    ended_at: z.number().nullable(),
    observed_value: z.string(),
  }),
});

test('an uptime incident opens and closes under one id, late, and is a signal to the product', async () => {
  const clock = handClock();
  let up = true;
  const messages: PubsubMessage[] = [];
  const checks = startUptimeChecks({
    ...usualUptimeTimings,
    targets: [{ policyName: 'gopro-aws-uptime', checkId: 'aws-1', url: 'http://127.0.0.1:1/healthz' }],
    project: 'gopro-prod',
    check: async () => up,
    deliver: (message) => messages.push(message),
    clock,
    chance: scriptedChance(),
  });
  closers.push(() => checks.close());
  await clock.advance(300);
  expect(messages).toEqual([]);
  up = false;
  await clock.advance(200);
  expect(checks.states()).toEqual([{ policyName: 'gopro-aws-uptime', open: true }]);
  expect(messages).toEqual([]);
  await clock.advance(120);
  up = true;
  await clock.advance(400);
  const incidents = messages.map(
    (message) => IncidentJson.parse(JSON.parse(Buffer.from(message.data, 'base64').toString('utf8'))).incident,
  );
  expect(incidents.map((incident) => incident.state)).toEqual(['open', 'closed']);
  const [opened, closed] = incidents;
  expect(closed).toMatchObject({
    incident_id: opened?.incident_id,
    started_at: opened?.started_at,
    observed_value: '1.000',
  });
  expect(opened?.ended_at).toBeNull();
  expect(closed?.ended_at).toBeGreaterThan(opened?.started_at ?? Number.POSITIVE_INFINITY);
  const health = messages.map((message) => {
    const pushed = pubsubCloudEvent(message, 'projects/p/topics/alarms', 'projects/p/subscriptions/s');
    const event = { ...cloudEventHeaders(pushed.headers), data: JSON.parse(pushed.body) };
    const parsed = parseGcpEvent(event, context(clock));
    expect(parsed.rejections).toEqual([]);
    return parsed.signals.map((signal) => (signal.kind === 'health' ? signal.health : signal.kind));
  });
  expect(health).toEqual([['unhealthy'], ['healthy']]);
});

/** As the functions-framework hands binary-mode headers to a function. */
function cloudEventHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('ce-') ? [[name.slice(3), value]] : [])),
  );
}

test('M of N: an alarm needs as many bad datapoints as it says, and missing ones are neither', () => {
  const rule = { evaluationPeriods: 3, datapointsToAlarm: 2, threshold: 1 };
  const at = new Date('2026-03-01T12:00:00Z');
  const points = (...values: (number | null)[]) => values.map((value) => ({ at, value }));
  expect(evaluate(rule, 'OK', points(1, 0, 1))).toBe('OK');
  expect(evaluate(rule, 'OK', points(0, 1, 0))).toBe('ALARM');
  expect(evaluate(rule, 'ALARM', points(1, null, 1))).toBe('ALARM');
  expect(evaluate(rule, 'ALARM', points(1, 1, 1))).toBe('OK');
  expect(evaluate(rule, 'OK', points(null, null, null))).toBe('INSUFFICIENT_DATA');
  expect(evaluate(rule, 'OK', points(null))).toBe('OK');
  expect(reasonFor(rule, 'ALARM', 'OK', points(1, 0, 1))).toBe(
    'Threshold Crossed: 2 out of the last 3 datapoints [1.0 (01/03/26 12:00:00), 1.0 (01/03/26 12:00:00)] were not less than the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).',
  );
  expect(reasonFor(rule, 'OK', 'INSUFFICIENT_DATA', points(null, null, null))).toBe(
    'Insufficient Data: 3 datapoints were unknown.',
  );
});

test('an endpoint is healthy by its status, and neither when it refuses nor when it hangs', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/hang') return;
    response.writeHead(request.url === '/bad' ? 503 : 200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  expect(await checkEndpoint(`${url}/healthz`, 2)).toBe(true);
  expect(await checkEndpoint(`${url}/bad`, 2)).toBe(false);
  expect(await checkEndpoint(`${url}/hang`, 0.05)).toBe(false);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await checkEndpoint(`${url}/healthz`, 2)).toBe(false);
});
