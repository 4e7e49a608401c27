// The calls of a multipart upload on the wire: create, upload and copy parts, complete, abort.
import { byteRange } from './byte-range.ts';
import { type ChecksumAlgorithm, checksumAlgorithms } from './checksums.ts';
import { type HttpAnswer, type HttpStreamRequest, headerOf, readWhole } from './http-server.ts';
import { type S3Bucket, wholeSeconds } from './s3-bucket.ts';
import { conflict, judgeWrite, writeCondition } from './s3-conditions.ts';
import { checksumHeaders, describedBy, type S3Content } from './s3-content.ts';
import { type CopySource, sourceContent } from './s3-copy-source.ts';
import { assembled, chosenParts, type ListedPart, type Part, type S3Upload, type S3Uploads } from './s3-multipart.ts';
import { versionHeader } from './s3-read.ts';
import { receiveUpload, type Upload } from './s3-upload.ts';
import { bare, element, invalidArgument, invalidRequest, malformedXml, S3Error, xmlAnswer } from './s3-wire.ts';
import { keepOrRelease } from './s3-write.ts';
import { childText, parseXml } from './xml-tree.ts';

export type MultipartWorld = { uploads: S3Uploads; now: () => Date; minimumPartBytes: number };

export function createUpload(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  { uploads, now }: MultipartWorld,
): HttpAnswer {
  const asked = headerOf(request, 'x-amz-checksum-algorithm')?.toLowerCase() ?? null;
  const algorithm = checksumAlgorithms.find((each) => each === asked) ?? null;
  if (asked !== null && algorithm === null) {
    throw invalidRequest('Checksum algorithm provided is unsupported. Please try again with any of the valid types.');
  }
  const upload = uploads.begin({
    bucket,
    key,
    described: describedBy(request, bucket.kmsKeyId),
    algorithm,
    type: typeOf(headerOf(request, 'x-amz-checksum-type'), algorithm),
    initiated: wholeSeconds(now()),
  });
  const parts = [element('Bucket', bucket.name), element('Key', key), element('UploadId', upload.id)];
  const checksum: Record<string, string> =
    algorithm === null
      ? {}
      : { 'x-amz-checksum-algorithm': algorithm.toUpperCase(), 'x-amz-checksum-type': upload.type };
  return xmlAnswer('InitiateMultipartUploadResult', parts, { ...upload.described.encryption, ...checksum });
}

function typeOf(asked: string | null, algorithm: ChecksumAlgorithm | null): S3Upload['type'] {
  const onlyWhole = algorithm === null || algorithm === 'crc64nvme';
  const onlyComposite = algorithm === 'sha1' || algorithm === 'sha256';
  if (asked === null) return onlyWhole ? 'FULL_OBJECT' : 'COMPOSITE';
  if ((asked === 'FULL_OBJECT' && !onlyComposite) || (asked === 'COMPOSITE' && !onlyWhole)) return asked;
  throw invalidRequest(`The ${asked} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
}

export async function uploadPart(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  { uploads, now }: MultipartWorld,
): Promise<HttpAnswer> {
  const upload = uploads.find(bucket, key, request.query.get('uploadId'));
  const number = partNumberOf(request);
  const received = await receiveUpload(request, bucket.bodies, upload.algorithm ?? 'crc64nvme');
  const part = keepPart(uploads, upload, { ...received, number, at: now() });
  const { algorithm, value } = part.checksum;
  return {
    status: 200,
    headers: { etag: `"${part.md5}"`, [`x-amz-checksum-${algorithm}`]: value, ...upload.described.encryption },
  };
}

/** An upload that ended while its part came in, or one of another algorithm, takes no part. */
function keepPart(uploads: S3Uploads, upload: S3Upload, part: Part): Part {
  try {
    uploads.find(upload.bucket, upload.key, upload.id);
    const expected = upload.algorithm;
    if (expected !== null && part.checksum.algorithm !== expected) {
      throw invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${part.checksum.algorithm}`,
      );
    }
  } catch (error) {
    upload.bucket.bodies.release(part.body);
    throw error;
  }
  uploads.add(upload, part);
  return part;
}

export async function uploadPartCopy(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  source: CopySource,
  { uploads, now }: MultipartWorld,
): Promise<HttpAnswer> {
  const upload = uploads.find(bucket, key, request.query.get('uploadId'));
  const number = partNumberOf(request);
  const { content, versionId } = sourceContent(request, source);
  const range = byteRange(headerOf(request, 'x-amz-copy-source-range'), content.body.sizeBytes);
  if (range.kind === 'outside') {
    throw invalidArgument('x-amz-copy-source-range', '', 'Range specified is not valid for source object');
  }
  const whole = range.kind === 'whole';
  const bytes = source.bucket.bodies.read(content.body, whole ? 0 : range.first, whole ? undefined : range.last);
  const copied: Upload = await receiveUpload(
    { ...request, headers: {}, stream: bytes.chunks() },
    bucket.bodies,
    upload.algorithm ?? 'crc64nvme',
  );
  const part = keepPart(uploads, upload, { ...copied, number, at: now() });
  const parts = [element('LastModified', wholeSeconds(part.at).toISOString()), element('ETag', `"${part.md5}"`)];
  return xmlAnswer('CopyPartResult', parts, versionId === null ? {} : { 'x-amz-copy-source-version-id': versionId });
}

function partNumberOf(request: HttpStreamRequest): number {
  const sent = request.query.get('partNumber') ?? '';
  const number = /^\d+$/.test(sent) ? Number(sent) : 0;
  if (number >= 1 && number <= 10_000) return number;
  throw invalidArgument('partNumber', sent, 'Part number must be an integer between 1 and 10000, inclusive');
}

/** The recorded rules of a conditional completion: see `interferedWith`. The upload stays when it is refused. */
export async function completeUpload(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  { uploads, minimumPartBytes }: MultipartWorld,
): Promise<HttpAnswer> {
  const condition = writeCondition(request);
  const listed = listedParts((await readWhole(request.stream)).toString('utf8'));
  const upload = uploads.find(bucket, key, request.query.get('uploadId'));
  const content = assembled(upload, chosenParts(upload, listed, minimumPartBytes));
  try {
    judgeWhole(request, content);
    judgeWrite(key, bucket.current(key), condition);
    if (interferedWith(upload, condition.ifMatch !== null, condition.ifNoneMatch !== null)) {
      throw conflict(key, condition);
    }
  } catch (error) {
    bucket.bodies.release(content.body);
    throw error;
  }
  const stored = await keepOrRelease(bucket, key, content, 'CompleteMultipartUpload', condition);
  uploads.end(upload);
  const { algorithm, value, type } = content.checksum;
  const parts = [
    element('Location', `http://${headerOf(request, 'host') ?? ''}/${bucket.name}/${encodeURIComponent(key)}`),
    element('Bucket', bucket.name),
    element('Key', key),
    element('ETag', content.etag),
    element(`Checksum${algorithm.toUpperCase()}`, value),
    element('ChecksumType', type),
  ];
  return xmlAnswer('CompleteMultipartUploadResult', parts, {
    ...content.encryption,
    ...versionHeader(stored.versionId),
  });
}

/** Any write since the upload began spoils If-Match, though the ETag matches again; a delete spoils either condition. */
function interferedWith(upload: S3Upload, ifMatch: boolean, ifNoneMatch: boolean): boolean {
  const { written, removed } = upload.bucket.changedSince(upload.key, upload.began);
  return (ifMatch && (written || removed)) || (ifNoneMatch && removed);
}

/** What the client says of the whole object: its size, its checksum and the kind of it. */
function judgeWhole(request: HttpStreamRequest, content: S3Content): void {
  const size = headerOf(request, 'x-amz-mp-object-size');
  if (size !== null && size !== String(content.body.sizeBytes)) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${content.body.sizeBytes}`,
    );
  }
  const type = headerOf(request, 'x-amz-checksum-type');
  if (type !== null && type !== content.checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${content.checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const made = checksumHeaders(content);
  for (const algorithm of checksumAlgorithms) {
    const name = `x-amz-checksum-${algorithm}`;
    const given = headerOf(request, name);
    if (given === null || given === made[name]) continue;
    const message = `The ${algorithm} you specified did not match the calculated checksum.`;
    throw new S3Error(400, 'BadDigest', message);
  }
}

function listedParts(xml: string): ListedPart[] {
  const parts = readParts(xml);
  if (parts.length === 0) throw malformedXml();
  return parts;
}

function readParts(xml: string): ListedPart[] {
  if (xml.trim() === '') return [];
  return parseXml(xml)
    .children.filter(({ name }) => name === 'Part')
    .map((part) => ({
      number: Number(childText(part, 'PartNumber')),
      etag: bare(childText(part, 'ETag') ?? ''),
      checksum: part.children.find(({ name }) => name.startsWith('Checksum'))?.text ?? null,
    }));
}

export function abortUpload(
  request: HttpStreamRequest,
  bucket: S3Bucket,
  key: string,
  { uploads }: MultipartWorld,
): HttpAnswer {
  uploads.end(uploads.find(bucket, key, request.query.get('uploadId')));
  return { status: 204 };
}
