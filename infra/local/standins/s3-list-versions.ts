// Listings of what is not current or not whole: ListObjectVersions, ListMultipartUploads and ListParts.
import { byBytes } from './byte-order.ts';
import type { HttpAnswer, HttpHead } from './http-server.ts';
import type { S3Bucket, S3Entry } from './s3-bucket.ts';
import { row } from './s3-list.ts';
import type { S3Upload, S3Uploads } from './s3-multipart.ts';
import { countOf, element, keyWriter, wrap, xmlAnswer } from './s3-wire.ts';

/** Versions and delete markers: keys in order, each key's newest first. */
export function listVersions(request: HttpHead, bucket: S3Bucket, pageLimit: number): HttpAnswer {
  const query = request.query;
  const encode = keyWriter(query);
  const limit = countOf(query, 'max-keys', pageLimit);
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker');
  const found: { entry: S3Entry; isLatest: boolean }[] = [];
  const isFull = () => found.length > limit;
  for (const key of bucket.keysFrom(byBytes(keyMarker, prefix) > 0 ? keyMarker : prefix, true)) {
    if (!key.startsWith(prefix) || isFull()) break;
    if (key === keyMarker && versionMarker === null && keyMarker !== '') continue;
    let isPast = key !== keyMarker || versionMarker === null;
    bucket.history(key).forEach((entry, place) => {
      if (isPast && !isFull()) found.push({ entry, isLatest: place === 0 });
      if ((entry.versionId ?? 'null') === versionMarker) isPast = true;
    });
  }
  const page = found.slice(0, limit);
  const last = page.at(-1)?.entry;
  const next = [element('NextKeyMarker', encode(last?.key ?? '')), element('NextVersionIdMarker', idOf(last))];
  return xmlAnswer('ListVersionsResult', [
    element('Name', bucket.name),
    element('Prefix', encode(prefix)),
    element('KeyMarker', encode(keyMarker)),
    element('VersionIdMarker', versionMarker ?? ''),
    element('MaxKeys', limit),
    ...(query.get('encoding-type') === 'url' ? [element('EncodingType', 'url')] : []),
    element('IsTruncated', isFull() && limit > 0),
    ...(isFull() && limit > 0 ? next : []),
    ...page.map(({ entry, isLatest }) => versionRow(entry, isLatest, encode)),
  ]);
}

function idOf(entry: S3Entry | undefined): string {
  return entry?.versionId ?? 'null';
}

function versionRow(entry: S3Entry, isLatest: boolean, encode: (key: string) => string): string {
  const head = [element('Key', encode(entry.key)), element('VersionId', idOf(entry)), element('IsLatest', isLatest)];
  if (entry.content === null) {
    return wrap('DeleteMarker', [...head, element('LastModified', entry.at.toISOString())]);
  }
  return wrap('Version', [...head, ...row(entry.content)]);
}

export function listUploads(request: HttpHead, bucket: S3Bucket, uploads: S3Uploads, pageLimit: number): HttpAnswer {
  const query = request.query;
  const encode = keyWriter(query);
  const limit = countOf(query, 'max-uploads', pageLimit);
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker');
  const isPast = (upload: S3Upload) => {
    const order = byBytes(upload.key, keyMarker);
    return order > 0 || (order === 0 && idMarker !== null && byBytes(upload.id, idMarker) > 0);
  };
  const matching = uploads
    .of(bucket)
    .filter((upload) => upload.key.startsWith(prefix) && isPast(upload))
    .sort((one, other) => byBytes(one.key, other.key) || byBytes(one.id, other.id));
  const page = matching.slice(0, limit);
  const isTruncated = matching.length > limit && limit > 0;
  const last = page.at(-1);
  const next = [element('NextKeyMarker', encode(last?.key ?? '')), element('NextUploadIdMarker', last?.id ?? '')];
  return xmlAnswer('ListMultipartUploadsResult', [
    element('Bucket', bucket.name),
    element('Prefix', encode(prefix)),
    element('KeyMarker', encode(keyMarker)),
    element('UploadIdMarker', idMarker ?? ''),
    ...(isTruncated ? next : []),
    element('MaxUploads', limit),
    element('IsTruncated', isTruncated),
    ...page.map((upload) =>
      wrap('Upload', [
        element('Key', encode(upload.key)),
        element('UploadId', upload.id),
        element('StorageClass', upload.described.storageClass),
        element('Initiated', upload.initiated.toISOString()),
        ...checksumOf(upload),
      ]),
    ),
  ]);
}

export function listParts(request: HttpHead, upload: S3Upload, pageLimit: number): HttpAnswer {
  const query = request.query;
  const limit = countOf(query, 'max-parts', pageLimit);
  const marker = countOf(query, 'part-number-marker', 10_000);
  const after = query.has('part-number-marker') ? marker : 0;
  const matching = [...upload.parts.values()]
    .filter(({ number }) => number > after)
    .sort((one, other) => one.number - other.number);
  const page = matching.slice(0, limit);
  const isTruncated = matching.length > limit && limit > 0;
  return xmlAnswer('ListPartsResult', [
    element('Bucket', upload.bucket.name),
    element('Key', upload.key),
    element('UploadId', upload.id),
    element('PartNumberMarker', after),
    ...(isTruncated ? [element('NextPartNumberMarker', page.at(-1)?.number ?? 0)] : []),
    element('MaxParts', limit),
    element('IsTruncated', isTruncated),
    element('StorageClass', upload.described.storageClass),
    ...checksumOf(upload),
    ...page.map((part) =>
      wrap('Part', [
        element('PartNumber', part.number),
        element('LastModified', part.at.toISOString()),
        element('ETag', `"${part.md5}"`),
        element(`Checksum${part.checksum.algorithm.toUpperCase()}`, part.checksum.value),
        element('Size', part.body.sizeBytes),
      ]),
    ),
  ]);
}

function checksumOf({ algorithm, type }: S3Upload): string[] {
  if (algorithm === null) return [];
  return [element('ChecksumAlgorithm', algorithm.toUpperCase()), element('ChecksumType', type)];
}
