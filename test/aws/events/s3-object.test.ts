// Storage events on AWS by each way that they come, and what AWS has really sent.
import { describe, expect, it } from 'vitest';
import { hearObjectEvents } from '../../../aws/events/s3-object.ts';
import { snsEnvelopeForSqs, snsRecord, sqsRecord } from '../../fixtures/cloudwatch.ts';
import { payload, payloadFiles, payloadsArePresent, unmasked } from '../../fixtures/folder.ts';
import { s3OfEventBridge, s3Record } from '../../fixtures/storage-events.ts';

const hint = {
  bucket: 'assets',
  key: 'a.txt',
  kind: 'written',
  version: null,
  sequencer: '0A1B2C3D4E5F678901',
  timeMillis: Date.parse('2026-03-04T10:00:00.123Z'),
  of: null,
};

const notification = { Records: [s3Record()] };
const text = JSON.stringify(notification);

/** Kinds of what is heard, a message in brackets. */
function kinds(event: unknown): string[] {
  return hearObjectEvents(event).flatMap(({ heard }) =>
    heard.map((each) => (each.kind === 'hint' ? each.hint.kind : each.kind)),
  );
}

const one = (record: unknown) => hearObjectEvents({ Records: [record] })[0]?.heard[0];

describe('an S3 notification', () => {
  it.each([
    ['straight to Lambda', notification],
    ['through SQS', { Records: [sqsRecord(text)] }],
    ['through SNS', { Records: [snsRecord(text)] }],
    ['through SNS and SQS', { Records: [sqsRecord(snsEnvelopeForSqs(text))] }],
    ['through SNS and SQS, raw', { Records: [sqsRecord(text)] }],
  ])('%s is a hint of the same key', (_, event) => {
    expect(hearObjectEvents(event).map(({ heard }) => heard)).toEqual([[{ kind: 'hint', hint }]]);
  });

  it('names the message that it came in, so that one can be handed back without the others', () => {
    const { messageId } = sqsRecord(text);
    expect(hearObjectEvents({ Records: [sqsRecord(text)] })).toMatchObject([{ messageId }]);
    expect(hearObjectEvents(notification)).toMatchObject([{ messageId: null }]);
  });

  it.each([
    ['red+flower.jpg', 'red flower.jpg'],
    ['a%2Bb%25c', 'a+b%c'],
    ['%C3%BC/u%CC%88/%F0%9F%98%80', '\u00fc/u\u0308/\u{1F600}'],
    ['a//b/../c/', 'a//b/../c/'],
  ])('with the key %j is about %j', (key, decoded) => {
    expect(one(s3Record({}, { key }))).toMatchObject({ hint: { key: decoded } });
  });

  it('whose key is not encoded is rejected with the key, not guessed', () => {
    expect(one(s3Record({}, { key: '100%' }))).toEqual({
      kind: 'rejected',
      because: expect.stringContaining('"100%"'),
      record: expect.stringContaining('"key":"100%"'),
    });
  });

  it.each([
    ['ObjectCreated:Copy', 'written'],
    ['s3:ObjectCreated:CompleteMultipartUpload', 'written'],
    ['ObjectRemoved:Delete', 'deleted'],
    ['ObjectRemoved:DeleteMarkerCreated', 'deleted'],
    ['LifecycleExpiration:Delete', 'deleted'],
    ['LifecycleExpiration:DeleteMarkerCreated', 'deleted'],
    ['ObjectTagging:Put', 'attributes'],
    ['ObjectTagging:Delete', 'attributes'],
    ['ObjectRestore:Completed', 'written'],
    ['ObjectRestore:Post', 'ignored'],
    ['ObjectAcl:Put', 'ignored'],
    ['LifecycleTransition', 'ignored'],
    ['IntelligentTiering', 'ignored'],
    ['Replication:OperationFailedReplication', 'ignored'],
    ['ObjectPainted:Blue', 'rejected'],
  ])('%s is %s', (eventName, kind) => {
    expect(kinds({ Records: [s3Record({ eventName })] })).toEqual([kind]);
  });

  it.each(['2.0', '2.1', '2.2', '2.3', '2.4', '2.6', '2.19'])('of version %s is taken', (eventVersion) => {
    expect(kinds({ Records: [s3Record({ eventVersion })] })).toEqual(['written']);
  });

  it('of another major version is rejected, with what would be taken', () => {
    expect(one(s3Record({ eventVersion: '3.0' }))).toEqual({
      kind: 'rejected',
      because: expect.stringContaining('a version 2.x'),
      record: JSON.stringify({ Records: [s3Record({ eventVersion: '3.0' })] }),
    });
  });

  it('is rejected with what can be mended and sent again', () => {
    const heard = one(s3Record({ eventTime: 'soon' }));
    if (heard?.kind !== 'rejected') throw new Error(heard?.kind);
    const mended = heard.record.replace('soon', '2026-03-04T10:00:00.000Z');
    expect(kinds({ Records: [sqsRecord(mended)] })).toEqual(['written']);
    const [plain] = hearObjectEvents({ Records: [sqsRecord('not JSON')] });
    expect(plain?.heard).toMatchObject([{ kind: 'rejected', record: 'not JSON' }]);
  });

  it('without a time is rejected', () => {
    expect(one(s3Record({ eventTime: 'soon' }))).toMatchObject({ kind: 'rejected' });
  });

  it('that is spoilt blocks none of its neighbours', () => {
    const records = [
      s3Record(),
      { eventSource: 'aws:s3' },
      'text',
      null,
      s3Record({ eventName: 'ObjectRemoved:Delete' }),
    ];
    expect(kinds({ Records: records })).toEqual(['written', 'rejected', 'rejected', 'rejected', 'deleted']);
    const spoilt = { ...sqsRecord(text), messageId: 'm2', body: 7 };
    const heard = hearObjectEvents({ Records: [sqsRecord(text), spoilt, sqsRecord('not JSON'), sqsRecord(text)] });
    expect(heard.map((each) => each.heard[0]?.kind)).toEqual(['hint', 'rejected', 'rejected', 'hint']);
    expect(heard[1]?.messageId).toBe('m2');
  });

  it("of a queue's first test is ignored", () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'assets' };
    expect(kinds({ Records: [sqsRecord(JSON.stringify(test))] })).toEqual(['ignored']);
  });
});

describe("S3's event of EventBridge", () => {
  it.each([
    ['Object Created', 'written'],
    ['Object Deleted', 'deleted'],
    ['Object Tags Added', 'attributes'],
    ['Object Tags Deleted', 'attributes'],
    ['Object Restore Completed', 'written'],
    ['Object Restore Initiated', 'ignored'],
    ['Object Restore Expired', 'ignored'],
    ['Object ACL Updated', 'ignored'],
    ['Object Storage Class Changed', 'ignored'],
    ['Object Access Tier Changed', 'ignored'],
    ['Object Painted', 'rejected'],
  ])('%s is %s, through SQS and without', (type, kind) => {
    const event = s3OfEventBridge(type);
    expect(kinds({ Records: [sqsRecord(JSON.stringify(event))] })).toEqual([kind]);
    expect(kinds(event)).toEqual([kind]);
  });

  it('has its key as it is', () => {
    expect(hearObjectEvents(s3OfEventBridge('Object Created', { key: 'a+b%20c' }))).toMatchObject([
      { heard: [{ hint: { key: 'a+b%20c' } }] },
    ]);
  });

  it('tells the version of a delete marker and of what was deleted for good', () => {
    for (const type of ['Delete Marker Created', 'Permanently Deleted']) {
      const event = s3OfEventBridge('Object Deleted', { 'version-id': 'v1' }, { 'deletion-type': type });
      expect(hearObjectEvents(event)).toMatchObject([{ heard: [{ hint: { kind: 'deleted', version: 'v1' } }] }]);
    }
  });
});

it.each([
  ['plain text', 'hello'],
  ['nothing', null],
  ['a list', []],
  ['an alarm', { AlarmName: 'x', NewStateValue: 'ALARM' }],
  ['an event of another source', { ...s3OfEventBridge('Object Created'), source: 'aws.ec2' }],
])('%s is rejected, saying what is taken', (_, event) => {
  expect(hearObjectEvents(event)).toEqual([
    {
      messageId: null,
      heard: [
        {
          kind: 'rejected',
          because: expect.stringContaining('accepted are S3 notifications'),
          record: expect.any(String),
        },
      ],
    },
  ]);
});

/** Every record of S3 that was published, wherever it stands in its file. */
function recordsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside: unknown[] = Object.values(value);
  const isRecord =
    ('eventSource' in value && value.eventSource === 'aws:s3') || ('source' in value && value.source === 'aws.s3');
  return isRecord ? [value] : inside.flatMap((each) => recordsIn(typeof each === 'string' ? parsed(each) : each));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const published: Record<string, string[]> = {
  's3-acl-put-sqs.masked.json': ['ignored', 'ignored', 'ignored'],
  's3-created-copy-sqs.masked.json': ['written'],
  's3-created-key-encoding-sqs.masked.json': ['written'],
  's3-created-multipart-sqs.masked.json': ['written'],
  's3-created-presigned-two-regions-sqs.masked.json': ['written', 'written'],
  's3-created-put-docs-2.1.json': ['written'],
  's3-created-put-docs-2.6.json': ['written'],
  's3-created-put-lambda.json': ['written'],
  's3-created-put-sns.masked.json': ['written', 'written'],
  's3-created-put-sqs.masked.json': ['written', 'written'],
  's3-created-put-urlDecodedKey.json': ['written'],
  's3-created-put-via-sqs.json': ['written'],
  's3-created-then-removed-sqs.masked.json': ['written', 'written', 'deleted'],
  's3-delete-objects-sqs.masked.json': ['deleted', 'deleted', 'deleted'],
  's3-eventbridge-acl.masked.json': ['ignored', 'ignored', 'ignored', 'written'],
  's3-eventbridge-created-deleted.masked.json': ['deleted', 'written'],
  's3-eventbridge-docs-created.json': ['written'],
  's3-eventbridge-docs-deleted.json': ['deleted'],
  's3-eventbridge-docs-expired.json': ['deleted'],
  's3-eventbridge-docs-restore-completed.json': ['written'],
  's3-eventbridge-object-created.json': ['written'],
  's3-eventbridge-object-deleted-marker.json': ['deleted'],
  's3-eventbridge-object-expired.json': ['deleted'],
  's3-eventbridge-other-region.masked.json': ['written', 'written'],
  's3-eventbridge-restore-completed.json': ['written'],
  's3-eventbridge-restore.masked.json': ['ignored', 'written'],
  's3-eventbridge-versioned.masked.json': ['written', 'deleted', 'written', 'deleted'],
  's3-lifecycle-transition.json': ['deleted'],
  's3-removed-delete-lambda.json': ['deleted'],
  's3-restore-completed-glacier.json': ['written'],
  's3-restore-sqs.masked.json': ['ignored', 'written'],
  's3-tagging-delete-sqs.masked.json': ['attributes'],
  's3-tagging-put-sqs.masked.json': ['attributes'],
  's3-versioned-out-of-order-sqs.masked.json': ['written', 'written', 'deleted', 'deleted', 'written', 'deleted'],
  's3-via-sqs-2.json': ['written'],
};

/** Delivered as they are: envelopes without a record of S3 in them, or with something else. */
const whole: Record<string, string[]> = {
  's3-created-put-via-sqs.json': ['written'],
  's3-objectlambda-object-iam-user.json': ['rejected'],
  's3-objectlambda-object-temp-credentials.json': ['rejected'],
  's3-test-event-docs.json': ['ignored'],
  's3-via-sqs-2.json': ['written'],
  'sns-via-sqs-fifo.json': ['rejected'],
  'sns-via-sqs-ts.json': ['rejected'],
  'sns-via-sqs.json': ['rejected'],
  'sqs-batch.json': ['rejected', 'rejected'],
  'sqs-dlq-trigger.json': ['rejected'],
};

if (!payloadsArePresent) console.log('skipped: the folder ../shared/fixtures with published payloads is not there');
describe.skipIf(!payloadsArePresent)('what AWS has published', () => {
  it.each(Object.entries(published))('%s is heard through SQS as %j', (file, expected) => {
    const records = recordsIn(unmasked(payload(file)));
    const bodies = records.map((record) => JSON.stringify('detail' in Object(record) ? record : { Records: [record] }));
    expect(bodies.flatMap((body) => kinds({ Records: [sqsRecord(body)] }))).toEqual(expected);
  });

  it.each(Object.entries(whole))('%s, delivered as it is, is %j', (file, expected) => {
    expect(kinds(payload(file))).toEqual(expected);
  });

  it('has no event of S3 that is not listed here', () => {
    const answers = /-answers\.masked\.json$/;
    const missing = payloadFiles().filter(
      (file) => /^s3-/.test(file) && !answers.test(file) && !(file in published) && !(file in whole),
    );
    expect(missing).toEqual([]);
  });
});
