// What S3 is relied on for beyond single objects, asked by the official client: run on the stand-in, and on an emulator that is not ours.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf } from '../../infra/local/standins/checksums.ts';

/** Two buckets are there: `plain`, and `versioned` with versioning. Parts of 1 KiB are large enough. */
export type S3UnderTest = { client: S3Client; close(): Promise<void> };

/** `lacks`: what an emulator is known not to do. */
export function s3ServiceContract(
  name: string,
  start: () => Promise<S3UnderTest>,
  lacks: ('part order' | 'key length' | 'conditions of a copy on its source')[] = [],
): void {
  describe(`${name} does what S3 does`, () => {
    let client: S3Client;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ client, close } = await start());
    });
    afterAll(() => close());

    const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
      client.send(new PutObjectCommand({ Bucket: 'plain', Key, Body: Buffer.from(Body), ...more }));
    const get = (Key: string, more: object = {}) =>
      client.send(new GetObjectCommand({ Bucket: 'plain', Key, ...more }));
    const head = (Key: string, more: object = {}) =>
      client.send(new HeadObjectCommand({ Bucket: 'plain', Key, ...more }));
    const text = async (answer: Awaited<ReturnType<typeof get>>) => (await answer.Body?.transformToString()) ?? null;
    const status = (attempt: Promise<{ $metadata: { httpStatusCode?: number | undefined } }>) =>
      attempt.then(
        (answer) => answer.$metadata.httpStatusCode,
        (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
          `${error.$metadata?.httpStatusCode} ${error.name}`,
      );

    describe('reading', () => {
      it('answers ranges with their place, and refuses those behind the end', async () => {
        await put('range', '0123456789');
        for (const [Range, body, ContentRange] of [
          ['bytes=0-3', '0123', 'bytes 0-3/10'],
          ['bytes=7-', '789', 'bytes 7-9/10'],
          ['bytes=-2', '89', 'bytes 8-9/10'],
          ['bytes=8-100', '89', 'bytes 8-9/10'],
        ]) {
          const answer = await get('range', { Range });
          expect([answer.$metadata.httpStatusCode, answer.ContentRange, await text(answer)]).toEqual([
            206,
            ContentRange,
            body,
          ]);
        }
        expect(await status(get('range', { Range: 'bytes=10-' }))).toBe('416 InvalidRange');
      });

      it('pins a range to the version that it is of', async () => {
        const { ETag } = await put('pinned', 'first');
        expect(await text(await get('pinned', { Range: 'bytes=0-1', IfMatch: ETag }))).toBe('fi');
        await put('pinned', 'second');
        expect(await status(get('pinned', { Range: 'bytes=0-1', IfMatch: ETag }))).toBe('412 PreconditionFailed');
      });

      it('gives back what was said of the object', async () => {
        const said = {
          ContentType: 'image/svg+xml',
          ContentEncoding: 'gzip',
          ContentDisposition: 'attachment; filename="a.svg"',
          ContentLanguage: 'de',
          CacheControl: 'max-age=60',
          Metadata: { origin: 'aws/us-east-1', empty: '' },
          StorageClass: 'STANDARD_IA',
        } as const;
        await put('described', 'x', {
          ...said,
          Tagging: 'team=a%20b&cost=1',
          Expires: new Date('2027-01-01T00:00:00Z'),
        });
        expect(await head('described')).toMatchObject({ ...said, ContentLength: 1 });
        expect((await get('described')).TagCount).toBe(2);
        const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: 'plain', Key: 'described' }));
        expect(TagSet).toEqual(
          expect.arrayContaining([
            { Key: 'team', Value: 'a b' },
            { Key: 'cost', Value: '1' },
          ]),
        );
        const before = await head('described');
        const Tagging = { TagSet: [{ Key: 'only', Value: 'this' }] };
        await client.send(new PutObjectTaggingCommand({ Bucket: 'plain', Key: 'described', Tagging }));
        expect((await get('described')).TagCount).toBe(1);
        expect((await head('described')).ETag).toBe(before.ETag);
      });

      it('answers the checksum that was sent, when asked', async () => {
        await put('sum', 'content', { ChecksumAlgorithm: 'CRC32C' });
        const crc = checksumOf('crc32c', Buffer.from('content'));
        expect((await head('sum', { ChecksumMode: 'ENABLED' })).ChecksumCRC32C).toBe(crc);
        const answer = await get('sum', { ChecksumMode: 'ENABLED' });
        expect([answer.ChecksumCRC32C, await text(answer)]).toEqual([crc, 'content']);
        expect((await head('sum')).ChecksumCRC32C).toBeUndefined();
      });
    });

    describe('multipart uploads', () => {
      const part = (sign: string, sizeBytes = 1024) => Buffer.alloc(sizeBytes, sign);
      const begin = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
        const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'plain', Key, ...more }));
        if (UploadId === undefined) throw new Error('no upload id');
        return UploadId;
      };
      const upload = async (Key: string, UploadId: string, PartNumber: number, Body: Buffer, more: object = {}) => ({
        PartNumber,
        ...(await client.send(new UploadPartCommand({ Bucket: 'plain', Key, UploadId, PartNumber, Body, ...more }))),
      });
      type Sent = Awaited<ReturnType<typeof upload>>;
      const complete = (Key: string, UploadId: string, sent: Sent[], more: object = {}) => {
        const Parts = sent.map(({ PartNumber, ETag, ChecksumCRC32C, ChecksumCRC32 }) => ({
          PartNumber,
          ETag,
          ChecksumCRC32C,
          ChecksumCRC32,
        }));
        return client.send(
          new CompleteMultipartUploadCommand({ Bucket: 'plain', Key, UploadId, MultipartUpload: { Parts }, ...more }),
        );
      };

      it('puts parts together in their order, with what was said at the beginning', async () => {
        const id = await begin('whole', { ContentType: 'text/x', Metadata: { origin: 'gcp' }, Tagging: 'a=1' });
        const last = await upload('whole', id, 7, part('c', 10));
        const first = await upload('whole', id, 2, part('a'));
        await upload('whole', id, 4, part('x'));
        const second = await upload('whole', id, 4, part('b'));
        const done = await complete('whole', id, [first, second, last]);
        expect(done.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
        const answer = await get('whole');
        expect(answer).toMatchObject({
          ContentType: 'text/x',
          Metadata: { origin: 'gcp' },
          TagCount: 1,
          ETag: done.ETag,
        });
        expect(await text(answer)).toBe('a'.repeat(1024) + 'b'.repeat(1024) + 'c'.repeat(10));
      });

      it('lists the parts that are there, page by page', async () => {
        const id = await begin('listed');
        for (const number of [1, 2, 3]) await upload('listed', id, number, part('x', number));
        const page = (more: object) =>
          client.send(new ListPartsCommand({ Bucket: 'plain', Key: 'listed', UploadId: id, ...more }));
        const one = await page({ MaxParts: 2 });
        expect([one.IsTruncated, one.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])]).toEqual([
          true,
          [
            [1, 1],
            [2, 2],
          ],
        ]);
        const two = await page({ MaxParts: 2, PartNumberMarker: one.NextPartNumberMarker });
        expect([two.IsTruncated, two.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([false, [3]]);
        const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'plain', Prefix: 'listed' }));
        expect(Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([['listed', id]]);
        await client.send(new AbortMultipartUploadCommand({ Bucket: 'plain', Key: 'listed', UploadId: id }));
        expect(await status(page({}))).toBe('404 NoSuchUpload');
        expect(await status(head('listed'))).toBe('404 NotFound');
      });

      it('refuses parts that do not fit', async () => {
        const id = await begin('refused');
        const one = await upload('refused', id, 1, part('a', 20));
        const two = await upload('refused', id, 2, part('b'));
        if (!lacks.includes('part order')) {
          expect(await status(complete('refused', id, [two, one]))).toBe('400 InvalidPartOrder');
        }
        expect(await status(complete('refused', id, [one, two]))).toBe('400 EntityTooSmall');
        expect(await status(complete('refused', id, [{ ...two, ETag: '"0123"' }]))).toBe('400 InvalidPart');
        expect(await status(complete('refused', id, [two]))).toBe(200);
      });

      it('makes nothing over an object that is there, when told so', async () => {
        await put('guarded', 'old');
        const id = await begin('guarded');
        const sent = await upload('guarded', id, 1, part('a'));
        expect(await status(complete('guarded', id, [sent], { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
        expect(await text(await get('guarded'))).toBe('old');
      });
    });

    describe('listings', () => {
      it('are in the byte order of their keys, page by page, each key as it is', async () => {
        const names = [
          'a b',
          'a+b',
          'a%20b',
          'a//b',
          'a/./b',
          'a/../b',
          'caf\u00e9',
          'cafe\u0301',
          '\u{1F600}',
          '\uFF5E',
          'z/',
          'quote\'"&<>',
        ];
        for (const name of names) await put(`odd/${name}`, name);
        const ordered = names
          .map((name) => `odd/${name}`)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const found: string[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'odd/', MaxKeys: 5, ContinuationToken }),
          );
          for (const { Key, Size } of page.Contents ?? []) {
            found.push(Key ?? '');
            expect(Size).toBe(Buffer.byteLength((Key ?? '').slice('odd/'.length)));
          }
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        expect(found).toEqual(ordered);
        for (const key of ordered) expect(await text(await get(key))).toBe(key.slice('odd/'.length));
      });

      it('take keys of 1,024 bytes, and no longer ones', async () => {
        expect(await status(put('k'.repeat(1024), 'x'))).toBe(200);
        if (!lacks.includes('key length')) {
          expect(await status(put('k'.repeat(1025), 'x'))).toBe('400 KeyTooLongError');
        }
        await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k'.repeat(1024) }));
      });
    });

    describe('copies', () => {
      it('keep the metadata, or take other ones', async () => {
        await put('from here+%', 'body', { Metadata: { a: '1' }, ContentType: 'text/x', Tagging: 't=1' });
        const CopySource = `plain/${encodeURIComponent('from here+%')}`;
        await client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'copied', CopySource }));
        expect(await head('copied')).toMatchObject({ Metadata: { a: '1' }, ContentType: 'text/x' });
        expect((await get('copied')).TagCount).toBe(1);
        const other = { MetadataDirective: 'REPLACE', Metadata: { b: '2' }, ContentType: 'text/y' } as const;
        await client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'copied', CopySource, ...other }));
        expect(await head('copied')).toMatchObject({ Metadata: { b: '2' }, ContentType: 'text/y' });
        expect(await text(await get('copied'))).toBe('body');
      });

      it('are of the version that is named, under conditions at either end', async () => {
        const { ETag } = await put('source', 'old');
        const copy = (more: object) =>
          client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'aside', CopySource: 'plain/source', ...more }));
        if (!lacks.includes('conditions of a copy on its source')) {
          expect(await status(copy({ CopySourceIfMatch: '"other"' }))).toBe('412 PreconditionFailed');
        }
        expect(await status(copy({ CopySourceIfMatch: ETag }))).toBe(200);
        const one = await put('past', 'one', { Bucket: 'versioned' });
        await put('past', 'two', { Bucket: 'versioned' });
        await copy({ CopySource: `versioned/past?versionId=${one.VersionId}` });
        expect(await text(await get('aside'))).toBe('one');
      });
    });

    describe('versions', () => {
      const bucket = { Bucket: 'versioned' };
      const remove = (Key: string, more: object = {}) =>
        client.send(new DeleteObjectCommand({ ...bucket, Key, ...more }));

      it('are kept, hidden by delete markers, and come back when the marker is removed', async () => {
        const one = await put('kept', 'one', bucket);
        const two = await put('kept', 'two', bucket);
        const marker = await remove('kept');
        expect(marker.DeleteMarker).toBe(true);
        expect(await status(head('kept', bucket))).toBe('404 NotFound');
        expect(await text(await get('kept', { ...bucket, VersionId: one.VersionId }))).toBe('one');
        const listed = await client.send(new ListObjectVersionsCommand({ ...bucket, Prefix: 'kept' }));
        expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
          [two.VersionId, false],
          [one.VersionId, false],
        ]);
        expect(listed.DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
          [marker.VersionId, true],
        ]);
        await remove('kept', { VersionId: marker.VersionId });
        expect(await text(await get('kept', bucket))).toBe('two');
        await remove('kept', { VersionId: two.VersionId });
        expect(await text(await get('kept', bucket))).toBe('one');
      });

      it('are where versioning says that it is on', async () => {
        const of = async (Bucket: string) => (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
        expect([await of('versioned'), await of('plain')]).toEqual(['Enabled', undefined]);
      });
    });

    describe('removing', () => {
      it('says nothing of what was not there, and removes many at once', async () => {
        await put('many/1', 'x');
        await put('many/2', 'x');
        const Objects = ['many/1', 'many/2', 'many/never'].map((Key) => ({ Key }));
        const done = await client.send(new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects } }));
        expect(done.Deleted?.map(({ Key }) => Key).sort()).toEqual(['many/1', 'many/2', 'many/never']);
        expect((await client.send(new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'many/' }))).KeyCount).toBe(0);
        expect(await status(client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'never' })))).toBe(204);
      });
    });
  });
}
