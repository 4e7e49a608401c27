// Multipart uploads to the S3 stand-in where the service has rules of its own: conditions as they were recorded (us-east-1,
// 2026-02-21), checksums of the whole, and what the documentation says of dates and sizes.
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf } from '../../../../infra/local/standins/checksums.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';

let standin: HttpServer;
let client: S3Client;
let seconds = 0;
const Bucket = 'objects';

beforeAll(async () => {
  standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: Bucket }, { name: 'sealed', kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1' }],
    minimumPartBytes: 4,
    now: () => new Date(Date.UTC(2026, 2, 1, 12, 0, seconds, 400)),
  });
  client = new S3Client({
    region: 'us-east-1',
    endpoint: standin.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await standin.close();
});

const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }));
async function begin(Key: string, more: object = {}): Promise<string> {
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return UploadId;
}
const send = (Key: string, UploadId: string, PartNumber: number, Body: string, more: object = {}) =>
  client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: Buffer.from(Body), ...more }));
const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
const outcome = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'done',
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.$metadata?.httpStatusCode} ${error.name}`,
  );
/** An upload of one part, begun now; what completes it may come later. */
async function prepared(Key: string): Promise<(more: object) => Promise<string>> {
  const id = await begin(Key);
  const { ETag } = await send(Key, id, 1, 'parts');
  return (more) => outcome(complete(Key, id, [{ PartNumber: 1, ETag }], more));
}

describe('a conditional completion', () => {
  it('is a conflict after any write since its beginning, though the ETag is the same again', async () => {
    const { ETag } = await put('same', 'test');
    const finish = await prepared('same');
    await put('same', 'test');
    expect(await finish({ IfMatch: ETag })).toBe('409 ConditionalRequestConflict');
    expect(await (await prepared('same'))({ IfMatch: ETag })).toBe('done');
  });

  it('fails on another ETag before it is a conflict', async () => {
    const first = await put('other', 'first');
    const finish = await prepared('other');
    const second = await put('other', 'second');
    expect(await finish({ IfMatch: first.ETag })).toBe('412 PreconditionFailed');
    expect(await finish({ IfMatch: second.ETag })).toBe('409 ConditionalRequestConflict');
  });

  it('is 404 when the object is gone, and a conflict when it has come back', async () => {
    const { ETag } = await put('gone', 'test');
    const finish = await prepared('gone');
    await remove('gone');
    expect(await finish({ IfMatch: ETag })).toBe('404 NoSuchKey');
    await put('gone', 'test');
    expect(await finish({ IfMatch: ETag })).toBe('409 ConditionalRequestConflict');
  });

  it('finds a new object 412, and a delete since its beginning 409', async () => {
    const finish = await prepared('none');
    await put('none', 'x');
    expect(await finish({ IfNoneMatch: '*' })).toBe('412 PreconditionFailed');
    await remove('none');
    expect(await finish({ IfNoneMatch: '*' })).toBe('409 ConditionalRequestConflict');
    expect(await (await prepared('none'))({ IfNoneMatch: '*' })).toBe('done');
  });
});

describe('checksums of a multipart upload', () => {
  const whole = 'first second third';
  const crc = checksumOf('crc32c', Buffer.from(whole));
  const parts = async (Key: string, id: string, more: object = { ChecksumAlgorithm: 'CRC32C' }) =>
    Promise.all(
      ['first ', 'second ', 'third'].map(async (body, place) => {
        const { ETag, ChecksumCRC32C } = await send(Key, id, place + 1, body, more);
        return { PartNumber: place + 1, ETag, ChecksumCRC32C };
      }),
    );

  it('are of the whole object when asked for, and a wrong one makes nothing', async () => {
    const full = { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } as const;
    const id = await begin('full', full);
    const sent = await parts('full', id);
    const wrong = complete('full', id, sent, { ChecksumCRC32C: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' });
    expect(await outcome(wrong)).toBe('400 BadDigest');
    expect(await outcome(complete('full', id, sent, { MpuObjectSize: 17 }))).toBe('400 InvalidRequest');
    expect(await outcome(client.send(new HeadObjectCommand({ Bucket, Key: 'full' })))).toBe('404 NotFound');
    const right = { ChecksumCRC32C: crc, ChecksumType: 'FULL_OBJECT', MpuObjectSize: 18 };
    expect(await complete('full', id, sent, right)).toMatchObject({ ChecksumCRC32C: crc, ChecksumType: 'FULL_OBJECT' });
    const found = await client.send(new GetObjectCommand({ Bucket, Key: 'full', ChecksumMode: 'ENABLED' }));
    expect([found.ChecksumCRC32C, await found.Body?.transformToString()]).toEqual([crc, whole]);
  });

  it('are made of those of the parts otherwise, which have to be named', async () => {
    const id = await begin('composite', { ChecksumAlgorithm: 'CRC32C' });
    const sent = await parts('composite', id);
    const without = sent.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    expect(await outcome(complete('composite', id, without))).toBe('400 InvalidRequest');
    const done = await complete('composite', id, sent);
    expect([done.ChecksumCRC32C?.endsWith('-3'), done.ChecksumType]).toEqual([true, 'COMPOSITE']);
  });

  it('are S3’s own CRC64NVME when none was asked for', async () => {
    const id = await begin('own');
    const done = await complete('own', id, await parts('own', id, {}));
    expect(done).toMatchObject({
      ChecksumCRC64NVME: checksumOf('crc64nvme', Buffer.from(whole)),
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it('are refused of a part that is checked by another algorithm', async () => {
    const id = await begin('mixed', { ChecksumAlgorithm: 'CRC32C' });
    expect(await outcome(send('mixed', id, 1, 'body', { ChecksumAlgorithm: 'CRC32' }))).toBe('400 InvalidRequest');
    const sha = { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' };
    expect(await outcome(begin('mixed', sha))).toBe('400 InvalidRequest');
  });
});

describe('an object of parts', () => {
  it('is dated by the beginning of its upload, in whole seconds', async () => {
    seconds = 10;
    const finish = await prepared('dated');
    seconds = 50;
    await finish({});
    const found = await client.send(new HeadObjectCommand({ Bucket, Key: 'dated' }));
    expect(found.LastModified).toEqual(new Date('2026-03-01T12:00:10Z'));
  });

  it('gives its parts back one by one', async () => {
    const id = await begin('parted');
    const one = await send('parted', id, 1, 'first');
    const two = await send('parted', id, 2, 'and second');
    await complete('parted', id, [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ]);
    const part = await client.send(new GetObjectCommand({ Bucket, Key: 'parted', PartNumber: 2 }));
    expect([part.PartsCount, part.ContentRange, await part.Body?.transformToString()]).toEqual([
      2,
      'bytes 5-14/15',
      'and second',
    ]);
  });

  it('may take parts from objects that are there', async () => {
    await put('whole', '0123456789');
    const id = await begin('copied');
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({
        Bucket,
        Key: 'copied',
        UploadId: id,
        PartNumber: 1,
        CopySource: `${Bucket}/whole`,
        CopySourceRange: 'bytes=2-5',
      }),
    );
    await complete('copied', id, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    const found = await client.send(new GetObjectCommand({ Bucket, Key: 'copied' }));
    expect(await found.Body?.transformToString()).toBe('2345');
  });
});

describe('a bucket with a key of its own', () => {
  it('says the key, and gives equal bodies ETags that differ', async () => {
    const sealed = (Key: string) => client.send(new PutObjectCommand({ Bucket: 'sealed', Key, Body: 'same' }));
    const one = await sealed('one');
    const two = await sealed('two');
    expect(one).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1',
    });
    expect(one.ETag).not.toBe(two.ETag);
    expect(one.ChecksumCRC32).toBe(two.ChecksumCRC32);
  });
});
