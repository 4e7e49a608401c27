// Making objects of Cloud Storage from others: compose, rewrite and copy; and changing what is said of them: patch and update.
import * as z from 'zod';
import { joinBodies, type StoredBody } from './bodies.ts';
import { combineChecksums } from './checksums.ts';
import type { GcsBucket, NewObject } from './gcs-bucket.ts';
import { changedBy, describedBy, type GcsObject, readResource, SentResource } from './gcs-object.ts';
import { resourceOf } from './gcs-resource.ts';
import { GcsError, judge, preconditionsOf } from './gcs-wire.ts';
import { type HttpStreamRequest, readWhole } from './http-server.ts';

const ComposeRequest = z.object({
  destination: SentResource.optional(),
  sourceObjects: z
    .array(
      z.object({
        name: z.string(),
        generation: z.union([z.string(), z.number()]).optional(),
        objectPreconditions: z.object({ ifGenerationMatch: z.union([z.string(), z.number()]).optional() }).optional(),
      }),
    )
    .default([]),
});

const mostSources = 32;
const noPreconditions = {
  generationMatch: null,
  generationNotMatch: null,
  metagenerationMatch: null,
  metagenerationNotMatch: null,
};

/** Up to 32 objects of a bucket, one after the other, as one. It has no MD5: nobody reads its bytes in one go. */
export async function compose(request: HttpStreamRequest, bucket: GcsBucket, name: string): Promise<GcsObject> {
  const parsed = ComposeRequest.safeParse(JSON.parse((await readWhole(request.stream)).toString('utf8')));
  if (!parsed.success) throw new GcsError(400, 'invalid', z.prettifyError(parsed.error));
  const { sourceObjects, destination } = parsed.data;
  if (sourceObjects.length === 0)
    throw new GcsError(400, 'required', 'You must provide at least one source component.');
  if (sourceObjects.length > mostSources) {
    throw new GcsError(
      400,
      'invalid',
      `The number of source components provided (${sourceObjects.length}) exceeds the maximum (${mostSources})`,
    );
  }
  const sources = sourceObjects.map(({ name: source, generation, objectPreconditions }) => {
    const found = bucket.read(source, generation === undefined ? null : String(generation), noPreconditions);
    const match = objectPreconditions?.ifGenerationMatch;
    judge(found, { ...noPreconditions, generationMatch: match === undefined ? null : String(match) });
    return found;
  });
  const pieces = sources.map(({ crc32c, body }) => ({ value: crc32c, sizeBytes: body.sizeBytes }));
  const made: NewObject = {
    body: bucket.bodies.retain(joinBodies(sources.map(({ body }) => body))),
    described: describedBy(destination ?? {}, 'application/octet-stream'),
    crc32c: combineChecksums('crc32c', pieces) ?? '',
    md5Hash: null,
    componentCount: sources.reduce((sum, { componentCount }) => sum + (componentCount ?? 1), 0),
  };
  return bucket.write(name, made, preconditionsOf(request));
}

export type CopyTarget = { bucket: GcsBucket; name: string };

export type Copies = {
  /** Large ones take several calls: each but the last answers with a token for the next. */
  rewrite(request: HttpStreamRequest, source: CopyTarget, target: CopyTarget): Promise<unknown>;
  copy(request: HttpStreamRequest, source: CopyTarget, target: CopyTarget): Promise<GcsObject>;
};

/** `bytesPerCall`: what one call of rewrite gets done. */
export function createCopies(bytesPerCall: number): Copies {
  const underway = new Map<string, { source: string; doneBytes: number }>();
  let begun = 0;
  return {
    async rewrite(request, source, target) {
      const { from, made } = await copied(request, source, target);
      const token = request.query.get('rewriteToken');
      const sourceId = `${source.bucket.name}/${from.name}/${from.generation}`;
      const before = token === null ? { source: sourceId, doneBytes: 0 } : underway.get(token);
      if (before?.source !== sourceId) {
        throw new GcsError(400, 'invalid', 'The rewrite token is of another rewrite, or its source has changed.');
      }
      const size = from.body.sizeBytes;
      const doneBytes = Math.min(size, before.doneBytes + bytesPerCall);
      const progress = {
        kind: 'storage#rewriteResponse',
        objectSize: String(size),
        totalBytesRewritten: String(doneBytes),
      };
      if (doneBytes < size) {
        target.bucket.check(target.name, preconditionsOf(request));
        const rewriteToken = token ?? `rewrite-${++begun}`;
        underway.set(rewriteToken, { source: sourceId, doneBytes });
        return { ...progress, done: false, rewriteToken };
      }
      if (token !== null) underway.delete(token);
      const object = await store(made, source, target, request);
      return { ...progress, done: true, resource: resourceOf(target.bucket.name, object) };
    },
    async copy(request, source, target) {
      const { made } = await copied(request, source, target);
      return store(made, source, target, request);
    },
  };
}

/** What the copy will be: the source's metadata, or those of the request when it brings any. */
async function copied(
  request: HttpStreamRequest,
  source: CopyTarget,
  target: CopyTarget,
): Promise<{ from: GcsObject; made: NewObject }> {
  const json = (await readWhole(request.stream)).toString('utf8');
  const from = source.bucket.read(source.name, request.query.get('sourceGeneration'), noPreconditions);
  judge(from, preconditionsOf(request, 'ifSource'));
  target.bucket.check(target.name, preconditionsOf(request));
  const sent = readResource(json);
  const { body, crc32c, md5Hash, componentCount } = from;
  const described = Object.keys(sent).length === 0 ? from.described : describedBy(sent, from.described.contentType);
  return { from, made: { body, crc32c, md5Hash, componentCount, described } };
}

async function store(
  made: NewObject,
  source: CopyTarget,
  target: CopyTarget,
  request: HttpStreamRequest,
): Promise<GcsObject> {
  const body = await bodyFor(target.bucket, source.bucket, made.body);
  return target.bucket.write(target.name, { ...made, body }, preconditionsOf(request));
}

/** Within a bucket the bytes are shared; another bucket keeps its own. */
async function bodyFor(bucket: GcsBucket, source: GcsBucket, body: StoredBody): Promise<StoredBody> {
  if (source === bucket) return bucket.bodies.retain(body);
  return bucket.bodies.receive(source.bodies.read(body).chunks(), () => {});
}

/** PATCH merges, PUT puts the whole in the place of what was said before. */
export async function describe(request: HttpStreamRequest, bucket: GcsBucket, name: string): Promise<GcsObject> {
  const sent = readResource((await readWhole(request.stream)).toString('utf8'));
  return bucket.describe(
    name,
    request.query.get('generation'),
    (before) =>
      request.method === 'PATCH'
        ? changedBy(before, sent)
        : { ...describedBy(sent, 'application/octet-stream'), storageClass: before.storageClass },
    preconditionsOf(request),
  );
}
