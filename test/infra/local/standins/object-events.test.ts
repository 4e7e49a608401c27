// What the stand-ins tell of changes, in the shapes that were recorded, over a post that doubles, delays and loses by a seed.
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createEventPost,
  type EventPost,
  type Letter,
  type PostFaults,
  reliable,
} from '../../../../infra/local/standins/event-post.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import type { GcsChange } from '../../../../infra/local/standins/gcs-bucket.ts';
import { gcsPubsubMessage, notifyFunction } from '../../../../infra/local/standins/gcs-events.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';
import type { S3Change } from '../../../../infra/local/standins/s3-bucket.ts';
import { notifyQueue } from '../../../../infra/local/standins/s3-events.ts';
import { createSqsQueue, type SqsQueue } from '../../../../infra/local/standins/sqs-queue.ts';
import { seededChance } from '../../../support/virtual-time.ts';
import { scriptedChance } from '../chance.ts';
import { handClock } from '../hand-clock.ts';

const clock = handClock();
const where = { host: '127.0.0.1', port: 0 };
const postOf = (faults: PostFaults, seed = 1, onLost: (letter: Letter) => void = () => undefined): EventPost =>
  createEventPost({ faults, clock, chance: seededChance(seed), onLost });

describe('S3', () => {
  let standin: HttpServer;
  let client: S3Client;
  let queue: SqsQueue;
  let post: EventPost;
  const listeners: ((change: S3Change) => void)[] = [];
  const told = () => queue.bodies().map((body) => JSON.parse(body));

  beforeEach(async () => {
    post = postOf(reliable);
    queue = createSqsQueue({
      name: 'events',
      region: 'us-east-1',
      account: '111111111111',
      visibilitySeconds: 30,
      redrive: null,
      doubleFraction: 0,
      clock,
      chance: scriptedChance(),
    });
    listeners.length = 0;
    standin = await startS3Standin({
      ...where,
      buckets: [{ name: 'plain' }, { name: 'versioned', versioned: true }],
      now: clock.now,
      onChange: (change) => listeners.map((listen) => listen(change)),
    });
    client = new S3Client({
      region: 'us-east-1',
      endpoint: standin.url,
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    });
  });
  afterEach(async () => {
    client.destroy();
    await post.close();
    await standin.close();
  });
  const listen = (bucket: string, shape: 'notification' | 'bridge') =>
    listeners.push(notifyQueue({ bucket, queue, shape, post, clock, chance: scriptedChance() }));
  const put = (Bucket: string, Key: string, Body = 'body') => client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const settled = async () => {
    await clock.advance(0);
    await post.settled();
  };

  it('sends a test event first, then records whose keys are form-encoded and whose sequencers rise', async () => {
    listen('plain', 'notification');
    const { ETag } = await put('plain', 'a folder/red flower+100%@é.jpg');
    await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a folder/red flower+100%@é.jpg' }));
    await settled();
    const [test, created, removed] = told();
    expect(test).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'plain' });
    expect(created.Records[0]).toMatchObject({
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: 'plain', arn: 'arn:aws:s3:::plain' },
        object: { key: 'a+folder/red+flower%2B100%25%40%C3%A9.jpg', size: 4, eTag: ETag?.replaceAll('"', '') },
      },
    });
    expect(created.Records[0].s3.object).not.toHaveProperty('versionId');
    expect(removed.Records[0].eventName).toBe('ObjectRemoved:Delete');
    expect(Object.keys(removed.Records[0].s3.object)).toEqual(['key', 'sequencer']);
    expect(removed.Records[0].s3.object.sequencer > created.Records[0].s3.object.sequencer).toBe(true);
  });

  it('tells of delete markers as they were recorded', async () => {
    listen('versioned', 'notification');
    const { VersionId } = await put('versioned', 'key');
    const marker = await client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'key' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'key', VersionId }));
    await settled();
    expect(
      told()
        .slice(1)
        .map(({ Records }) => [Records[0].eventName, Records[0].s3.object]),
    ).toMatchObject([
      ['ObjectCreated:Put', { versionId: VersionId }],
      ['ObjectRemoved:DeleteMarkerCreated', { versionId: marker.VersionId, eTag: 'd41d8cd98f00b204e9800998ecf8427e' }],
      ['ObjectRemoved:Delete', { versionId: VersionId }],
    ]);
  });

  it('tells EventBridge with the key as it is, and how a deletion came about', async () => {
    listen('plain', 'bridge');
    await put('plain', 'red flower');
    await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'red flower' }));
    await settled();
    expect(told()).toMatchObject([
      {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        resources: ['arn:aws:s3:::plain'],
        detail: { bucket: { name: 'plain' }, object: { key: 'red flower', size: 4 }, reason: 'PutObject' },
      },
      {
        'detail-type': 'Object Deleted',
        detail: { object: { key: 'red flower' }, reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
      },
    ]);
  });
});

describe('Cloud Storage', () => {
  it('tells an overwrite as two events, in either shape', async () => {
    const post = postOf(reliable);
    const changes: GcsChange[] = [];
    const events: { headers: Record<string, string>; body: string }[] = [];
    const notify = notifyFunction({ bucket: 'objects', post, deliver: (event) => events.push(event) });
    const standin = await startGcsStandin({
      ...where,
      buckets: [{ name: 'objects' }],
      onChange: (change) => {
        changes.push(change);
        notify(change);
      },
    });
    const url = `${standin.url}/upload/storage/v1/b/objects/o?uploadType=media&name=${encodeURIComponent('caf\u00e9 100%')}`;
    const upload = () => fetch(url, { method: 'POST', headers: { authorization: 'Bearer local' }, body: 'x' });
    const generations: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      generations.push(JSON.parse(await (await upload()).text()).generation);
    }
    await clock.advance(0);
    await post.settled();
    await standin.close();
    const [first, second] = generations;
    expect(events.map(({ headers, body }) => [headers['ce-type'], JSON.parse(body).generation]).sort()).toEqual([
      ['google.cloud.storage.object.v1.deleted', first],
      ['google.cloud.storage.object.v1.finalized', first],
      ['google.cloud.storage.object.v1.finalized', second],
    ]);
    expect(events[0]?.headers).toMatchObject({
      'ce-source': '//storage.googleapis.com/projects/_/buckets/objects',
      'ce-subject': 'objects/caf%C3%A9%20100%25',
    });
    const attributes = changes.map((change) => gcsPubsubMessage(change, '1').attributes);
    expect(attributes).toMatchObject([
      { eventType: 'OBJECT_FINALIZE', objectGeneration: first, objectId: 'caf\u00e9 100%' },
      { eventType: 'OBJECT_DELETE', objectGeneration: first, overwrittenByGeneration: second },
      { eventType: 'OBJECT_FINALIZE', objectGeneration: second, overwroteGeneration: first },
    ]);
  });
});

describe('the post', () => {
  const faults = { lossFraction: 0.1, doubleFraction: 0.2, delaySeconds: 60 };
  async function carried(seed: number): Promise<number[]> {
    const told: string[] = [];
    const post = postOf(faults, seed, ({ key }) => told.push(key));
    const arrived: number[] = [];
    for (let event = 0; event < 300; event += 1) {
      post.post({ key: String(event), removal: false }, () => arrived.push(event));
    }
    await clock.advance(60);
    await post.settled();
    const { posted, lost, doubled } = post.counts();
    expect([posted, arrived.length]).toEqual([300, 300 - lost + doubled]);
    expect(told).toHaveLength(lost);
    return arrived;
  }

  it('loses some, doubles some and reorders the rest, the same way for the same seed', async () => {
    const once = await carried(7);
    const counts = new Map<number, number>();
    for (const event of once) counts.set(event, (counts.get(event) ?? 0) + 1);
    expect(counts.size).toBeLessThan(300);
    expect([...counts.values()].filter((count) => count === 2).length).toBeGreaterThan(10);
    expect(once).not.toEqual([...once].sort((a, b) => a - b));
    expect(await carried(7)).toEqual(once);
    expect(await carried(8)).not.toEqual(once);
  });
});
