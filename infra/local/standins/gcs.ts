// A stand-in for Google Cloud Storage: the objects of its JSON API, and public reads at /bucket/object, over plain HTTP.
import { createGcsBucket, type GcsBucket, type GcsChange } from './gcs-bucket.ts';
import { type Copies, compose, createCopies, describe } from './gcs-change.ts';
import { listObjects } from './gcs-list.ts';
import { checkName, type GcsObject } from './gcs-object.ts';
import { readMedia, readPublic } from './gcs-read.ts';
import { partial, resourceOf } from './gcs-resource.ts';
import { createResumableUploads, type ResumableUploads } from './gcs-resumable.ts';
import { uploadMedia, uploadMultipart } from './gcs-upload.ts';
import { addressOf, authorise, errorAnswer, GcsError, notSpoken, preconditionsOf } from './gcs-wire.ts';
import { type Faults, jsonAnswer, withFaults } from './http.ts';
import {
  type HttpAnswer,
  type HttpHead,
  type HttpServer,
  type HttpStreamRequest,
  startStreamHttp,
} from './http-server.ts';

export type GcsStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /**
   * `isPublic`: anyone may read its objects. `limitsWrites`: 429 to a second change of one object within a second.
   * `versioned`: what is overwritten or removed stays as a noncurrent generation; `softDeletes`: what is gone for good can be listed.
   */
  buckets: {
    name: string;
    isPublic?: boolean;
    limitsWrites?: boolean;
    versioned?: boolean;
    softDeletes?: boolean;
    kmsKeyName?: string;
  }[];
  faults?: Faults<HttpHead>;
  /** A directory that the buckets are kept in, so that they outlive this process and large bodies are no burden; without it they are in memory. */
  keepIn?: string;
  /** Most entries in one page of a listing; the service's own limit is 1,000. */
  pageLimit?: number;
  /** What a piece of a resumable upload must be a multiple of; the service's own is 256 KiB. */
  resumableUnitBytes?: number;
  /** What one call of rewrite gets done. */
  rewriteBytesPerCall?: number;
  now?: () => Date;
  /** Told of every change of an object after it has happened: what notifications are made of. */
  onChange?: (change: GcsChange) => void;
};

type World = { buckets: Map<string, GcsBucket>; resumable: ResumableUploads; copies: Copies; pageLimit: number };

/** What it does not speak is answered 501. A bearer token must be there; it is not verified. */
export function startGcsStandin(options: GcsStandinOptions): Promise<HttpServer> {
  const buckets = options.buckets.map((bucket) =>
    createGcsBucket({
      isPublic: false,
      limitsWrites: false,
      versioned: false,
      softDeletes: false,
      kmsKeyName: null,
      ...bucket,
      keepIn: options.keepIn ?? null,
      now: options.now ?? (() => new Date()),
      onChange: options.onChange ?? (() => {}),
    }),
  );
  const world: World = {
    buckets: new Map(buckets.map((bucket) => [bucket.name, bucket])),
    resumable: createResumableUploads(options.resumableUnitBytes ?? 256 * 1024),
    copies: createCopies(options.rewriteBytesPerCall ?? 1024 ** 3),
    pageLimit: options.pageLimit ?? 1000,
  };
  const answer = async (request: HttpStreamRequest): Promise<HttpAnswer> => {
    try {
      return await route(request, world);
    } catch (error) {
      if (error instanceof GcsError) return errorAnswer(error, request);
      throw error;
    }
  };
  const refuse = (status: number, code: string, request: HttpHead) =>
    errorAnswer(new GcsError(status, code, `${code}, as asked for`), request);
  return startStreamHttp(withFaults(answer, options.faults ?? (() => null), refuse), options);
}

async function route(request: HttpStreamRequest, world: World): Promise<HttpAnswer> {
  const { method, path } = request;
  const upload = /^\/(?:resumable\/)?upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(path);
  if (upload) return uploadTo(bucketOf(world, upload[1]), request, world);
  const object = /^(?:\/download)?\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/.exec(path);
  if (object) return objectCall(bucketOf(world, object[1]), decoded(object[2]), request);
  const made = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)\/(?:compose|(rewriteTo|copyTo)\/b\/([^/]+)\/o\/([^/]+))$/.exec(
    path,
  );
  if (made && method === 'POST') {
    const from = { bucket: bucketOf(world, made[1]), name: decoded(made[2]) };
    const to = made[3] === undefined ? from : { bucket: bucketOf(world, made[4]), name: decoded(made[5]) };
    authorise(request, to.bucket, 'storage.objects.create');
    checkName(to.name);
    if (made[3] === 'rewriteTo') return json(request, await world.copies.rewrite(request, from, to));
    const stored = made[3] ? await world.copies.copy(request, from, to) : await compose(request, to.bucket, to.name);
    return shown(request, to.bucket, stored);
  }
  const list = /^\/storage\/v1\/b\/([^/]+)(\/o)?$/.exec(path);
  if (list && method === 'GET') return bucketCall(bucketOf(world, list[1]), list[2] !== undefined, request, world);
  const open = /^\/([^/]+)\/(.+)$/.exec(path);
  if (open && (method === 'GET' || method === 'HEAD') && !path.startsWith('/storage/')) {
    return readPublic(request, world.buckets, decoded(open[1]), decoded(open[2]));
  }
  throw notSpoken(request);
}

function decoded(encoded = ''): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // What is no UTF-8 below its percent signs is no name.
    throw new GcsError(400, 'invalid', `Invalid object name: ${encoded}`);
  }
}

function bucketOf(world: World, encoded: string | undefined): GcsBucket {
  const bucket = world.buckets.get(decoded(encoded));
  if (!bucket) throw new GcsError(404, 'notFound', 'The specified bucket does not exist.');
  return bucket;
}

function json(request: HttpHead, value: unknown): HttpAnswer {
  return jsonAnswer(200, partial(value, request.query.get('fields')));
}

function shown(request: HttpHead, bucket: GcsBucket, object: GcsObject): HttpAnswer {
  return json(request, resourceOf(bucket.name, object, addressOf(request)));
}

async function uploadTo(bucket: GcsBucket, request: HttpStreamRequest, world: World): Promise<HttpAnswer> {
  const session = request.query.get('upload_id');
  const kind = request.query.get('uploadType');
  // Whoever holds a session's address may go on with it: the token was asked for when it was opened.
  if (session === null) authorise(request, bucket, 'storage.objects.create');
  if (session !== null && request.method === 'DELETE') return world.resumable.cancel(session);
  if (session !== null || kind === 'resumable') {
    const result =
      session === null
        ? await world.resumable.begin(request, bucket, preconditionsOf(request))
        : await world.resumable.resume(request, session);
    return result.kind === 'answer' ? result.answer : shown(request, bucket, result.object);
  }
  if (kind === 'multipart')
    return shown(request, bucket, await uploadMultipart(request, bucket, preconditionsOf(request)));
  if (kind === 'media') return shown(request, bucket, await uploadMedia(request, bucket, preconditionsOf(request)));
  throw new GcsError(501, 'notImplemented', `The stand-in does not speak uploadType=${kind}`);
}

async function objectCall(bucket: GcsBucket, name: string, request: HttpStreamRequest): Promise<HttpAnswer> {
  const generation = request.query.get('generation');
  const preconditions = preconditionsOf(request);
  switch (request.method) {
    case 'GET': {
      authorise(request, bucket, 'storage.objects.get');
      const found = bucket.read(name, generation, preconditions, request.query.get('softDeleted') === 'true');
      return request.query.get('alt') === 'media' ? readMedia(request, bucket, found) : shown(request, bucket, found);
    }
    case 'PATCH':
    case 'PUT':
      authorise(request, bucket, 'storage.objects.update');
      return shown(request, bucket, await describe(request, bucket, name));
    case 'DELETE':
      authorise(request, bucket, 'storage.objects.delete');
      bucket.remove(name, generation, preconditions);
      return { status: 204 };
    default:
      throw notSpoken(request);
  }
}

function bucketCall(bucket: GcsBucket, isListing: boolean, request: HttpHead, world: World): HttpAnswer {
  authorise(request, bucket, isListing ? 'storage.objects.list' : 'storage.buckets.get');
  if (isListing) return json(request, listObjects(request, bucket, world.pageLimit));
  return json(request, {
    kind: 'storage#bucket',
    id: bucket.name,
    name: bucket.name,
    versioning: { enabled: bucket.versioned },
    storageClass: 'STANDARD',
    location: 'US-CENTRAL1',
    locationType: 'region',
  });
}
