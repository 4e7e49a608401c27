// ListObjectsV2 of the S3 stand-in: pages in byte order, with prefix, start-after, delimiter and key encoding.
import type { HttpAnswer, HttpRequest } from './http.ts';
import { byBytes, type S3Bucket } from './s3-bucket.ts';
import { document, element, S3Error, urlEncoded } from './s3-wire.ts';

/** One page of at most `pageLimit` keys and common prefixes; the continuation token is opaque to clients. */
export function listObjects(request: HttpRequest, bucket: S3Bucket, pageLimit: number): HttpAnswer {
  const query = request.query;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token');
  const after = token === null ? startAfter : tokenText(token);
  const asked = query.get('max-keys');
  if (asked !== null && !/^\d+$/.test(asked)) {
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range', {
      ArgumentName: 'max-keys',
      ArgumentValue: asked,
    });
  }
  const limit = Math.min(pageLimit, asked === null ? 1000 : Number(asked));
  const items = groupByDelimiter(
    bucket.keys().filter((key) => key.startsWith(prefix)),
    prefix,
    delimiter,
  ).filter((item) => after === null || byBytes(item, after) > 0);
  const page = items.slice(0, limit);
  const truncated = items.length > page.length && limit > 0;
  const encode = query.get('encoding-type') === 'url' ? urlEncoded : (text: string) => text;
  const isPrefix = (item: string) => delimiter !== '' && item.slice(prefix.length).endsWith(delimiter);
  const parts = [
    element('Name', bucket.name),
    element('Prefix', encode(prefix)),
    ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
    ...(startAfter === null ? [] : [element('StartAfter', encode(startAfter))]),
    ...(token === null ? [] : [element('ContinuationToken', token)]),
    ...(query.get('encoding-type') === 'url' ? [element('EncodingType', 'url')] : []),
    element('KeyCount', page.length),
    element('MaxKeys', limit),
    element('IsTruncated', truncated),
    ...(truncated ? [element('NextContinuationToken', tokenOf(page.at(-1) ?? ''))] : []),
    ...page.map((item) => (isPrefix(item) ? commonPrefix(encode(item)) : contents(bucket, item, encode))),
  ];
  const body = document(
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</ListBucketResult>`,
  );
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function contents(bucket: S3Bucket, key: string, encode: (text: string) => string): string {
  const version = bucket.read(key, null);
  const fields = [
    element('Key', encode(key)),
    element('LastModified', version.lastModified.toISOString()),
    element('ETag', version.etag),
    element('Size', version.body.length),
    element('StorageClass', 'STANDARD'),
  ];
  return `<Contents>${fields.join('')}</Contents>`;
}

function commonPrefix(prefix: string): string {
  return `<CommonPrefixes>${element('Prefix', prefix)}</CommonPrefixes>`;
}

function groupByDelimiter(keys: string[], prefix: string, delimiter: string): string[] {
  if (delimiter === '') return keys;
  const grouped = keys.map((key) => {
    const end = key.indexOf(delimiter, prefix.length);
    return end < 0 ? key : key.slice(0, end + delimiter.length);
  });
  return [...new Set(grouped)];
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function tokenText(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}
