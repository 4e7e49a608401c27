// Changing objects in S3: PutObject, CopyObject, DeleteObject, DeleteObjects and PutObjectTagging.
import type { BodyStore, StoredBody } from './bodies.ts';
import { createHasher } from './checksums.ts';
import { type HttpAnswer, type HttpStreamRequest, headerOf, readWhole } from './http-server.ts';
import { type S3Bucket, type S3Change, type S3Entry, wholeSeconds } from './s3-bucket.ts';
import { type Condition, deleteCondition, writeCondition } from './s3-conditions.ts';
import { checksumHeaders, checkTags, describedBy, type S3Content } from './s3-content.ts';
import { type CopySource, replaced, sourceContent } from './s3-copy-source.ts';
import { versionHeader } from './s3-read.ts';
import { receiveUpload } from './s3-upload.ts';
import { element, invalidRequest, malformedXml, S3Error, wrap, xmlAnswer } from './s3-wire.ts';
import { child, childText, parseXml, type XmlElement } from './xml-tree.ts';

/** The ETag of an object in one piece: the MD5 of its content, but for one that KMS encrypts, where nobody may rely on it. */
function etagOf(md5: string, encryption: Record<string, string>, salt: string): string {
  if (encryption['x-amz-server-side-encryption'] !== 'aws:kms') return `"${md5}"`;
  const hasher = createHasher('md5');
  hasher.update(Buffer.from(`${md5} ${salt}`));
  return `"${hasher.digest().toString('hex')}"`;
}

export async function putObject(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  now: () => Date,
): Promise<HttpAnswer> {
  const condition = writeCondition(request);
  const described = describedBy(request, bucket.kmsKeyId);
  const { body, md5, checksum } = await receiveUpload(request, bucket.bodies);
  const content: S3Content = {
    ...described,
    body,
    md5,
    etag: etagOf(md5, described.encryption, `${bucket.changes()}`),
    checksum: { ...checksum, type: 'FULL_OBJECT' },
    partSizesBytes: null,
    lastModified: wholeSeconds(now()),
  };
  const stored = await keepOrRelease(bucket, key, content, 'Put', condition);
  return { status: 200, headers: storedHeaders(content, stored) };
}

/** Writes, and gives the body up when the write is refused. */
export async function keepOrRelease(
  bucket: S3Bucket,
  key: string,
  content: S3Content,
  event: S3Change['event'],
  condition: Condition,
): Promise<S3Entry> {
  try {
    return await bucket.write(key, content, event, condition);
  } catch (error) {
    bucket.bodies.release(content.body);
    throw error;
  }
}

function storedHeaders(content: S3Content, stored: S3Entry): Record<string, string> {
  return {
    etag: content.etag,
    ...checksumHeaders(content),
    ...content.encryption,
    ...versionHeader(stored.versionId),
  };
}

/** Copies a version within S3: its bytes are shared, its ETag and checksum are those of one piece. */
export async function copyObject(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  source: CopySource,
  now: () => Date,
): Promise<HttpAnswer> {
  const condition = writeCondition(request);
  const from = sourceContent(request, source);
  const described = replaced(request, from.content, bucket.kmsKeyId);
  const isSame = source.bucket === bucket && source.key === key && source.versionId === null;
  if (isSame && headerOf(request, 'x-amz-metadata-directive') !== 'REPLACE' && described.isUnchanged) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const body = await bodyFor(bucket, source.bucket, from.content.body);
  const { algorithm } = from.content.checksum;
  const { md5, value } = await digestsOf(bucket.bodies, body, algorithm);
  const content: S3Content = {
    ...described.described,
    body,
    md5,
    etag: etagOf(md5, described.described.encryption, `${bucket.changes()}`),
    checksum: { algorithm, value, type: 'FULL_OBJECT' },
    partSizesBytes: null,
    lastModified: wholeSeconds(now()),
  };
  const stored = await keepOrRelease(bucket, key, content, 'Copy', condition);
  const parts = [
    element('LastModified', content.lastModified.toISOString()),
    element('ETag', content.etag),
    element(`Checksum${algorithm.toUpperCase()}`, value),
    element('ChecksumType', 'FULL_OBJECT'),
  ];
  return xmlAnswer('CopyObjectResult', parts, {
    ...content.encryption,
    ...versionHeader(stored.versionId),
    ...(from.versionId === null ? {} : { 'x-amz-copy-source-version-id': from.versionId }),
  });
}

/** Within a bucket the bytes are shared; another bucket keeps its own. */
async function bodyFor(bucket: S3Bucket, source: S3Bucket, body: StoredBody): Promise<StoredBody> {
  if (source === bucket) return bucket.bodies.retain(body);
  return bucket.bodies.receive(source.bodies.read(body).chunks(), () => {});
}

async function digestsOf(
  bodies: BodyStore,
  body: StoredBody,
  algorithm: S3Content['checksum']['algorithm'],
): Promise<{ md5: string; value: string }> {
  const md5 = createHasher('md5');
  const checksum = createHasher(algorithm);
  for await (const chunk of bodies.read(body).chunks()) {
    md5.update(chunk);
    checksum.update(chunk);
  }
  return { md5: md5.digest().toString('hex'), value: checksum.digest().toString('base64') };
}

export function deleteObject(request: HttpStreamRequest, bucket: S3Bucket, key: string): HttpAnswer {
  const versionId = request.query.get('versionId');
  const removed = bucket.remove(key, versionId, deleteCondition(request));
  return {
    status: 204,
    headers: { ...(removed.marker ? { 'x-amz-delete-marker': 'true' } : {}), ...versionHeader(removed.versionId) },
  };
}

/** DeleteObjects: each object is removed, or refused, on its own. */
export async function deleteObjects(request: HttpStreamRequest, bucket: S3Bucket): Promise<HttpAnswer> {
  const asked = parseXml((await readWhole(request.stream)).toString('utf8'));
  const objects = asked.children.filter(({ name }) => name === 'Object');
  if (objects.length === 0 || objects.length > 1000) throw malformedXml();
  const isQuiet = childText(asked, 'Quiet') === 'true';
  const results = objects.flatMap((object) => {
    const key = childText(object, 'Key') ?? '';
    const versionId = childText(object, 'VersionId');
    try {
      const removed = bucket.remove(key, versionId, childText(object, 'ETag'));
      return isQuiet ? [] : [wrap('Deleted', [element('Key', key), ...deletedRow(removed, versionId)])];
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      return [wrap('Error', [element('Key', key), element('Code', error.code), element('Message', error.message)])];
    }
  });
  return xmlAnswer('DeleteResult', results);
}

function deletedRow(removed: { versionId: string | null; marker: boolean }, asked: string | null): string[] {
  const version = asked === null ? [] : [element('VersionId', asked)];
  if (!removed.marker) return version;
  const marker = element('DeleteMarkerVersionId', removed.versionId ?? 'null');
  return [...version, element('DeleteMarker', true), marker];
}

export async function putTagging(request: HttpStreamRequest, bucket: S3Bucket, key: string): Promise<HttpAnswer> {
  const sent = parseXml((await readWhole(request.stream)).toString('utf8'));
  const set = child(sent, 'TagSet');
  if (set === null) throw malformedXml();
  const pair = (tag: XmlElement): [string, string] => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''];
  const tagged = bucket.tag(key, request.query.get('versionId'), checkTags(set.children.map(pair)));
  return { status: 200, headers: versionHeader(tagged.versionId) };
}

export function deleteTagging(request: HttpStreamRequest, bucket: S3Bucket, key: string): HttpAnswer {
  const tagged = bucket.tag(key, request.query.get('versionId'), {});
  return { status: 204, headers: versionHeader(tagged.versionId) };
}
