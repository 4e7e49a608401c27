// The other sources on AWS, batches, and what is not taken.
import { describe, expect, it } from 'vitest';
import { parseAwsEvent } from '../../../aws/events/aws-event.ts';
import { webhookRequest } from '../../../aws/events/http-request.ts';
import { alarmCase, snsRecord, snsText, sqsRecord } from '../../fixtures/cloudwatch.ts';
import { aboutContext, aboutHealth, knowing } from '../../fixtures/declarations.ts';

describe('RDS events', () => {
  const context = knowing(aboutContext('rds', 'orders-db'));
  const bridged = (detail: object = {}) => ({
    version: '0',
    id: 'e1',
    'detail-type': 'RDS DB Instance Event',
    source: 'aws.rds',
    account: '210987654321',
    time: '2026-03-04T10:00:05Z',
    region: 'us-east-1',
    resources: [],
    detail: {
      EventCategories: ['failover'],
      SourceType: 'DB_INSTANCE',
      Date: '2026-03-04T10:00:04.292Z',
      Message: 'Multi-AZ instance failover started.',
      SourceIdentifier: 'rds:orders-db',
      EventID: 'RDS-EVENT-0013',
      ...detail,
    },
  });
  const notified = (changes: object = {}) => ({
    Records: [
      snsRecord(
        JSON.stringify({
          'Event Source': 'db-instance',
          'Event Time': '2026-03-04 10:00:04.292',
          'Identifier Link': 'https://console.aws.amazon.com/rds/home#dbinstance:id=orders-db',
          'Source ID': 'orders-db',
          'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0013 ',
          'Event Message': 'Multi-AZ instance failover started.',
          ...changes,
        }),
      ),
    ],
  });

  it('are context by either path, and one fact', () => {
    const [one] = parseAwsEvent(bridged(), context).signals;
    const [other] = parseAwsEvent(notified(), context).signals;
    expect(one).toMatchObject({
      kind: 'context',
      id: 'rds|orders-db|RDS-EVENT-0013|2026-03-04T10:00:04.292Z#context:aws',
      site: 'aws',
      observedAt: '2026-03-04T10:00:04.292Z',
      because: 'RDS says of orders-db: Multi-AZ instance failover started.',
    });
    expect(other).toEqual(one);
  });

  it('stay context when the strategy declares them as health', () => {
    const parsed = parseAwsEvent(bridged(), knowing(aboutHealth('rds', 'orders-db')));
    expect(parsed.signals).toMatchObject([{ kind: 'context', site: 'aws' }]);
  });

  it.each([
    ['a category', bridged({ EventCategories: ['backup'] })],
    ['a snapshot', { ...bridged(), 'detail-type': 'RDS DB Snapshot Event' }],
    ['an SNS event id', notified({ 'Event ID': 'https://docs.aws.amazon.com/x.html#RDS-EVENT-0002' })],
    ['an SNS source', notified({ 'Event Source': 'db-snapshot' })],
  ])('about backups, told by %s, are no change of state', (_, event) => {
    expect(parseAwsEvent(event, context)).toMatchObject({
      signals: [],
      rejections: [{ reason: 'not-a-state-change' }],
    });
  });

  it('of an instance that is not declared are rejected', () => {
    const { rejections } = parseAwsEvent(bridged({ SourceIdentifier: 'other-db' }), context);
    expect(rejections).toMatchObject([{ reason: 'undeclared', source: 'rds' }]);
  });
});

describe('AWS Health events', () => {
  const context = knowing(aboutContext('aws-health', 'us-east-1'));
  const event = (detail: object = {}, envelope: object = {}) => ({
    id: 'e2',
    'detail-type': 'AWS Health Event',
    source: 'aws.health',
    account: '210987654321',
    time: '2026-03-04T10:10:00Z',
    region: 'us-west-2',
    resources: [],
    detail: {
      service: 'RDS',
      eventTypeCode: 'AWS_RDS_OPERATIONAL_ISSUE',
      communicationId: 'abc-1',
      affectedAccount: '210987654321',
      eventRegion: 'us-east-1',
      lastUpdatedTime: 'Wed, 4 Mar 2026 10:05:00 GMT',
      statusCode: 'open',
      page: '1',
      eventDescription: [{ language: 'en_US', latestDescription: 'Increased error rates.' }],
      ...detail,
    },
    ...envelope,
  });

  it('are context about the region that is affected, not the one that delivered', () => {
    expect(parseAwsEvent(event(), context).signals).toMatchObject([
      {
        kind: 'context',
        site: 'aws',
        observedAt: '2026-03-04T10:05:00.000Z',
        topic: 'aws-health: AWS_RDS_OPERATIONAL_ISSUE',
      },
    ]);
  });

  it('are one fact when the backup region delivers them too', () => {
    const direct = parseAwsEvent(event({}, { region: 'us-east-1', id: 'other' }), context).signals[0];
    expect(direct?.id).toBe(parseAwsEvent(event({ backupEvent: 'true' }), context).signals[0]?.id);
  });

  it('of another region are undeclared', () => {
    expect(parseAwsEvent(event({ eventRegion: 'af-south-1' }), context).rejections).toMatchObject([
      { reason: 'undeclared' },
    ]);
  });

  it('of the old shape tell the region in their ARN', () => {
    const old = { eventRegion: undefined, communicationId: undefined, eventArn: 'arn:aws:health:us-east-1::event/X_1' };
    expect(parseAwsEvent(event(old), context).signals).toMatchObject([{ id: expect.stringContaining('event/X_1') }]);
  });

  it('without a region of their own are malformed: the envelope may name a backup region', () => {
    const { rejections } = parseAwsEvent(event({ eventRegion: undefined }), context);
    expect(rejections).toMatchObject([{ reason: 'malformed', explanation: expect.stringContaining('backup region') }]);
  });
});

describe('schedules', () => {
  const none = knowing();
  const scheduled = {
    version: '0',
    id: 'e3',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    time: '2026-03-04T10:00:00Z',
    resources: ['arn:aws:events:us-east-1:210987654321:rule/beat'],
    detail: {},
  };

  it('of a rule are a tick', () => {
    expect(parseAwsEvent(scheduled, none).signals).toMatchObject([
      {
        kind: 'tick',
        id: 'tick|arn:aws:events:us-east-1:210987654321:rule/beat|e3',
        observedAt: '2026-03-04T10:00:00.000Z',
        vantage: { kind: 'schedule', ground: 'aws' },
      },
    ]);
  });

  it('of EventBridge Scheduler are a tick, though their detail is a text', () => {
    const event = { ...scheduled, source: 'aws.scheduler', detail: '{}' };
    expect(parseAwsEvent(event, none).signals).toMatchObject([{ kind: 'tick' }]);
  });

  it('with our custom input are a tick, the same when delivered again', () => {
    const input = { causeway: 'tick', schedule: 'beat', scheduledTime: '2026-03-04T10:00:00Z', executionId: 'x1' };
    const [one] = parseAwsEvent(input, none).signals;
    const [again] = parseAwsEvent(input, { ...none, receivedAt: new Date('2026-03-04T10:09:00Z') }).signals;
    expect(one).toMatchObject({ kind: 'tick', id: 'tick|beat|x1', observedAt: '2026-03-04T10:00:00.000Z' });
    expect(again).toEqual(one);
  });

  it('with a bare custom input have the time of receipt, for want of any other', () => {
    expect(parseAwsEvent({ causeway: 'tick' }, none).signals).toMatchObject([
      { observedAt: '2026-03-04T10:00:32.000Z' },
    ]);
  });

  it('with another word in the custom input are malformed', () => {
    expect(parseAwsEvent({ causeway: 'tock' }, none).rejections).toMatchObject([
      { reason: 'malformed', source: 'schedule' },
    ]);
  });
});

describe('a batch', () => {
  it('keeps its good records beside its bad ones', () => {
    const good = snsRecord(snsText(alarmCase()));
    const batch = {
      Records: [
        snsRecord('Hello'),
        good,
        { EventSource: 'aws:sns' },
        { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: {} },
        null,
        sqsRecord('{"half": '),
        sqsRecord(snsText(alarmCase({ name: 'unheard-of' }))),
        good,
      ],
    };
    const { signals, rejections } = parseAwsEvent(batch, knowing(aboutHealth('cloudwatch', 'app-down')));
    expect(signals).toHaveLength(2);
    expect(rejections.map((each) => each.reason)).toEqual([
      'unsupported',
      'malformed',
      'unsupported',
      'unsupported',
      'unsupported',
      'undeclared',
    ]);
  });
});

describe('what is not taken', () => {
  it.each([
    [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' }, 'a record', 'an S3 notification (ObjectCreated:Put)'],
    [{ eventSource: 'aws:kinesis' }, 'a record', 'a record of aws:kinesis'],
  ])('%j as %s', (record, _, words) => {
    const { rejections } = parseAwsEvent({ Records: [record] }, knowing());
    expect(rejections[0]?.explanation).toContain(`this looks like ${words}; accepted are CloudWatch alarms`);
  });

  it.each([
    ['AWS Budget Notification', 'plain text'],
    [null, 'null, not an object'],
    [7, 'a number, not an object'],
    [[1, 2], 'a list of 2'],
    [{}, 'an empty object'],
    [{ 'detail-type': 'Object Created', source: 'aws.s3' }, 'an EventBridge event of aws.s3 (Object Created)'],
    [{ Type: 'SubscriptionConfirmation', Token: 't' }, 'an SNS subscription that waits to be confirmed'],
    [{ Event: 's3:TestEvent' }, 'the test event of an S3 notification'],
    [{ alerts: [], groupKey: 'x' }, 'an Alertmanager webhook'],
    [{ incident: {} }, 'a Cloud Monitoring incident'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 }, 'an object with a, b, c, d, e, f, ...'],
  ])('%j is said to look like %s', (event, words) => {
    const { signals, rejections } = parseAwsEvent(event, knowing());
    expect(signals).toEqual([]);
    expect(rejections).toMatchObject([{ reason: 'unsupported', explanation: expect.stringContaining(words) }]);
  });

  it('shows no values, which may be secrets', () => {
    const { rejections } = parseAwsEvent({ password: 'hunter2' }, knowing());
    expect(rejections[0]?.explanation).not.toContain('hunter2');
  });
});

describe('an HTTP event', () => {
  it('gives header and body, plain or in base64', () => {
    const event = { headers: { Authorization: 'Bearer s' }, body: '{"a":1}', isBase64Encoded: false };
    expect(webhookRequest(event)).toEqual({ authorization: 'Bearer s', body: '{"a":1}' });
    const encoded = { headers: { authorization: 'Bearer s' }, body: 'eyJhIjoxfQ==', isBase64Encoded: true };
    expect(webhookRequest(encoded)).toEqual({ authorization: 'Bearer s', body: '{"a":1}' });
  });

  it.each([null, 'x', { headers: 'x' }, { body: 7 }, {}])('that is %j gives a request without secret', (event) => {
    expect(webhookRequest(event)).toEqual({ authorization: null, body: null });
  });
});
