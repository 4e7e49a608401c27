// Reading bytes from Cloud Storage: media downloads with ranges and gzip transcoding, and public reads at /bucket/object.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { byteRange, contentRange } from './byte-range.ts';
import type { GcsBucket } from './gcs-bucket.ts';
import type { GcsObject } from './gcs-object.ts';
import { GcsError } from './gcs-wire.ts';
import { type HttpAnswer, type HttpHead, headerOf } from './http-server.ts';

/**
 * What is stored with `contentEncoding: gzip` is unzipped for whoever does not accept gzip, unless its Cache-Control says
 * `no-transform`: its length is not known then, its hashes are those of what is stored, and a range is not kept to.
 * Source: "Transcoding of gzip-compressed files" of the Cloud Storage documentation.
 */
export function readMedia(request: HttpHead, bucket: GcsBucket, object: GcsObject): HttpAnswer {
  const headers = headersOf(bucket, object);
  const { body, described } = object;
  const isGzip = described.contentEncoding === 'gzip';
  const isFixed = described.cacheControl?.includes('no-transform') === true;
  if (isGzip && !isFixed && !acceptsGzip(request)) {
    const chunks = () => Readable.from(bucket.bodies.read(body).chunks()).pipe(createGunzip());
    const { 'content-encoding': _stored, ...rest } = headers;
    return {
      status: 200,
      headers: { ...rest, warning: '214 UploadServer gunzipped', vary: 'Accept-Encoding' },
      body: { sizeBytes: null, chunks },
    };
  }
  const range = byteRange(headerOf(request, 'range'), body.sizeBytes);
  if (range.kind === 'outside') {
    throw new GcsError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
  }
  if (range.kind === 'whole') return { status: 200, headers, body: bucket.bodies.read(body) };
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange(range, body.sizeBytes) },
    body: bucket.bodies.read(body, range.first, range.last),
  };
}

function acceptsGzip(request: HttpHead): boolean {
  return /\bgzip\b/.test(headerOf(request, 'accept-encoding') ?? '');
}

/** The URL that health checks and browsers use; its errors are those of the XML API. */
export function readPublic(
  request: HttpHead,
  buckets: ReadonlyMap<string, GcsBucket>,
  bucketName: string,
  name: string,
): HttpAnswer {
  const bucket = buckets.get(bucketName);
  const xml = (status: number, code: string, message: string) => ({
    status,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  });
  if (!bucket) return xml(404, 'NoSuchBucket', 'The specified bucket does not exist.');
  if (!bucket.isPublic) return xml(403, 'AccessDenied', 'Access denied.');
  const found = bucket.live(name);
  return found ? readMedia(request, bucket, found) : xml(404, 'NoSuchKey', 'The specified key does not exist.');
}

function headersOf(bucket: GcsBucket, object: GcsObject): Record<string, string> {
  const { described } = object;
  const optional = {
    'content-encoding': described.contentEncoding,
    'content-disposition': described.contentDisposition,
    'content-language': described.contentLanguage,
    'x-goog-component-count': object.componentCount === null ? null : String(object.componentCount),
    'x-goog-encryption-kms-key-name': object.kmsKeyName,
  };
  // What the service says where the object names no policy of its own.
  const usual = bucket.isPublic ? 'public, max-age=3600' : 'no-cache, no-store, max-age=0, must-revalidate';
  const { md5Hash } = object;
  return {
    'content-type': described.contentType,
    'cache-control': described.cacheControl ?? usual,
    'last-modified': object.updated.toUTCString(),
    etag: md5Hash === null ? `"${object.crc32c}"` : `"${Buffer.from(md5Hash, 'base64').toString('hex')}"`,
    'accept-ranges': 'bytes',
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': `crc32c=${object.crc32c}${md5Hash === null ? '' : `,md5=${md5Hash}`}`,
    'x-goog-stored-content-length': String(object.body.sizeBytes),
    'x-goog-stored-content-encoding': described.contentEncoding ?? 'identity',
    'x-goog-storage-class': described.storageClass,
    ...Object.fromEntries(Object.entries(optional).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
    ...Object.fromEntries(
      Object.entries(described.metadata).map(([name, value]) => [`x-goog-meta-${name}`, encodeHeader(value)]),
    ),
  };
}

/** A header's bytes are UTF-8 here; Node takes them as Latin-1. */
function encodeHeader(value: string): string {
  return Buffer.from(value.replace(/[\r\n]/g, ' ')).toString('latin1');
}
