// A stand-in for Amazon S3: the object calls of its REST API, path-style and virtual-host style, over plain HTTP.
import { type Faults, withFaults } from './http.ts';
import {
  type HttpAnswer,
  type HttpHead,
  type HttpServer,
  type HttpStreamRequest,
  headerOf,
  startStreamHttp,
} from './http-server.ts';
import { createS3Bucket, type S3Bucket, type S3Change } from './s3-bucket.ts';
import { copySourceOf } from './s3-copy-source.ts';
import { listObjects } from './s3-list.ts';
import { listParts, listUploads, listVersions } from './s3-list-versions.ts';
import { createS3Uploads } from './s3-multipart.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  type MultipartWorld,
  uploadPart,
  uploadPartCopy,
} from './s3-multipart-api.ts';
import { getObject, getObjectAttributes, getTagging } from './s3-read.ts';
import { element, errorXml, notSpoken, S3Error, xmlAnswer } from './s3-wire.ts';
import { copyObject, deleteObject, deleteObjects, deleteTagging, putObject, putTagging } from './s3-write.ts';

export type S3StandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /**
   * `isPublic`: anonymous reads of objects are allowed, as for a website's bucket. `kmsKeyId`: objects are encrypted with it
   * when nothing else is asked for, and their ETags are no MD5 then.
   */
  buckets: { name: string; isPublic?: boolean; versioned?: boolean; kmsKeyId?: string }[];
  faults?: Faults<HttpHead>;
  /** A directory that the buckets are kept in, so that they outlive this process and large bodies are no burden; without it they are in memory. */
  keepIn?: string;
  /** Most entries in one page of a listing; S3's own limit is 1,000. */
  pageLimit?: number;
  /** The least that a part must have that is not the last; S3's own is 5 MiB. */
  minimumPartBytes?: number;
  now?: () => Date;
  /** Told of every change of an object after it has happened: what notifications are made of. */
  onChange?: (change: S3Change) => void;
};

type World = MultipartWorld & { buckets: Map<string, S3Bucket>; pageLimit: number };

/** What it does not speak is answered 501 NotImplemented. Signatures must be there; they are not verified. */
export function startS3Standin(options: S3StandinOptions): Promise<HttpServer> {
  const now = options.now ?? (() => new Date());
  const buckets = options.buckets.map(({ name, isPublic = false, versioned = false, kmsKeyId = null }) =>
    createS3Bucket({
      name,
      isPublic,
      versioned,
      kmsKeyId,
      keepIn: options.keepIn ?? null,
      now,
      onChange: options.onChange ?? (() => {}),
    }),
  );
  const world: World = {
    buckets: new Map(buckets.map((bucket) => [bucket.name, bucket])),
    uploads: createS3Uploads(),
    pageLimit: options.pageLimit ?? 1000,
    minimumPartBytes: options.minimumPartBytes ?? 5 * 1024 ** 2,
    now,
  };
  let served = 0;
  const requestId = () => `STANDIN${String(++served).padStart(9, '0')}`;
  const answer = async (request: HttpStreamRequest): Promise<HttpAnswer> => {
    const id = requestId();
    try {
      const done = await route(request, world);
      return { ...done, headers: { ...done.headers, 'x-amz-request-id': id, 'x-amz-id-2': 'standin' } };
    } catch (error) {
      if (error instanceof S3Error) return errorAnswer(error, id);
      throw error;
    }
  };
  const refuse = (status: number, code: string) =>
    errorAnswer(new S3Error(status, code, `${code}, as asked for`), requestId());
  return startStreamHttp(withFaults(answer, options.faults ?? (() => null), refuse), options);
}

function errorAnswer(error: S3Error, id: string): HttpAnswer {
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/xml', 'x-amz-request-id': id, 'x-amz-id-2': 'standin' },
    body: errorXml(error, id),
  };
}

async function route(request: HttpStreamRequest, world: World): Promise<HttpAnswer> {
  const target = targetOf(request, world.buckets);
  const bucket = world.buckets.get(target.bucket);
  authorise(request, bucket ?? null, target.key);
  if (!bucket) {
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: target.bucket });
  }
  return target.key === '' ? bucketCall(request, bucket, world) : objectCall(request, bucket, target.key, world);
}

async function bucketCall(request: HttpStreamRequest, bucket: S3Bucket, world: World): Promise<HttpAnswer> {
  const { method, query } = request;
  if (method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } };
  if (method === 'PUT' && query.size === 0) {
    throw new S3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
  if (method === 'POST' && query.has('delete')) return deleteObjects(request, bucket);
  if (method !== 'GET') throw notSpoken(request);
  if (query.has('versioning')) {
    return xmlAnswer('VersioningConfiguration', bucket.versioned ? [element('Status', 'Enabled')] : []);
  }
  if (query.has('location')) return xmlAnswer('LocationConstraint', []);
  if (query.has('versions')) return listVersions(request, bucket, world.pageLimit);
  if (query.has('uploads')) return listUploads(request, bucket, world.uploads, world.pageLimit);
  const known = ['list-type', 'prefix', 'marker', 'max-keys', 'delimiter', 'encoding-type', 'x-id'];
  if (query.get('list-type') === '2' || [...query.keys()].every((name) => known.includes(name))) {
    return listObjects(request, bucket, world.pageLimit);
  }
  throw notSpoken(request);
}

async function objectCall(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  world: World,
): Promise<HttpAnswer> {
  const { method, query } = request;
  checkKey(key);
  const source = copySourceOf(request, world.buckets);
  const isUpload = query.has('uploadId');
  switch (method) {
    case 'GET':
      if (query.has('tagging')) return getTagging(request, bucket, key);
      if (query.has('attributes')) return getObjectAttributes(request, bucket, key);
      if (query.has('acl')) throw notSpoken(request);
      if (isUpload) return listParts(request, world.uploads.find(bucket, key, query.get('uploadId')), world.pageLimit);
      return getObject(request, bucket, key);
    case 'HEAD':
      return getObject(request, bucket, key);
    case 'PUT':
      if (query.has('tagging')) return putTagging(request, bucket, key);
      if (query.has('acl')) throw notSpoken(request);
      if (isUpload && source) return uploadPartCopy(request, bucket, key, source, world);
      if (isUpload) return uploadPart(request, bucket, key, world);
      if (source) return copyObject(request, bucket, key, source, world.now);
      return putObject(request, bucket, key, world.now);
    case 'POST':
      if (query.has('uploads')) return createUpload(request, bucket, key, world);
      if (isUpload) return completeUpload(request, bucket, key, world);
      throw notSpoken(request);
    case 'DELETE':
      if (query.has('tagging')) return deleteTagging(request, bucket, key);
      return isUpload ? abortUpload(request, bucket, key, world) : deleteObject(request, bucket, key);
    default:
      throw notSpoken(request);
  }
}

/** A bucket in the host name (`bucket.s3.example`) wins over the first part of the path. */
function targetOf(request: HttpHead, buckets: Map<string, S3Bucket>): { bucket: string; key: string } {
  const host = (headerOf(request, 'host') ?? '').replace(/:\d+$/, '');
  const virtual = [...buckets.keys()]
    .filter((name) => host.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  const path = request.path.slice(1);
  if (virtual !== undefined) return { bucket: virtual, key: decoded(path) };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: decoded(path), key: '' };
  return { bucket: decoded(path.slice(0, slash)), key: decoded(path.slice(slash + 1)) };
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // What is no UTF-8 below its percent signs is no key.
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

const longestKeyBytes = 1024;

/** Read from left to right, `..` must not lead above the root. Source: "Naming Amazon S3 objects" of the S3 user guide. */
function checkKey(key: string): void {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > longestKeyBytes) {
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long', {
      Size: String(sizeBytes),
      MaxSizeAllowed: String(longestKeyBytes),
    });
  }
  let depth = 0;
  for (const segment of key.split('/')) {
    depth += segment === '..' ? -1 : 1;
    if (depth < 0) throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

function authorise(request: HttpHead, bucket: S3Bucket | null, key: string): void {
  const signed =
    headerOf(request, 'authorization')?.startsWith('AWS4-HMAC-SHA256 ') === true ||
    request.query.has('X-Amz-Signature');
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (signed || (bucket?.isPublic === true && reads && key !== '')) return;
  throw new S3Error(403, 'AccessDenied', 'Access Denied');
}
