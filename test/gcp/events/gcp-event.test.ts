// Cloud Monitoring incidents in every wrapping, schedules, and what is not taken.
import { describe, expect, it } from 'vitest';
import { parseGcpEvent } from '../../../gcp/events/gcp-event.ts';
import { webhookRequest } from '../../../gcp/events/http-request.ts';
import { aboutAlert, aboutHealth, aboutLag, knowing } from '../../fixtures/declarations.ts';
import { cloudEvent, incident, message, push } from '../../fixtures/google-cloud.ts';

const health = knowing(aboutHealth('cloud-monitoring', 'app-down-from-gcp'));

const wrappings: [string, (content: unknown) => unknown][] = [
  ['a CloudEvent', cloudEvent],
  ['the data of a CloudEvent', push],
  ['a CloudEvent whose data is a text', (content) => ({ ...cloudEvent(content), data: JSON.stringify(push(content)) })],
  [
    'a push with duplicated fields',
    (content) => ({ message: { ...message(content), message_id: '9001', publish_time: 'x' } }),
  ],
  ['a push without a time', (content) => ({ message: { data: message(content).data, messageId: '1' } })],
  [
    'a bare message',
    (content) => ({ '@type': 'type.googleapis.com/google.pubsub.v1.PubsubMessage', ...message(content) }),
  ],
  [
    'the legacy event of the first generation',
    (content) => ({
      context: {
        eventId: '9',
        timestamp: '2026-03-04T10:00:00Z',
        eventType: 'google.pubsub.topic.publish',
        resource: {},
      },
      data: { data: message(content).data },
    }),
  ],
  ['an HTTP push', (content) => ({ headers: {}, body: push(content) })],
  ['an HTTP push with a text body', (content) => ({ headers: {}, body: JSON.stringify(push(content)) })],
];

describe('a Cloud Monitoring incident', () => {
  it.each(wrappings)('in %s is unhealthy while open and healthy when closed', (_, wrap) => {
    const [open] = parseGcpEvent(wrap(incident()), health).signals;
    const [closed] = parseGcpEvent(wrap(incident({ state: 'closed', ended_at: 1772618460 })), health).signals;
    expect(open).toMatchObject({
      kind: 'health',
      health: 'unhealthy',
      id: 'cloud-monitoring|0.abc|open#health:aws/app',
      observedAt: '2026-03-04T10:00:00.000Z',
      vantage: { kind: 'managed-check', name: 'projects/proj/alertPolicies/77', ground: 'gcp' },
    });
    expect(closed).toMatchObject({ health: 'healthy', observedAt: '2026-03-04T10:01:00.000Z', vantage: open?.vantage });
  });

  it('of version 1.1 has no condition object; the policy name is its vantage', () => {
    const old = incident({ condition: undefined, metric: undefined }, '1.1');
    expect(parseGcpEvent(push(old), health).signals).toMatchObject([
      { health: 'unhealthy', vantage: { name: 'cloud-monitoring/app-down-from-gcp' } },
    ]);
  });

  it('may be declared by the resource name of its policy', () => {
    const context = knowing(aboutHealth('cloud-monitoring', 'projects/proj/alertPolicies/77'));
    expect(parseGcpEvent(push(incident()), context).signals).toMatchObject([{ health: 'unhealthy' }]);
  });

  it('of version test is a test of the channel and triggers nothing, whatever it says', () => {
    const test = incident({ state: 'OPEN', started_at: 0, ended_at: 0 }, 'test');
    expect(parseGcpEvent(push(test), health)).toMatchObject({ signals: [], rejections: [{ reason: 'channel-test' }] });
  });

  it.each(['1.3', '2.0'])('of version %s is not taken for one that we know', (version) => {
    const { signals, rejections } = parseGcpEvent(push(incident({}, version)), health);
    expect(signals).toEqual([]);
    expect(rejections).toMatchObject([
      { reason: 'unsupported', explanation: expect.stringContaining('accepted are "1.1" and "1.2"') },
    ]);
  });

  it('of the absence of data is unknown, not down', () => {
    const absent = incident({
      condition: { name: 'projects/proj/alertPolicies/77/conditions/1', conditionAbsent: {} },
    });
    expect(parseGcpEvent(push(absent), health).signals).toMatchObject([{ health: 'unknown' }]);
  });

  it('that is closed and has not ended is malformed', () => {
    const { rejections } = parseGcpEvent(push(incident({ state: 'closed', ended_at: 0 })), health);
    expect(rejections).toMatchObject([
      { reason: 'malformed', explanation: expect.stringContaining('incident.ended_at is 0') },
    ]);
  });

  it('in no known state is malformed, and says where', () => {
    const { rejections } = parseGcpEvent(push(incident({ state: 'acknowledged' })), health);
    expect(rejections).toMatchObject([{ reason: 'malformed', explanation: expect.stringContaining('incident.state') }]);
  });

  it('of a policy that is not declared names both names', () => {
    const { rejections } = parseGcpEvent(push(incident()), knowing());
    expect(rejections[0]?.reason).toBe('undeclared');
    expect(rejections[0]?.explanation).toContain('"app-down-from-gcp" or "projects/proj/alertPolicies/77"');
    expect(rejections[0]?.explanation).toContain('declared for cloud-monitoring: none');
  });

  it('may be about an alert', () => {
    const context = knowing(aboutAlert('cloud-monitoring', 'app-down-from-gcp', 'p99_latency'));
    expect(parseGcpEvent(push(incident()), context).signals).toMatchObject([{ kind: 'alert', firing: true }]);
  });
});

describe('an incident about lag', () => {
  const lag = knowing(aboutLag('cloud-monitoring', 'replica-lag'));
  const type = 'cloudsql.googleapis.com/database/replication/replica_lag';
  const lagging = (changes: object) => push(incident({ policy_name: 'replica-lag', metric: { type }, ...changes }));

  it.each([
    ['a text', { observed_value: '12.500' }, 12.5],
    ['a number', { observed_value: 12.5 }, 12.5],
    ['a zero', { observed_value: '0.000' }, 0],
    ['nothing', {}, null],
    ['an empty text', { observed_value: '' }, null],
    ['words', { observed_value: 'n/a' }, null],
    ['bytes', { observed_value: '5', metric: { type: `${type}`.replace('replica_lag', 'replica_byte_lag') } }, null],
  ])('that carries %s tells what it has, and is breached', (_, changes, lagSeconds) => {
    expect(parseGcpEvent(lagging(changes), lag).signals).toMatchObject([{ kind: 'lag', lagSeconds, breached: true }]);
  });

  it('with a negative value is unknown', () => {
    expect(parseGcpEvent(lagging({ observed_value: '-1' }), lag).signals).toMatchObject([
      { lagSeconds: null, breached: null },
    ]);
  });
});

describe('schedules', () => {
  const none = knowing();

  it('over HTTP are a tick of their job, the same when tried again', () => {
    const headers = {
      'x-cloudscheduler': 'true',
      'X-CloudScheduler-JobName': 'beat',
      'x-cloudscheduler-scheduletime': '2026-03-04T10:00:00.123456Z',
    };
    const [one] = parseGcpEvent({ headers, body: {} }, none).signals;
    expect(one).toMatchObject({
      kind: 'tick',
      id: 'tick|beat|2026-03-04T10:00:00.123Z',
      observedAt: '2026-03-04T10:00:00.123Z',
      vantage: { kind: 'schedule', name: 'beat', ground: 'gcp' },
    });
    const again = parseGcpEvent({ headers, body: '' }, { ...none, receivedAt: new Date(0) });
    expect(again.signals).toEqual([one]);
  });

  it.each(wrappings.slice(0, 3))('through Pub/Sub, in %s, are a tick with the message id', (_, wrap) => {
    expect(parseGcpEvent(wrap({ causeway: 'tick', schedule: 'beat' }), none).signals).toMatchObject([
      { kind: 'tick', id: 'tick|beat|9001', observedAt: '2026-03-04T10:00:01.123Z' },
    ]);
  });

  it('as a CloudEvent of Cloud Scheduler are a tick', () => {
    const event = {
      specversion: '1.0',
      id: 'j1',
      type: 'google.cloud.scheduler.job.v1.executed',
      source: '//cloudscheduler.googleapis.com/projects/p/locations/l/jobs/beat',
      time: '2026-03-04T10:00:00Z',
      data: { customData: 'eA==' },
    };
    expect(parseGcpEvent(event, none).signals).toMatchObject([
      { kind: 'tick', observedAt: '2026-03-04T10:00:00.000Z' },
    ]);
  });
});

describe('what is not taken', () => {
  it.each([
    ['a text', push('test message'), 'plain text'],
    ['bytes', { message: { data: '/////w==', messageId: '1' } }, 'bytes that are not UTF-8'],
    ['no data', { message: { attributes: { a: 'b' }, messageId: '1' } }, 'the message holds no data'],
    [
      'a storage notification',
      { message: { attributes: { bucketId: 'b', eventType: 'OBJECT_FINALIZE' } } },
      'OBJECT_FINALIZE',
    ],
    [
      'a storage event',
      { specversion: '1.0', id: '1', source: 's', type: 'google.cloud.storage.object.v1.finalized' },
      'finalized',
    ],
    ['a budget', push({ budgetDisplayName: 'b' }), 'a budget notification'],
    ['an AWS event', { 'detail-type': 'x' }, 'an AWS event'],
    [
      'a first-generation event',
      { context: { eventType: 'google.storage.object.finalize' }, data: {} },
      'first-generation',
    ],
    ['nothing', null, 'null, not an object'],
  ])('%s', (_, event, words) => {
    expect(parseGcpEvent(event, health)).toMatchObject({
      signals: [],
      rejections: [{ reason: 'unsupported', explanation: expect.stringContaining(words) }],
    });
  });

  it('a message of another shape is malformed, and says where', () => {
    const { rejections } = parseGcpEvent({ message: { data: 7 } }, health);
    expect(rejections).toMatchObject([{ reason: 'malformed', explanation: expect.stringContaining('message.data') }]);
  });
});

describe('an HTTP request', () => {
  it('gives header and body', () => {
    const request = { headers: { authorization: ['Bearer s'] }, body: { a: 1 } };
    expect(webhookRequest(request)).toEqual({ authorization: 'Bearer s', body: { a: 1 } });
  });

  it.each([null, {}, { headers: 7 }])('that is %j gives a request without secret', (request) => {
    expect(webhookRequest(request)).toEqual({ authorization: null, body: null });
  });
});
