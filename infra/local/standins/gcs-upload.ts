// Uploads to Cloud Storage in one request: the bytes alone (media), or with the resource before them (multipart).
import type { GcsBucket } from './gcs-bucket.ts';
import { receiveHashed, sentHashes } from './gcs-hashes.ts';
import { checkName, describedBy, type GcsObject, readResource, type SentResource } from './gcs-object.ts';
import { GcsError, type Preconditions } from './gcs-wire.ts';
import { type HttpStreamRequest, headerOf } from './http-server.ts';

const defaultType = 'application/octet-stream';

export async function uploadMedia(
  request: HttpStreamRequest,
  bucket: GcsBucket,
  preconditions: Preconditions,
): Promise<GcsObject> {
  const sent: SentResource = {};
  const encoding = headerOf(request, 'content-encoding');
  if (encoding !== null) sent.contentEncoding = encoding;
  const contentType = headerOf(request, 'content-type') ?? defaultType;
  return storeWhole(request, bucket, preconditions, { sent, contentType, media: request.stream });
}

export async function uploadMultipart(
  request: HttpStreamRequest,
  bucket: GcsBucket,
  preconditions: Preconditions,
): Promise<GcsObject> {
  const { json, contentType, media } = await readParts(request);
  return storeWhole(request, bucket, preconditions, { sent: readResource(json), contentType, media });
}

async function storeWhole(
  request: HttpStreamRequest,
  bucket: GcsBucket,
  preconditions: Preconditions,
  upload: { sent: SentResource; contentType: string; media: AsyncIterable<Buffer> },
): Promise<GcsObject> {
  const { sent, contentType, media } = upload;
  const name = checkName(request.query.get('name') ?? sent.name);
  const described = describedBy(sent, contentType);
  const received = await receiveHashed(media, bucket.bodies, sentHashes(headerOf(request, 'x-goog-hash'), sent));
  return bucket.write(name, { ...received, described, componentCount: null }, preconditions);
}

/** multipart/related: the resource as JSON, then the bytes, which are handed on as they come. */
async function readParts(
  request: HttpStreamRequest,
): Promise<{ json: string; contentType: string; media: AsyncIterable<Buffer> }> {
  const boundary = /boundary="?([^";]+)"?/.exec(headerOf(request, 'content-type') ?? '')?.[1];
  if (boundary === undefined) throw new GcsError(400, 'badRequest', 'Missing boundary of multipart/related');
  const mark = Buffer.from(`--${boundary}`);
  const source = request.stream[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const second = head.indexOf(mark, mark.length);
    const gap = second < 0 ? -1 : head.indexOf('\r\n\r\n', second);
    if (gap >= 0) {
      const resource = head.subarray(mark.length, second).toString('utf8');
      const mediaHead = head.subarray(second, gap).toString('latin1');
      return {
        json: resource.slice(resource.indexOf('\r\n\r\n') + 4),
        contentType: /content-type:\s*([^\r\n]+)/i.exec(mediaHead)?.[1] ?? defaultType,
        media: untilMark(head.subarray(gap + 4), source, Buffer.from(`\r\n--${boundary}`)),
      };
    }
    const next = await source.next();
    if (next.done) throw new GcsError(400, 'badRequest', 'A multipart upload has two parts');
    head = Buffer.concat([head, next.value]);
  }
}

/** Holds back as much as the closing mark may take, and leaves that out. */
async function* untilMark(first: Buffer, source: AsyncIterator<Buffer>, mark: Buffer): AsyncGenerator<Buffer> {
  const tailBytes = mark.length + 8;
  let waiting = first;
  for (;;) {
    const next = await source.next();
    if (next.done) break;
    waiting = Buffer.concat([waiting, next.value]);
    if (waiting.length <= tailBytes) continue;
    yield waiting.subarray(0, waiting.length - tailBytes);
    waiting = waiting.subarray(waiting.length - tailBytes);
  }
  const end = waiting.lastIndexOf(mark);
  if (end < 0) throw new GcsError(400, 'badRequest', 'The last part of the multipart upload has no end');
  if (end > 0) yield waiting.subarray(0, end);
}
