// The S3 stand-in against what the real service has been recorded to answer (us-east-1, 2026-02-21), beyond what the adapter needs.
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf } from '../../../../infra/local/standins/checksums.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';

let standin: HttpServer;
let client: S3Client;
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

beforeAll(async () => {
  standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'plain' }, { name: 'versioned', versioned: true }, { name: 'beacon', isPublic: true }],
    now: () => new Date('2026-03-01T12:00:00Z'),
  });
  client = new S3Client({
    region: 'us-east-1',
    endpoint: standin.url,
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await standin.close();
});

const put = (Key: string, Body: string, more: object = {}, Bucket = 'plain') =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Body), ...more }));

/** The error as the SDK read it from the XML, with its status. */
async function refused(attempt: Promise<unknown>): Promise<object> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error) || !('$metadata' in error)) throw new Error(`not refused: ${String(error)}`);
  return { ...error, name: error.name, message: error.message };
}

describe('conditional writes', () => {
  it('answers If-None-Match:* on an existing key as recorded', async () => {
    const first = await put('none-match', '');
    expect(first).toMatchObject({
      ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
      ChecksumCRC32: 'AAAAAA==',
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await refused(put('none-match', '', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      message: 'At least one of the pre-conditions you specified did not hold',
      Condition: 'If-None-Match',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('answers a wrong If-Match 412, and any If-Match on an absent key 404', async () => {
    await put('match', 'test');
    expect(await refused(put('match', 'x', { IfMatch: '"0123"' }))).toMatchObject({
      Condition: 'If-Match',
      $metadata: { httpStatusCode: 412 },
    });
    expect((await put('match', '', { IfMatch: '098f6bcd4621d373cade4e832627b4f6' })).ETag).toBe(
      '"d41d8cd98f00b204e9800998ecf8427e"',
    );
    await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'match' }));
    expect(await refused(put('match', 'x', { IfMatch: '"0123"' }))).toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('does not implement If-Match:*, an ETag in If-None-Match, or both headers', async () => {
    for (const [condition, Header] of [
      [{ IfMatch: '*' }, 'If-Match'],
      [{ IfNoneMatch: '"abc"' }, 'If-None-Match'],
      [{ IfMatch: '"abc"', IfNoneMatch: '*' }, 'If-Match,If-None-Match'],
    ] as const) {
      expect(await refused(put('odd', 'x', condition))).toMatchObject({
        name: 'NotImplemented',
        Header,
        $metadata: { httpStatusCode: 501 },
      });
    }
  });

  it('writes over a delete marker with If-None-Match:*, and not with If-Match', async () => {
    const first = await put('marked', 'x', {}, 'versioned');
    const removed = await client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'marked' }));
    expect(removed).toMatchObject({ DeleteMarker: true, $metadata: { httpStatusCode: 204 } });
    expect(await refused(put('marked', 'x', { IfMatch: first.ETag }, 'versioned'))).toMatchObject({
      name: 'NoSuchKey',
    });
    const second = await put('marked', 'y', { IfNoneMatch: '*' }, 'versioned');
    expect(new Set([first.VersionId, removed.VersionId, second.VersionId]).size).toBe(3);
    const old = await client.send(
      new GetObjectCommand({ Bucket: 'versioned', Key: 'marked', VersionId: first.VersionId }),
    );
    expect(await old.Body?.transformToString()).toBe('x');
  });

  it('answers 409 to one of two conditional writes that overlap, and 412 to one that comes after', async () => {
    const settled = await Promise.all(
      [0, 1].map((writer) =>
        put('overlap', `${writer}`, { IfNoneMatch: '*' }).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    expect(settled.filter((error) => error === null)).toHaveLength(1);
    expect(settled.find((error) => error !== null)).toMatchObject({
      $metadata: { httpStatusCode: expect.toSatisfy((status) => status === 409 || status === 412) },
    });
  });

  it('removes with If-Match only what matches', async () => {
    const { ETag } = await put('guarded', 'x');
    const remove = (IfMatch?: string) =>
      client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'guarded', IfMatch }));
    expect(await refused(remove('"other"'))).toMatchObject({ $metadata: { httpStatusCode: 412 } });
    await remove(ETag);
    expect(await refused(client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'guarded' })))).toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('uploads', () => {
  it('takes a stream in aws-chunked framing with its checksum in the trailer', async () => {
    const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(70_001, index));
    const whole = Buffer.concat(chunks);
    const answer = await client.send(
      new PutObjectCommand({
        Bucket: 'plain',
        Key: 'streamed',
        Body: Readable.from(chunks, { objectMode: false }),
        ContentLength: whole.length,
        ChecksumAlgorithm: 'CRC32C',
      }),
    );
    expect(answer.ChecksumCRC32C).toBe(checksumOf('crc32c', whole));
    const found = await client.send(
      new GetObjectCommand({ Bucket: 'plain', Key: 'streamed', ChecksumMode: 'ENABLED' }),
    );
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);
    expect(found.ContentEncoding).toBeUndefined();
  });

  it.each(['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumSHA256', 'ChecksumCRC64NVME'])(
    'refuses a wrong %s',
    async (name) => {
      expect(await refused(put('wrong', 'x', { [name]: 'AAAAAA==' }))).toMatchObject({
        name: 'BadDigest',
        $metadata: { httpStatusCode: 400 },
      });
      expect(await refused(put('wrong', 'x', { ContentMD5: 'AAAA' }))).toMatchObject({ name: 'BadDigest' });
    },
  );

  it('knows the check values of its checksums', () => {
    const digits = Buffer.from('123456789');
    const hex = (algorithm: 'crc32' | 'crc32c' | 'crc64nvme') =>
      Buffer.from(checksumOf(algorithm, digits), 'base64').toString('hex');
    expect([hex('crc32'), hex('crc32c'), hex('crc64nvme')]).toEqual(['cbf43926', 'e3069283', 'ae8b14860a799888']);
  });
});

describe('who may ask', () => {
  it('refuses unsigned requests, but for reading an object of a public bucket', async () => {
    await put('initiate-failover', 'go', { CacheControl: 'no-store' }, 'beacon');
    const open = await fetch(`${standin.url}/beacon/initiate-failover`);
    expect([open.status, await open.text(), open.headers.get('cache-control')]).toEqual([200, 'go', 'no-store']);
    expect((await fetch(`${standin.url}/beacon/absent`)).status).toBe(404);
    const closed = await fetch(`${standin.url}/plain/none-match`);
    expect(closed.status).toBe(403);
    expect(await closed.text()).toMatch(/<Error><Code>AccessDenied<\/Code>.*<RequestId>STANDIN\d+<\/RequestId>/);
    expect((await fetch(`${standin.url}/beacon?list-type=2`)).status).toBe(403);
    expect((await fetch(`${standin.url}/beacon/initiate-failover`, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('finds the bucket in the host name', async () => {
    const status = await new Promise((resolve, reject) => {
      httpRequest(
        {
          host: '127.0.0.1',
          port: standin.port,
          path: '/initiate-failover',
          headers: { host: 'beacon.s3.eu-west-1.amazonaws.com' },
        },
        (response) => resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

describe('reading', () => {
  it('answers 304 and 412 to conditions, and keeps metadata', async () => {
    const { ETag } = await put('read', 'x', { Metadata: { origin: 'aws' }, ContentType: 'text/x' });
    const get = (more: object) => client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'read', ...more }));
    expect(await get({ IfMatch: ETag })).toMatchObject({
      Metadata: { origin: 'aws' },
      ContentType: 'text/x',
      LastModified: new Date('2026-03-01T12:00:00Z'),
    });
    expect(await refused(get({ IfNoneMatch: ETag }))).toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect(await refused(get({ IfMatch: '"other"' }))).toMatchObject({ $metadata: { httpStatusCode: 412 } });
  });

  it('groups a listing by delimiter', async () => {
    for (const Key of ['tree/a', 'tree/b/1', 'tree/b/2', 'tree/c']) await put(Key, 'x');
    const listed = await client.send(
      new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'tree/', Delimiter: '/', MaxKeys: 2 }),
    );
    expect([
      listed.Contents?.map(({ Key }) => Key),
      listed.CommonPrefixes?.map(({ Prefix }) => Prefix),
      listed.IsTruncated,
    ]).toEqual([['tree/a'], ['tree/b/'], true]);
    const rest = await client.send(
      new ListObjectsV2Command({
        Bucket: 'plain',
        Prefix: 'tree/',
        Delimiter: '/',
        ContinuationToken: listed.NextContinuationToken,
      }),
    );
    expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['tree/c']);
  });

  it('says so when it does not speak a call', async () => {
    expect(await refused(client.send(new GetObjectAclCommand({ Bucket: 'plain', Key: 'read' })))).toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
  });
});
