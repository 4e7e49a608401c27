// Uploads of the GCS stand-in: one request in two parts (multipart), or a session that takes the bytes piece by piece (resumable).
import * as z from 'zod';
import { type GcsBucket, GcsError, type GcsMetadata, type GcsObject, type Preconditions } from './gcs-bucket.ts';
import { type HttpAnswer, type HttpRequest, headerOf } from './http.ts';

type Session = {
  bucket: GcsBucket;
  name: string;
  metadata: GcsMetadata;
  preconditions: Preconditions;
  received: Buffer;
};

/** `stored` is answered as the object's resource; an `answer` goes out as it is. */
type UploadResult = { kind: 'stored'; object: GcsObject } | { kind: 'answer'; answer: HttpAnswer };

export type Uploads = {
  begin(request: HttpRequest, bucket: GcsBucket, preconditions: Preconditions, name: string | null): UploadResult;
  resume(request: HttpRequest, uploadId: string): UploadResult;
};

const SentMetadata = z.object({
  name: z.string().optional(),
  contentType: z.string().optional(),
  cacheControl: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
});

export function createUploads(): Uploads {
  const sessions = new Map<string, Session>();
  const ended = new Map<string, GcsObject>();
  let begun = 0;
  return {
    begin(request, bucket, preconditions, name) {
      const kind = request.query.get('uploadType');
      if (kind === 'multipart') {
        const { json, contentType, body } = readParts(request);
        const { sent, metadata } = metadataOf(json, contentType);
        return { kind: 'stored', object: bucket.write(nameOf(name ?? sent.name), body, metadata, preconditions) };
      }
      if (kind !== 'resumable') {
        throw new GcsError(501, 'notImplemented', `The stand-in does not speak uploadType=${kind}`);
      }
      const type = headerOf(request, 'x-upload-content-type') ?? 'application/octet-stream';
      const { sent, metadata } = metadataOf(request.body.toString('utf8') || '{}', type);
      const id = `upload-${++begun}`;
      bucket.check(nameOf(name ?? sent.name), preconditions);
      sessions.set(id, { bucket, name: nameOf(name ?? sent.name), metadata, preconditions, received: Buffer.alloc(0) });
      const location = `http://${headerOf(request, 'host')}/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&upload_id=${id}`;
      return { kind: 'answer', answer: { status: 200, headers: { location } } };
    },
    resume(request, uploadId) {
      const object = ended.get(uploadId);
      if (object) return { kind: 'stored', object };
      const session = sessions.get(uploadId);
      if (!session) throw new GcsError(404, 'notFound', `No such upload session: ${uploadId}`);
      if (!takePiece(session, request)) return { kind: 'answer', answer: incomplete(session) };
      const stored = session.bucket.write(session.name, session.received, session.metadata, session.preconditions);
      sessions.delete(uploadId);
      ended.set(uploadId, stored);
      return { kind: 'stored', object: stored };
    },
  };
}

/** Content-Range is `bytes 0-9/10`, with `*` for what is not known yet, or `bytes *\/10` to ask. True when all bytes are here. */
function takePiece(session: Session, request: HttpRequest): boolean {
  const range = headerOf(request, 'content-range') ?? 'bytes 0-*/*';
  const [, first, last, total] = /^bytes (\*|\d+)(?:-(\*|\d+))?\/(\*|\d+)$/.exec(range) ?? [];
  if (first === undefined) throw new GcsError(400, 'invalid', `Content-Range "${range}" is not a range of bytes`);
  if (first !== '*') {
    if (Number(first) !== session.received.length) {
      throw new GcsError(
        503,
        'backendError',
        `The piece begins at ${first} and ${session.received.length} bytes are here`,
      );
    }
    session.received = Buffer.concat([session.received, request.body]);
  }
  return total === '*' ? last === '*' : session.received.length === Number(total);
}

function incomplete(session: Session): HttpAnswer {
  const length = session.received.length;
  return { status: 308, headers: length === 0 ? {} : { range: `bytes=0-${length - 1}` } };
}

function metadataOf(json: string, contentType: string): { sent: z.infer<typeof SentMetadata>; metadata: GcsMetadata } {
  const sent = SentMetadata.parse(JSON.parse(json));
  return {
    sent,
    metadata: {
      contentType: sent.contentType ?? contentType,
      cacheControl: sent.cacheControl ?? null,
      metadata: sent.metadata ?? {},
      md5Hash: sent.md5Hash ?? null,
      crc32c: sent.crc32c ?? null,
    },
  };
}

function nameOf(name: string | null | undefined): string {
  if (name === null || name === undefined || name === '') throw new GcsError(400, 'required', 'Required: name');
  return name;
}

/** multipart/related: the resource as JSON, then the bytes. */
function readParts(request: HttpRequest): { json: string; contentType: string; body: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(headerOf(request, 'content-type') ?? '')?.[1];
  if (boundary === undefined) throw new GcsError(400, 'badRequest', 'Missing boundary of multipart/related');
  const mark = Buffer.from(`--${boundary}`);
  const second = request.body.indexOf(mark, mark.length);
  const end = request.body.lastIndexOf(Buffer.concat([Buffer.from('\r\n'), mark]));
  if (second < 0 || end <= second) throw new GcsError(400, 'badRequest', 'A multipart upload has two parts');
  const resource = partOf(request.body.subarray(mark.length, second));
  const media = partOf(request.body.subarray(second + mark.length, end));
  const contentType = /content-type:\s*([^\r\n]+)/i.exec(media.head)?.[1] ?? 'application/octet-stream';
  return { json: resource.body.toString('utf8'), contentType, body: media.body };
}

function partOf(bytes: Buffer): { head: string; body: Buffer } {
  const gap = bytes.indexOf('\r\n\r\n');
  if (gap < 0) throw new GcsError(400, 'badRequest', 'A part has no headers');
  return { head: bytes.subarray(0, gap).toString('latin1'), body: bytes.subarray(gap + 4) };
}
