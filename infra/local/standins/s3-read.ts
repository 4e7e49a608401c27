// Reading from S3: GetObject and HeadObject with ranges and conditions, GetObjectAttributes, GetObjectTagging.
import { type ByteRange, byteRange, contentRange } from './byte-range.ts';
import { type HttpAnswer, type HttpHead, headerOf } from './http-server.ts';
import type { S3Bucket, S3Entry } from './s3-bucket.ts';
import { judgeRead } from './s3-conditions.ts';
import { checksumHeaders, headersOf, type S3Content } from './s3-content.ts';
import { bare, element, S3Error, wrap, xmlAnswer } from './s3-wire.ts';

const archives = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** GET and HEAD of an object or a version of it. A range leaves the object's checksum out, as S3 does. */
export function getObject(request: HttpHead, bucket: S3Bucket, key: string): HttpAnswer {
  const { content, versionId } = bucket.read(key, request.query.get('versionId'));
  if (judgeRead(request, content) === 'unmodified') return { status: 304, headers: { etag: content.etag } };
  if (request.method === 'GET' && archives.has(content.storageClass)) {
    throw new S3Error(403, 'InvalidObjectState', "The operation is not valid for the object's storage class", {
      StorageClass: content.storageClass,
    });
  }
  const headers = headersOf(content, versionId);
  const part = request.query.get('partNumber');
  const range = part === null ? byteRange(headerOf(request, 'range'), content.body.sizeBytes) : rangeOf(content, part);
  if (range.kind === 'outside') throw invalidRange(headerOf(request, 'range') ?? '', content.body.sizeBytes);
  if (content.partSizesBytes !== null && part !== null) {
    headers['x-amz-mp-parts-count'] = String(content.partSizesBytes.length);
  }
  if (range.kind === 'part') {
    headers['content-range'] = contentRange(range, content.body.sizeBytes);
    return { status: 206, headers, body: bucket.bodies.read(content.body, range.first, range.last) };
  }
  if (headerOf(request, 'x-amz-checksum-mode') === 'ENABLED') Object.assign(headers, checksumHeaders(content));
  return { status: 200, headers, body: bucket.bodies.read(content.body) };
}

function rangeOf(content: S3Content, partNumber: string): ByteRange {
  const sizes = content.partSizesBytes ?? [content.body.sizeBytes];
  const size = sizes[Number(partNumber) - 1];
  if (size === undefined) throw new S3Error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable');
  const first = sizes.slice(0, Number(partNumber) - 1).reduce((sum, each) => sum + each, 0);
  return size === 0 ? { kind: 'whole' } : { kind: 'part', first, last: first + size - 1 };
}

function invalidRange(asked: string, sizeBytes: number): S3Error {
  return new S3Error(
    416,
    'InvalidRange',
    'The requested range is not satisfiable',
    { RangeRequested: asked, ActualObjectSize: String(sizeBytes) },
    { 'content-range': `bytes */${sizeBytes}` },
  );
}

export function getObjectAttributes(request: HttpHead, bucket: S3Bucket, key: string): HttpAnswer {
  const { content, versionId } = bucket.read(key, request.query.get('versionId'));
  const asked = new Set((headerOf(request, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim()));
  const { algorithm, value, type } = content.checksum;
  const parts = [
    ['ETag', element('ETag', bare(content.etag))],
    [
      'Checksum',
      wrap('Checksum', [element(`Checksum${algorithm.toUpperCase()}`, value), element('ChecksumType', type)]),
    ],
    [
      'ObjectParts',
      content.partSizesBytes === null
        ? ''
        : wrap('ObjectParts', [element('PartsCount', content.partSizesBytes.length)]),
    ],
    ['StorageClass', element('StorageClass', content.storageClass)],
    ['ObjectSize', element('ObjectSize', content.body.sizeBytes)],
  ] as const;
  return xmlAnswer(
    'GetObjectAttributesResponse',
    parts.filter(([name]) => asked.has(name)).map(([, xml]) => xml),
    { 'last-modified': content.lastModified.toUTCString(), ...versionHeader(versionId) },
  );
}

export function getTagging(request: HttpHead, bucket: S3Bucket, key: string): HttpAnswer {
  const { content, versionId } = bucket.read(key, request.query.get('versionId'));
  const tags = Object.entries(content.tags).map(([name, value]) =>
    wrap('Tag', [element('Key', name), element('Value', value)]),
  );
  return xmlAnswer('Tagging', [wrap('TagSet', tags)], versionHeader(versionId));
}

export function versionHeader(versionId: S3Entry['versionId']): Record<string, string> {
  return versionId === null ? {} : { 'x-amz-version-id': versionId };
}
