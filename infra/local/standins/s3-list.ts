// ListObjectsV2 and ListObjects of the S3 stand-in: pages in byte order, with prefix, start-after, delimiter and key encoding.
import { byBytes } from './byte-order.ts';
import type { HttpAnswer, HttpHead } from './http-server.ts';
import type { S3Bucket } from './s3-bucket.ts';
import type { S3Content } from './s3-content.ts';
import { countOf, element, invalidArgument, keyWriter, wrap, xmlAnswer } from './s3-wire.ts';

type Page = { items: { name: string; isPrefix: boolean }[]; isTruncated: boolean };

/** One page of at most `pageLimit` keys and common prefixes; the continuation token is opaque to clients. */
export function listObjects(request: HttpHead, bucket: S3Bucket, pageLimit: number): HttpAnswer {
  const query = request.query;
  const isSecond = query.get('list-type') === '2';
  const startAfter = query.get(isSecond ? 'start-after' : 'marker');
  const token = query.get('continuation-token');
  if (token !== null && !/^[\w-]+$/.test(token)) {
    throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
  }
  const after = token === null ? startAfter : Buffer.from(token, 'base64url').toString('utf8');
  const limit = countOf(query, 'max-keys', pageLimit);
  const delimiter = query.get('delimiter') ?? '';
  const { items, isTruncated } = pageOf(bucket, query.get('prefix') ?? '', delimiter, after, limit);
  const encode = keyWriter(query);
  const last = items.at(-1)?.name ?? '';
  const given = (name: string, value: string | null) => (value === null ? [] : [element(name, encode(value))]);
  const nextToken = isSecond
    ? element('NextContinuationToken', Buffer.from(last).toString('base64url'))
    : element('NextMarker', encode(last));
  return xmlAnswer('ListBucketResult', [
    element('Name', bucket.name),
    element('Prefix', encode(query.get('prefix') ?? '')),
    ...given('Delimiter', delimiter === '' ? null : delimiter),
    ...given(isSecond ? 'StartAfter' : 'Marker', startAfter),
    ...(token === null ? [] : [element('ContinuationToken', token)]),
    ...(query.get('encoding-type') === 'url' ? [element('EncodingType', 'url')] : []),
    ...(isSecond ? [element('KeyCount', items.length)] : []),
    element('MaxKeys', limit),
    element('IsTruncated', isTruncated),
    ...(isTruncated ? [nextToken] : []),
    ...items.map(({ name, isPrefix }) =>
      isPrefix
        ? wrap('CommonPrefixes', [element('Prefix', encode(name))])
        : wrap('Contents', [element('Key', encode(name)), ...row(bucket.current(name))]),
    ),
  ]);
}

/** A listing's row of a version, without its key. */
export function row(content: S3Content | null): string[] {
  if (content === null) return [];
  return [
    element('LastModified', content.lastModified.toISOString()),
    element('ETag', content.etag),
    element('ChecksumAlgorithm', content.checksum.algorithm.toUpperCase()),
    element('ChecksumType', content.checksum.type),
    element('Size', content.body.sizeBytes),
    element('StorageClass', content.storageClass),
  ];
}

function pageOf(bucket: S3Bucket, prefix: string, delimiter: string, after: string | null, limit: number): Page {
  const items: Page['items'] = [];
  const start = after !== null && byBytes(after, prefix) >= 0 ? after : prefix;
  for (const key of bucket.keysFrom(start, start !== after)) {
    if (!key.startsWith(prefix)) break;
    if (bucket.current(key) === null) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? key : key.slice(0, end + delimiter.length);
    // A common prefix that was told already, on this page or the one before, is passed over with all its keys.
    if (end >= 0 && (items.at(-1)?.name === name || (after !== null && byBytes(name, after) <= 0))) continue;
    if (items.length >= limit) return { items, isTruncated: limit > 0 };
    items.push({ name, isPrefix: end >= 0 });
  }
  return { items, isTruncated: false };
}
