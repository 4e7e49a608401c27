// An object store over Google Cloud Storage: generations make every write conditional, and are never given out twice.
import { createHash } from 'node:crypto';
import { ApiError, type Bucket, type PreconditionOptions, Storage } from '@google-cloud/storage';
import * as z from 'zod';
import {
  type ObjectStore,
  type PutCondition,
  type StoredObject,
  StoreUnavailable,
} from '../../shared/ports/object-store.ts';

export type GcsConnection = {
  projectId: string;
  /** Null: Google's own endpoint. */
  endpoint: string | null;
  /** Null: the library's own chain (a function's service account, or a federated identity). Needed with an endpoint of one's own. */
  accessToken: string | null;
  requestTimeoutSeconds: number;
};

/** A client that tries once: for a conditional write, a retry would turn "written, answer lost" into a conflict. */
export function createGcsStorage(connection: GcsConnection): Storage {
  const storage = new Storage({
    projectId: connection.projectId,
    timeout: connection.requestTimeoutSeconds * 1000,
    retryOptions: { autoRetry: false, maxRetries: 0 },
    ...(connection.endpoint === null ? {} : { apiEndpoint: connection.endpoint }),
  });
  const token = connection.accessToken;
  if (token !== null) {
    storage.interceptors.push({
      request: (options) => {
        if (!('uri' in options)) throw new Error('a request of the storage client has no uri');
        return { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } };
      },
    });
  }
  return storage;
}

/**
 * The storage's `timeout` bounds every call, finding credentials included; a call that it cuts off is "unknown".
 * The service takes about one write a second of one object: 429 is reported as `throttled`.
 */
export function createGcsObjectStore(storage: Storage, options: { name: string; bucket: string }): ObjectStore {
  const bucket = storage.bucket(options.bucket);
  const timeoutMs = storage.timeout ?? 60_000;
  const attempt = async <T>(tried: string, work: Promise<T>): Promise<T> => {
    try {
      return await within(timeoutMs, work);
    } catch (error) {
      throw storeUnavailable(options.name, `${tried} in bucket ${options.bucket}`, error);
    }
  };
  return {
    name: options.name,
    get: (key) => attempt(`reading ${key}`, read(bucket, key)),
    put: (key, body, { condition, contentType, cacheControl }) =>
      attempt(
        `writing ${key}`,
        write(bucket, key, Buffer.from(body, 'utf8'), condition, {
          contentType,
          ...(cacheControl === null ? {} : { cacheControl }),
        }),
      ),
    list: (prefix, { startAfter, limit }) => attempt(`listing ${prefix}`, listNames(bucket, prefix, startAfter, limit)),
    remove: (key) => attempt(`removing ${key}`, remove(bucket, key)),
  };
}

const DownloadHead = z.object({ headers: z.object({ 'x-goog-generation': z.string() }) });

/** One download whose own headers name the generation: body and version are of the same write. */
function read(bucket: Bucket, key: string): Promise<StoredObject | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let version: string | null = null;
    bucket
      .file(key)
      .createReadStream()
      .on('response', (response: unknown) => {
        version = DownloadHead.safeParse(response).data?.headers['x-goog-generation'] ?? null;
      })
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', (error) => (isNoSuchObject(error) ? resolve(null) : reject(error)))
      .on('end', () => {
        if (version === null) reject(new Error('the answer has no x-goog-generation header'));
        else resolve({ body: Buffer.concat(chunks).toString('utf8'), version });
      });
  });
}

async function write(
  bucket: Bucket,
  key: string,
  body: Buffer,
  condition: PutCondition,
  metadata: { contentType: string; cacheControl?: string },
): Promise<{ kind: 'written'; version: string } | { kind: 'conflict' }> {
  const file = bucket.file(key);
  try {
    await file.save(body, {
      resumable: false,
      // The service checks the digest before it writes. The library's own check comes after, and deletes the object when it fails.
      validation: false,
      metadata: { ...metadata, md5Hash: createHash('md5').update(body).digest('base64') },
      preconditionOpts: preconditionOf(condition),
    });
  } catch (error) {
    if (condition.kind !== 'none' && (statusOf(error) === 412 || statusOf(error) === 409)) return { kind: 'conflict' };
    throw error;
  }
  const generation = file.metadata.generation;
  if (generation === undefined) throw new Error('the answer has no generation');
  return { kind: 'written', version: String(generation) };
}

function preconditionOf(condition: PutCondition): PreconditionOptions {
  switch (condition.kind) {
    case 'none':
      return {};
    case 'absent':
      return { ifGenerationMatch: 0 };
    case 'version':
      return { ifGenerationMatch: condition.version };
  }
}

async function listNames(bucket: Bucket, prefix: string, startAfter: string | null, limit: number): Promise<string[]> {
  const names: string[] = [];
  let pageToken: string | undefined;
  while (names.length < limit) {
    const [files, next] = await bucket.getFiles({
      prefix,
      autoPaginate: false,
      // One more than wanted: startOffset is inclusive, so that startAfter itself may come along.
      maxResults: Math.min(1000, limit - names.length + 1),
      fields: 'items(name),nextPageToken',
      ...(startAfter === null ? {} : { startOffset: startAfter }),
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    names.push(...files.map((file) => file.name).filter((name) => name !== startAfter));
    pageToken = next?.pageToken;
    if (pageToken === undefined) break;
  }
  return names.slice(0, limit);
}

async function remove(bucket: Bucket, key: string): Promise<void> {
  try {
    await bucket.file(key).delete();
  } catch (error) {
    if (!isNoSuchObject(error)) throw error;
  }
}

/** A missing bucket answers 404 too, in other words: that must not pass for an absent object. */
function isNoSuchObject(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404 && error.message.includes('No such object');
}

function statusOf(error: unknown): number | null {
  return error instanceof ApiError && error.code !== undefined ? error.code : null;
}

class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function storeUnavailable(store: string, tried: string, error: unknown): StoreUnavailable {
  const status = statusOf(error);
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const reason = reasonOf(error, status);
  const way = reason === 'refused' ? "; check the credentials and the identity's role on the bucket" : '';
  return new StoreUnavailable(store, reason, `${tried} ended in ${status ?? 'no answer'} (${said})${way}`, {
    cause: error,
  });
}

function reasonOf(error: unknown, status: number | null): StoreUnavailable['reason'] {
  const type = error instanceof Error && 'type' in error ? error.type : null;
  if (error instanceof TimedOut || type === 'request-timeout' || type === 'body-timeout') return 'time-out';
  if (status === 429 || status === 503) return 'throttled';
  return status === 401 || status === 403 ? 'refused' : 'failed';
}
