// An object store over Amazon S3, or over any other service that speaks its API with conditional writes (the witness).
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { type ObjectStore, type PutCondition, StoreUnavailable } from '../../shared/ports/object-store.ts';

export type S3Connection = {
  region: string;
  /** Null: AWS's own endpoint of the region. */
  endpoint: string | null;
  /** Most services other than AWS want the bucket in the path. */
  forcePathStyle: boolean;
  /** Null: the SDK's own chain (a function's role). */
  credentials: NonNullable<S3ClientConfig['credentials']> | null;
  connectTimeoutSeconds: number;
  requestTimeoutSeconds: number;
};

/** A client that tries once and gives up soon: for a conditional write, a retry would turn "written, answer lost" into a conflict. */
export function createS3Client(connection: S3Connection): S3Client {
  return new S3Client({
    region: connection.region,
    forcePathStyle: connection.forcePathStyle,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connection.connectTimeoutSeconds * 1000,
      requestTimeout: connection.requestTimeoutSeconds * 1000,
      throwOnRequestTimeout: true,
      // The request time-out ends with the answer's head; this one also ends a body that stops in the middle.
      socketTimeout: connection.requestTimeoutSeconds * 1000,
    },
    ...(connection.endpoint === null ? {} : { endpoint: connection.endpoint }),
    ...(connection.credentials === null ? {} : { credentials: connection.credentials }),
  });
}

/**
 * The caller's role needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket: without the last, S3 answers 403 where an
 * object is absent, and that can only be reported as "could not find out".
 */
export function createS3ObjectStore(client: S3Client, options: { name: string; bucket: string }): ObjectStore {
  const bucket = options.bucket;
  const unavailable = (tried: string, error: unknown) =>
    storeUnavailable(options.name, `${tried} in bucket ${bucket}`, error);
  return {
    name: options.name,
    async get(key) {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (answer.ETag === undefined || answer.Body === undefined)
          throw new Error('the answer has no ETag or no body');
        return { body: await answer.Body.transformToString('utf-8'), version: answer.ETag };
      } catch (error) {
        if (isNoSuchKey(error)) return null;
        throw unavailable(`reading ${key}`, error);
      }
    },
    async put(key, body, { condition, contentType, cacheControl }) {
      try {
        const answer = await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            // Bytes, because the SDK takes an empty string for a stream of unknown length, and says so on stderr.
            Body: Buffer.from(body, 'utf8'),
            ContentType: contentType,
            ...(cacheControl === null ? {} : { CacheControl: cacheControl }),
            ...conditionHeaders(condition),
          }),
        );
        if (answer.ETag === undefined) throw new Error('the answer has no ETag');
        return { kind: 'written', version: answer.ETag };
      } catch (error) {
        if (isConflict(error, condition)) return { kind: 'conflict' };
        throw unavailable(`writing ${key}`, error);
      }
    },
    async list(prefix, { startAfter, limit }) {
      try {
        return await listKeys(client, bucket, prefix, startAfter, limit);
      } catch (error) {
        throw unavailable(`listing ${prefix}`, error);
      }
    },
    async remove(key) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      } catch (error) {
        throw unavailable(`removing ${key}`, error);
      }
    },
  };
}

function conditionHeaders(condition: PutCondition): Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> {
  switch (condition.kind) {
    case 'none':
      return {};
    case 'absent':
      return { IfNoneMatch: '*' };
    case 'version':
      return { IfMatch: condition.version };
  }
}

async function listKeys(
  client: S3Client,
  bucket: string,
  prefix: string,
  startAfter: string | null,
  limit: number,
): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  while (keys.length < limit) {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: Math.min(1000, limit - keys.length),
        // XML cannot hold every character that a key can.
        EncodingType: 'url',
        ...(startAfter === null ? {} : { StartAfter: startAfter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    for (const { Key } of page.Contents ?? []) {
      if (Key !== undefined) keys.push(page.EncodingType === 'url' ? decodeKey(Key) : Key);
    }
    if (page.IsTruncated !== true) return keys;
    if (page.NextContinuationToken === undefined)
      throw new Error('a page says that more follows and has no continuation token');
    token = page.NextContinuationToken;
  }
  return keys;
}

function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replace(/\+/g, '%20'));
}

/** Only a missing object is "none": a missing bucket answers 404 too, and would hide every object in it. */
function isNoSuchKey(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'NoSuchKey';
}

/** S3 answers 404 to If-Match on an absent key, and 409 when two conditional writes overlap: the condition did not hold either way. */
function isConflict(error: unknown, condition: PutCondition): boolean {
  if (!(error instanceof S3ServiceException) || condition.kind === 'none') return false;
  const status = error.$metadata.httpStatusCode;
  return status === 412 || status === 409 || (condition.kind === 'version' && error.name === 'NoSuchKey');
}

function storeUnavailable(store: string, tried: string, error: unknown): StoreUnavailable {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const reason = reasonOf(error, status);
  return new StoreUnavailable(store, reason, `${tried} ended in ${status ?? 'no answer'} (${said})${wayOut(reason)}`, {
    cause: error,
  });
}

function reasonOf(error: unknown, status: number | undefined): StoreUnavailable['reason'] {
  // The SDK calls a cut connection a TimeoutError too; its code tells them apart.
  const cut = error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
  if (error instanceof Error && error.name === 'TimeoutError' && !cut) return 'time-out';
  if (status === 429 || status === 503) return 'throttled';
  return status === 401 || status === 403 ? 'refused' : 'failed';
}

function wayOut(reason: StoreUnavailable['reason']): string {
  return reason === 'refused' ? "; check the credentials, their clock, and the role's permissions on the bucket" : '';
}
