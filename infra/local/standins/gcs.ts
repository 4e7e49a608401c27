// A stand-in for Google Cloud Storage: the objects of its JSON API, and public reads at /bucket/object, over plain HTTP.
import { join } from 'node:path';
import { createGcsBucket, type GcsBucket, GcsError, type GcsObject, type Preconditions } from './gcs-bucket.ts';
import { createUploads, type Uploads } from './gcs-upload.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type GcsStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** `isPublic`: anyone may read its objects. `limitsWrites`: 429 to a second change of one object within a second. */
  buckets: { name: string; isPublic?: boolean; limitsWrites?: boolean }[];
  faults?: Faults;
  /** A directory that the buckets are kept in, so that they outlive this process; without it they are in memory only. */
  keepIn?: string;
  /** Most names in one page of a listing; the service's own limit is 1,000. */
  pageLimit?: number;
  now?: () => Date;
};

type World = { buckets: Map<string, GcsBucket>; uploads: Uploads; pageLimit: number };

/**
 * Serves insert (multipart and resumable), get (resource and media), list and delete with the service's preconditions.
 * What it does not speak is answered 501. A bearer token must be there; it is not verified.
 */
export function startGcsStandin(options: GcsStandinOptions): Promise<HttpServer> {
  const now = options.now ?? (() => new Date());
  const world: World = {
    buckets: new Map(
      options.buckets.map(({ name, isPublic = false, limitsWrites = false }) => {
        const keptIn = options.keepIn === undefined ? null : join(options.keepIn, `${name}.gcs.jsonl`);
        return [name, createGcsBucket({ name, isPublic, limitsWrites, keptIn, now })];
      }),
    ),
    uploads: createUploads(),
    pageLimit: options.pageLimit ?? 1000,
  };
  const answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      return route(request, world);
    } catch (error) {
      if (error instanceof GcsError) return errorAnswer(error, request);
      throw error;
    }
  };
  const refuse = (status: number, code: string, request: HttpRequest) =>
    errorAnswer(new GcsError(status, code, `${code}, as asked for`), request);
  return startHttp(withFaults(answer, options.faults ?? (() => null), refuse), options);
}

function errorAnswer(error: GcsError, request: HttpRequest): HttpAnswer {
  if (error.status === 304) return { status: 304 };
  // A download's error is its bare message, without JSON around it.
  if (request.query.get('alt') === 'media') {
    return { status: error.status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: error.message };
  }
  const { status, message, reason } = error;
  return jsonAnswer(status, { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });
}

function route(request: HttpRequest, world: World): HttpAnswer {
  const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(request.path);
  if (upload) return uploadTo(bucketOf(world, upload[1]), request, world);
  const object = /^(?:\/download)?\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/.exec(request.path);
  if (object) return objectCall(bucketOf(world, object[1]), decodeURIComponent(object[2] ?? ''), request);
  const list = /^\/storage\/v1\/b\/([^/]+)\/o$/.exec(request.path);
  if (list && request.method === 'GET') return listObjects(bucketOf(world, list[1]), request, world.pageLimit);
  const open = /^\/([^/]+)\/(.+)$/.exec(request.path);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (open && isRead && !request.path.startsWith('/storage/')) return publicRead(world, open[1], open[2]);
  throw notSpoken(request);
}

function bucketOf(world: World, encoded: string | undefined): GcsBucket {
  const bucket = world.buckets.get(decodeURIComponent(encoded ?? ''));
  if (!bucket) throw new GcsError(404, 'notFound', 'The specified bucket does not exist.');
  return bucket;
}

function notSpoken(request: HttpRequest): GcsError {
  return new GcsError(501, 'notImplemented', `The stand-in does not speak ${request.method} ${request.path}`);
}

function authorise(request: HttpRequest, bucket: GcsBucket, permission: string): void {
  if (headerOf(request, 'authorization')?.startsWith('Bearer ')) return;
  if (bucket.isPublic && permission === 'storage.objects.get') return;
  throw new GcsError(
    401,
    'required',
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage bucket ${bucket.name}.`,
  );
}

function uploadTo(bucket: GcsBucket, request: HttpRequest, world: World): HttpAnswer {
  authorise(request, bucket, 'storage.objects.create');
  const session = request.query.get('upload_id');
  const result =
    session === null
      ? world.uploads.begin(request, bucket, preconditionsOf(request), request.query.get('name'))
      : world.uploads.resume(request, session);
  return result.kind === 'answer' ? result.answer : jsonAnswer(200, resourceOf(bucket, result.object));
}

function objectCall(bucket: GcsBucket, name: string, request: HttpRequest): HttpAnswer {
  const generation = request.query.get('generation');
  if (request.method === 'GET') {
    authorise(request, bucket, 'storage.objects.get');
    const found = bucket.read(name, generation, preconditionsOf(request));
    if (request.query.get('alt') !== 'media') return jsonAnswer(200, resourceOf(bucket, found));
    if (headerOf(request, 'range') !== null) throw notSpoken(request);
    return { status: 200, headers: headersOf(found), body: found.body };
  }
  if (request.method !== 'DELETE') throw notSpoken(request);
  authorise(request, bucket, 'storage.objects.delete');
  bucket.remove(name, generation, preconditionsOf(request));
  return { status: 204 };
}

function preconditionsOf(request: HttpRequest): Preconditions {
  return {
    generationMatch: request.query.get('ifGenerationMatch'),
    generationNotMatch: request.query.get('ifGenerationNotMatch'),
    metagenerationMatch: request.query.get('ifMetagenerationMatch'),
  };
}

function listObjects(bucket: GcsBucket, request: HttpRequest, pageLimit: number): HttpAnswer {
  authorise(request, bucket, 'storage.objects.list');
  const query = request.query;
  if (query.has('delimiter') || query.has('matchGlob') || query.has('versions')) throw notSpoken(request);
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  const token = query.get('pageToken');
  const after = token === null ? null : Buffer.from(token, 'base64url');
  const start = query.get('startOffset');
  const end = query.get('endOffset');
  const matching = bucket
    .objects()
    .filter(({ name }) => name.startsWith(query.get('prefix') ?? ''))
    .filter(({ name }) => start === null || Buffer.compare(bytes(name), bytes(start)) >= 0)
    .filter(({ name }) => end === null || end === '' || Buffer.compare(bytes(name), bytes(end)) < 0)
    .filter(({ name }) => after === null || Buffer.compare(bytes(name), after) > 0);
  const page = matching.slice(0, Math.min(pageLimit, Number(query.get('maxResults') ?? 1000)));
  const last = page.at(-1);
  return jsonAnswer(200, {
    kind: 'storage#objects',
    ...(page.length === 0 ? {} : { items: page.map((object) => resourceOf(bucket, object)) }),
    ...(last && matching.length > page.length ? { nextPageToken: bytes(last.name).toString('base64url') } : {}),
  });
}

/** The URL that health checks and browsers use; its errors are those of the XML API. */
function publicRead(world: World, bucketName = '', encodedName = ''): HttpAnswer {
  const bucket = world.buckets.get(decodeURIComponent(bucketName));
  const xml = (status: number, code: string, message: string) => ({
    status,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  });
  if (!bucket) return xml(404, 'NoSuchBucket', 'The specified bucket does not exist.');
  if (!bucket.isPublic) return xml(403, 'AccessDenied', 'Access denied.');
  const name = decodeURIComponent(encodedName);
  const found = bucket.objects().find((object) => object.name === name);
  if (!found) return xml(404, 'NoSuchKey', 'The specified key does not exist.');
  return { status: 200, headers: headersOf(found), body: found.body };
}

function headersOf(object: GcsObject): Record<string, string> {
  return {
    'content-type': object.contentType,
    // What the service says of a public object that names no policy of its own.
    'cache-control': object.cacheControl ?? 'public, max-age=3600',
    'last-modified': object.created.toUTCString(),
    etag: `"${Buffer.from(object.md5Hash, 'base64').toString('hex')}"`,
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5Hash}`,
    'x-goog-stored-content-length': String(object.body.length),
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-storage-class': 'STANDARD',
    ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [`x-goog-meta-${name}`, value])),
  };
}

function resourceOf(bucket: GcsBucket, object: GcsObject): object {
  const generation = String(object.generation);
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${object.name}/${generation}`,
    name: object.name,
    bucket: bucket.name,
    generation,
    metageneration: String(object.metageneration),
    contentType: object.contentType,
    ...(object.cacheControl === null ? {} : { cacheControl: object.cacheControl }),
    ...(Object.keys(object.metadata).length === 0 ? {} : { metadata: object.metadata }),
    storageClass: 'STANDARD',
    size: String(object.body.length),
    md5Hash: object.md5Hash,
    crc32c: object.crc32c,
    etag: Buffer.from(generation).toString('base64'),
    timeCreated: object.created.toISOString(),
    updated: object.created.toISOString(),
  };
}
