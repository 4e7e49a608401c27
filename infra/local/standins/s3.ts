// A stand-in for Amazon S3: the object calls of its REST API, path-style and virtual-host style, over plain HTTP.
import { join } from 'node:path';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  startHttp,
  withFaults,
} from './http.ts';
import { bare, createS3Bucket, preconditionFailed, type S3Bucket, type S3Version } from './s3-bucket.ts';
import { listObjects } from './s3-list.ts';
import { errorXml, readUpload, S3Error } from './s3-wire.ts';

export type S3StandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** `isPublic`: anonymous reads of objects are allowed, as for a website's bucket. */
  buckets: { name: string; isPublic?: boolean; versioned?: boolean }[];
  faults?: Faults;
  /** A directory that the buckets are kept in, so that they outlive this process; without it they are in memory only. */
  keepIn?: string;
  /** Most keys in one page of a listing; S3's own limit is 1,000. */
  pageLimit?: number;
  now?: () => Date;
};

/**
 * Serves GetObject, HeadObject, PutObject, DeleteObject and ListObjectsV2 with S3's conditional writes, checksums and errors.
 * What it does not speak is answered 501 NotImplemented. Signatures must be there; they are not verified.
 */
export function startS3Standin(options: S3StandinOptions): Promise<HttpServer> {
  const buckets = new Map(
    options.buckets.map(({ name, isPublic = false, versioned = false }) => {
      const keptIn = options.keepIn === undefined ? null : join(options.keepIn, `${name}.s3.jsonl`);
      return [name, createS3Bucket({ name, isPublic, versioned, keptIn })];
    }),
  );
  const now = options.now ?? (() => new Date());
  const pageLimit = options.pageLimit ?? 1000;
  let served = 0;
  const requestId = () => `STANDIN${String(++served).padStart(9, '0')}`;
  const answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    const id = requestId();
    try {
      const done = await route(request, buckets, now(), pageLimit);
      return { ...done, headers: { ...done.headers, 'x-amz-request-id': id, 'x-amz-id-2': 'standin' } };
    } catch (error) {
      if (error instanceof S3Error) return errorAnswer(error, id);
      throw error;
    }
  };
  const refuse = (status: number, code: string) =>
    errorAnswer(new S3Error(status, code, `${code}, as asked for`), requestId());
  return startHttp(withFaults(answer, options.faults ?? (() => null), refuse), options);
}

function errorAnswer(error: S3Error, id: string): HttpAnswer {
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': id, 'x-amz-id-2': 'standin' },
    body: errorXml(error, id),
  };
}

async function route(
  request: HttpRequest,
  buckets: Map<string, S3Bucket>,
  now: Date,
  pageLimit: number,
): Promise<HttpAnswer> {
  const target = targetOf(request, buckets);
  authorise(request, buckets.get(target.bucket) ?? null, target.key);
  const bucket = buckets.get(target.bucket);
  if (!bucket) {
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: target.bucket });
  }
  if (target.key === '') {
    if (request.method === 'HEAD') return { status: 200 };
    if (request.method === 'GET' && request.query.get('list-type') === '2')
      return listObjects(request, bucket, pageLimit);
    throw notSpoken(request);
  }
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return getObject(request, bucket.read(target.key, request.query.get('versionId')));
    case 'PUT':
      return putObject(request, bucket, target.key, now);
    case 'DELETE':
      return deleteObject(request, bucket, target.key);
    default:
      throw notSpoken(request);
  }
}

function notSpoken(request: HttpRequest): S3Error {
  return new S3Error(
    501,
    'NotImplemented',
    `The stand-in does not speak ${request.method} ${request.path}?${request.query}`,
  );
}

/** A bucket in the host name (`bucket.s3.example`) wins over the first part of the path. */
function targetOf(request: HttpRequest, buckets: Map<string, S3Bucket>): { bucket: string; key: string } {
  const host = (headerOf(request, 'host') ?? '').replace(/:\d+$/, '');
  const virtual = [...buckets.keys()]
    .filter((name) => host.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  const path = request.path.slice(1);
  if (virtual !== undefined) return { bucket: virtual, key: decodeURIComponent(path) };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: decodeURIComponent(path), key: '' };
  return { bucket: decodeURIComponent(path.slice(0, slash)), key: decodeURIComponent(path.slice(slash + 1)) };
}

function authorise(request: HttpRequest, bucket: S3Bucket | null, key: string): void {
  const signed =
    headerOf(request, 'authorization')?.startsWith('AWS4-HMAC-SHA256 ') === true ||
    request.query.has('X-Amz-Signature');
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (signed || (bucket?.isPublic === true && reads && key !== '')) return;
  throw new S3Error(403, 'AccessDenied', 'Access Denied');
}

function getObject(request: HttpRequest, version: S3Version): HttpAnswer {
  if (headerOf(request, 'range') !== null) throw notSpoken(request);
  const ifMatch = headerOf(request, 'if-match');
  if (ifMatch !== null && ifMatch !== '*' && bare(ifMatch) !== bare(version.etag)) throw preconditionFailed('If-Match');
  const headers = headersOf(version);
  const ifNoneMatch = headerOf(request, 'if-none-match');
  if (ifNoneMatch !== null && (ifNoneMatch === '*' || bare(ifNoneMatch) === bare(version.etag))) {
    return { status: 304, headers: { etag: version.etag } };
  }
  if (headerOf(request, 'x-amz-checksum-mode') === 'ENABLED') {
    headers[`x-amz-checksum-${version.checksum.algorithm}`] = version.checksum.value;
    headers['x-amz-checksum-type'] = 'FULL_OBJECT';
  }
  return { status: 200, headers, body: version.body };
}

function headersOf(version: S3Version): Record<string, string> {
  return {
    etag: version.etag,
    'content-type': version.contentType,
    'last-modified': version.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
    ...version.metadata,
    ...(version.cacheControl === null ? {} : { 'cache-control': version.cacheControl }),
    ...(version.versionId === null ? {} : { 'x-amz-version-id': version.versionId }),
  };
}

async function putObject(request: HttpRequest, bucket: S3Bucket, key: string, now: Date): Promise<HttpAnswer> {
  if (request.query.has('uploadId') || headerOf(request, 'x-amz-copy-source') !== null) throw notSpoken(request);
  const metadata = Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const stored = await bucket.write(
    key,
    {
      ...readUpload(request),
      contentType: headerOf(request, 'content-type') ?? 'binary/octet-stream',
      cacheControl: headerOf(request, 'cache-control'),
      metadata: Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
      lastModified: now,
    },
    { ifMatch: headerOf(request, 'if-match'), ifNoneMatch: headerOf(request, 'if-none-match') },
  );
  return {
    status: 200,
    headers: {
      etag: stored.etag,
      [`x-amz-checksum-${stored.checksum.algorithm}`]: stored.checksum.value,
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-server-side-encryption': 'AES256',
      ...(stored.versionId === null ? {} : { 'x-amz-version-id': stored.versionId }),
    },
  };
}

function deleteObject(request: HttpRequest, bucket: S3Bucket, key: string): HttpAnswer {
  if (request.query.has('versionId')) throw notSpoken(request);
  const removed = bucket.remove(key, headerOf(request, 'if-match'));
  return {
    status: 204,
    headers: {
      ...(removed.marker ? { 'x-amz-delete-marker': 'true' } : {}),
      ...(removed.versionId === null ? {} : { 'x-amz-version-id': removed.versionId }),
    },
  };
}
