// What S3 tells of changes: notifications as they are recorded in queues, and EventBridge's events.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { eventBridgeEvent } from '../runtimes/aws-envelopes.ts';
import type { EventPost } from './event-post.ts';
import type { S3Change } from './s3-bucket.ts';
import { bare } from './s3-wire.ts';
import type { SqsQueue } from './sqs-queue.ts';

const names = {
  Put: 'ObjectCreated:Put',
  Copy: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
  Delete: 'ObjectRemoved:Delete',
  DeleteMarkerCreated: 'ObjectRemoved:DeleteMarkerCreated',
  TaggingPut: 'ObjectTagging:Put',
} as const;

/** A form's encoding of the key: a space is a plus, a slash is itself. Source: the recorded "a%40b", and the S3 user guide. */
function encodedKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%2F/g, '/')
    .replace(/%20/g, '+');
}

/** The MD5 of nothing: what S3 gives as the ETag of a delete marker. */
const etagOfNothing = 'd41d8cd98f00b204e9800998ecf8427e';

/** The body of one notification. A removal has no size, and an ETag only when it is a marker; the key is form-encoded. */
function s3Notification(change: S3Change, from: { region: string; configurationId: string }): object {
  const { content } = change;
  const marker = change.event === 'DeleteMarkerCreated' ? { eTag: etagOfNothing } : {};
  return {
    Records: [
      {
        eventVersion: change.event === 'TaggingPut' ? '2.3' : '2.1',
        eventSource: 'aws:s3',
        awsRegion: from.region,
        eventTime: change.at.toISOString(),
        eventName: names[change.event],
        userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'STANDIN', 'x-amz-id-2': 'standin' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: from.configurationId,
          bucket: {
            name: change.bucket,
            ownerIdentity: { principalId: 'A3NL1KOZZKEXAMPLE' },
            arn: `arn:aws:s3:::${change.bucket}`,
          },
          object: {
            key: encodedKey(change.key),
            ...(content === null ? marker : { size: content.body.sizeBytes, eTag: bare(content.etag) }),
            ...(change.versionId === null ? {} : { versionId: change.versionId }),
            sequencer: change.sequencer,
          },
        },
      },
    ],
  };
}

/** What arrives first when notifications are switched on: it has no records. */
function s3TestEvent(bucket: string, at: Date): object {
  const ids = { RequestId: 'STANDIN', HostId: 'standin' };
  return { Service: 'Amazon S3', Event: 's3:TestEvent', Time: at.toISOString(), Bucket: bucket, ...ids };
}

const reasons = {
  Put: 'PutObject',
  Copy: 'CopyObject',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
  Delete: 'DeleteObject',
  DeleteMarkerCreated: 'DeleteObject',
} as const;

/** Null for what EventBridge is told by another detail type. The key is not encoded here. */
function s3BridgeEvent(
  change: S3Change,
  from: { region: string; account: string; clock: Clock; chance: Chance },
): object | null {
  if (change.event === 'TaggingPut') return null;
  const { content } = change;
  const removed = {
    reason: 'DeleteObject',
    'deletion-type': change.event === 'DeleteMarkerCreated' ? 'Delete Marker Created' : 'Permanently Deleted',
  };
  return eventBridgeEvent(
    {
      detailType: content === null ? 'Object Deleted' : 'Object Created',
      source: 'aws.s3',
      account: from.account,
      region: from.region,
      resources: [`arn:aws:s3:::${change.bucket}`],
      detail: {
        version: '0',
        bucket: { name: change.bucket },
        object: {
          key: change.key,
          ...(content === null ? {} : { size: content.body.sizeBytes, etag: bare(content.etag) }),
          ...(change.versionId === null ? {} : { 'version-id': change.versionId }),
          sequencer: change.sequencer,
        },
        'request-id': 'STANDIN',
        requester: from.account,
        'source-ip-address': '127.0.0.1',
        ...(content === null ? removed : { reason: reasons[change.event] }),
      },
    },
    from,
  );
}

export type S3Notifying = {
  bucket: string;
  queue: SqsQueue;
  /** `notification`: S3's own, a test event before all others. `bridge`: EventBridge's, by a rule. */
  shape: 'notification' | 'bridge';
  post: EventPost;
  clock: Clock;
  chance: Chance;
};

/** What to give the S3 stand-in as `onChange`: changes of that bucket go to the queue, with the faults of the post. */
export function notifyQueue({ bucket, queue, shape, post, clock, chance }: S3Notifying): (change: S3Change) => void {
  const { region, account } = queue.options;
  if (shape === 'notification') queue.send(JSON.stringify(s3TestEvent(bucket, clock.now())));
  return (change) => {
    if (change.bucket !== bucket) return;
    const event =
      shape === 'notification'
        ? s3Notification(change, { region, configurationId: 'causeway' })
        : s3BridgeEvent(change, { region, account, clock, chance });
    const letter = { key: change.key, removal: change.content === null };
    if (event !== null) post.post(letter, () => void queue.send(JSON.stringify(event)));
  };
}
