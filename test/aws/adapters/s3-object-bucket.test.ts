// The S3 bucket of large objects, through the official client, against the S3 stand-in.

import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createS3ObjectBucket } from '../../../aws/adapters/s3-object-bucket.ts';
import { createS3BucketClient } from '../../../aws/adapters/s3-object-bucket-client.ts';
import type { Fault, HttpServer } from '../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import { noAttributes } from '../../../shared/model/replica.ts';
import { crc32c, crc32cText } from '../../../shared/objects/crc32c.ts';
import type { NewObject, ObjectCondition } from '../../../shared/ports/object-bucket.ts';
import { bucketStreamsContract } from '../../contract/bucket-streams.ts';
import { objectBucketContract } from '../../contract/object-bucket.ts';

// Standing still: what a write answers and what S3 tells of it afterwards are then of one second.
const stopped = new Date(Math.floor(Date.now() / 1000) * 1000);

function bucketAt(
  url: string,
  more: { stallSeconds?: number; bucket?: string } = {},
  prepare: (client: S3Client) => void = () => {},
) {
  const client = createS3BucketClient({
    region: 'us-east-1',
    endpoint: url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    connectTimeoutSeconds: 3,
    maxSockets: 64,
  });
  prepare(client);
  return createS3ObjectBucket({
    client,
    name: 'aws-s3',
    bucket: 'objects',
    callTimeoutSeconds: 20,
    longCallTimeoutSeconds: 20,
    stallSeconds: 20,
    now: () => stopped,
    ...more,
  });
}

objectBucketContract('the S3 adapter on the stand-in', async ({ versioned, pageSize }) => {
  let fault: Fault | null = null;
  const standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects', versioned }],
    pageLimit: pageSize,
    now: () => stopped,
    faults: () => fault,
  });
  return {
    bucket: bucketAt(standin.url),
    another: () => bucketAt(standin.url),
    breakDown: () => {
      fault = { kind: 'refuse', status: 500, code: 'InternalError' };
    },
    heal: () => {
      fault = null;
    },
    close: () => standin.close(),
  };
});

bucketStreamsContract('the S3 adapter', (url, stallSeconds) => bucketAt(url, { stallSeconds }), {
  isAskedFor: () => false,
  answer: '',
});

describe('the S3 adapter when others write, and answers are lost', () => {
  let standin: HttpServer;
  let fault: Fault | null = null;
  let isFaulty: (method: string, query: URLSearchParams) => boolean = () => false;
  beforeAll(async () => {
    standin = await startS3Standin({
      host: '127.0.0.1',
      port: 0,
      buckets: [{ name: 'objects' }, { name: 'secret', kmsKeyId: 'arn:aws:kms:us-east-1:1:key/k' }],
      minimumPartBytes: 1,
      now: () => stopped,
      faults: ({ method, query }) => (isFaulty(method, query) ? fault : null),
    });
  });
  beforeEach(() => {
    fault = null;
    isFaulty = () => false;
  });
  afterAll(() => standin.close());

  const sum = (text: string) => crc32cText(crc32c(Buffer.from(text)));
  const target = (key: string): NewObject => ({ key, attributes: noAttributes, stamp: '1 gcp 1 7/1 1 d' });
  const absent = { kind: 'absent' } as const;
  async function* bytesOf(text: string) {
    yield Buffer.from(text);
  }
  const put = async (
    key: string,
    text: string,
    condition: Parameters<ReturnType<typeof bucketAt>['write']>[3],
    name = 'objects',
  ) => {
    const bucket = bucketAt(standin.url, { bucket: name });
    const result = await bucket.write(target(key), Buffer.from(text), sum(text), condition);
    if (result.kind !== 'written') throw new Error(result.kind);
    return result.object;
  };
  const uploaded = async (key: string, text: string) => {
    const bucket = bucketAt(standin.url);
    const upload = await bucket.begin(target(key), 'ignored: S3 names uploads itself');
    const part = await bucket.writePart(upload, 1, text.length, bytesOf(text), () => sum(text));
    if (part.kind !== 'written') throw new Error(part.kind);
    return { bucket, upload, parts: [part.part] };
  };

  it('takes a completion whose answer was lost for unknown, and then for done', async () => {
    const { bucket, upload, parts } = await uploaded('lost', 'large');
    fault = { kind: 'lose-answer' };
    isFaulty = (method, query) => method === 'POST' && query.has('uploadId');
    await expect(bucket.complete(upload, target('lost'), parts, sum('large'), absent)).rejects.toMatchObject({
      reason: 'failed',
    });
    isFaulty = () => false;
    const again = await bucket.complete(upload, target('lost'), parts, sum('large'), absent);
    expect(again).toMatchObject({ kind: 'written', object: { sizeBytes: 5, crc32c: sum('large') } });
  });

  it('is in conflict (409) when the key was written while the upload was under way, even with the same bytes', async () => {
    const before = await put('during', 'same', absent);
    const { bucket, upload, parts } = await uploaded('during', 'large');
    const condition = { kind: 'tag', tag: before.tag, revision: 1 } as const;
    await put('during', 'same', condition);
    expect(await bucket.complete(upload, target('during'), parts, sum('large'), condition)).toEqual({
      kind: 'conflict',
    });
  });

  it('is in conflict (412) when the key was created meanwhile, and shows nothing of the upload', async () => {
    const { bucket, upload, parts } = await uploaded('created', 'large');
    await put('created', 'first', absent);
    expect(await bucket.complete(upload, target('created'), parts, sum('large'), absent)).toEqual({ kind: 'conflict' });
    expect(await bucket.look('created')).toMatchObject({ object: { sizeBytes: 5, crc32c: sum('first') } });
  });

  it('never mixes two versions: what was overwritten while it was read is gone for the next range', async () => {
    const before = await put('read', 'old bytes', absent);
    const bucket = bucketAt(standin.url);
    expect((await bucket.read(before, { startByte: 0, endByte: 3 })).kind).toBe('bytes');
    await put('read', 'new bytes', { kind: 'tag', tag: before.tag, revision: 1 });
    expect(await bucket.read(before, { startByte: 3, endByte: 9 })).toEqual({ kind: 'gone' });
  });

  it('writes no replica that would have to be restored before it can be read', async () => {
    const bucket = bucketAt(standin.url);
    const archived = { ...target('archived'), attributes: { ...noAttributes, storageClass: 'archive' as const } };
    const written = await bucket.write(archived, Buffer.from('kept'), sum('kept'), absent);
    if (written.kind !== 'written') throw new Error(written.kind);
    expect((await bucket.read(written.object, null)).kind).toBe('bytes');
    expect(await bucket.restamp(written.object, archived)).toMatchObject({ kind: 'written' });
  });

  it('takes the ETag of an encrypted object for what it is: no MD5, and good for conditions', async () => {
    const object = await put('kms', 'bytes', absent, 'secret');
    expect(object.md5).toBeNull();
    const bucket = bucketAt(standin.url, { bucket: 'secret' });
    expect(await bucket.look('kms')).toMatchObject({ object: { md5: null, tag: object.tag, crc32c: sum('bytes') } });
    expect(await bucket.restamp(object, target('kms'))).toMatchObject({ kind: 'written' });
  });

  it.each([
    ['refuse', 503, 'SlowDown', 'throttled'],
    ['refuse', 403, 'AccessDenied', 'refused'],
    ['refuse', 400, 'ExpiredToken', 'refused'],
    ['refuse', 400, 'KMS.DisabledException', 'refused'],
    ['refuse', 400, 'KMS.ThrottlingException', 'throttled'],
    ['refuse', 403, 'InvalidObjectState', 'invalid'],
    ['refuse', 400, 'MetadataTooLarge', 'invalid'],
    ['refuse', 500, 'InternalError', 'failed'],
  ] as const)('%s with %i %s is %s', async (kind, status, code, reason) => {
    fault = { kind, status, code };
    isFaulty = () => true;
    await expect(put('any', 'x', absent)).rejects.toMatchObject({ reason });
  });

  it.each([
    ['ExpiredToken', 'refused', /ExpiredToken.*credentials/s],
    ['InvalidRequest', 'invalid', /InvalidRequest.*trying again will not help/s],
    ['KMS.DisabledException', 'refused', /KMS[.]DisabledException/],
  ] as const)(
    'learns by reading why a look was refused with 400, which has no body: %s is %s',
    async (code, reason, said) => {
      fault = { kind: 'refuse', status: 400, code };
      isFaulty = () => true;
      const failure = await bucketAt(standin.url)
        .look('refused')
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ reason, message: expect.stringMatching(said) });
    },
  );

  it.each(['x', ''])('looks again later when only the look was refused with 400, of "%s" too', async (text) => {
    await put(`passing${text}`, text, { kind: 'absent' });
    fault = { kind: 'refuse', status: 400, code: 'BadRequest' };
    isFaulty = (method) => method === 'HEAD';
    await expect(bucketAt(standin.url).look(`passing${text}`)).rejects.toMatchObject({ reason: 'failed' });
  });

  it('takes no two versions for one where versioning is suspended and each is called "null"', async () => {
    const suspended = bucketAt(standin.url, {}, ({ config: { requestHandler } }) => {
      const send = requestHandler.handle.bind(requestHandler);
      requestHandler.handle = async (...request) => {
        const answer = await send(...request);
        answer.response.headers['x-amz-version-id'] = 'null';
        return answer;
      };
    });
    const write = async (text: string, condition: ObjectCondition) => {
      const result = await suspended.write(target('suspended'), Buffer.from(text), sum(text), condition);
      if (result.kind !== 'written') throw new Error(result.kind);
      return result.object;
    };
    const first = await write('one', absent);
    const second = await write('two', { kind: 'tag', tag: first.tag, revision: 1 });
    const look = await suspended.look('suspended');
    expect(look).toMatchObject({ kind: 'present', object: { version: second.version } });
    expect(second.version).not.toBe(first.version);
    expect(await suspended.read(first, null)).toEqual({ kind: 'gone' });
    expect((await suspended.read(second, null)).kind).toBe('bytes');
  });

  it('does not take a missing bucket for an absent object where S3 tells them apart', async () => {
    await expect(put('any', 'x', absent, 'nowhere')).rejects.toMatchObject({ reason: 'refused' });
  });
});

it('hashes a small body once: S3 compares its CRC32C, and takes the signature without a SHA-256 of the body', async () => {
  const asked: Record<string, unknown>[] = [];
  const standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects' }],
    faults: ({ method, headers }) => {
      if (method === 'PUT') asked.push(headers);
      return null;
    },
  });
  const target = { key: 'k', attributes: noAttributes, stamp: null };
  const bytes = Buffer.from('bytes');
  await bucketAt(standin.url).write(target, bytes, crc32cText(crc32c(bytes)), { kind: 'absent' });
  const wrong = await bucketAt(standin.url).write(target, bytes, crc32cText(1), { kind: 'absent' });
  await standin.close();
  expect(wrong).toMatchObject({ kind: 'corrupt' });
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-checksum-crc32c': crc32cText(crc32c(bytes)),
  });
});
