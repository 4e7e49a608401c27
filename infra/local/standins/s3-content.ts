// What S3 keeps beside an object's bytes: system and user metadata, tags, class and encryption, as headers in and out.
import * as z from 'zod';
import { KeptBody, type StoredBody } from './bodies.ts';
import { checksumAlgorithms } from './checksums.ts';
import { type HttpHead, headerOf } from './http-server.ts';
import { invalidArgument, invalidRequest, S3Error } from './s3-wire.ts';

const Described = z.object({
  /** Content-Type and its like, by header name. */
  system: z.record(z.string(), z.string()),
  /** `x-amz-meta-*` headers, by their full names. */
  metadata: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  storageClass: z.string(),
  /** Headers that say how it is encrypted. */
  encryption: z.record(z.string(), z.string()),
});
export type Described = z.infer<typeof Described>;

const Facts = Described.extend({
  etag: z.string(),
  /** Hexadecimal; null where nobody has hashed the whole body, as with the parts of a multipart upload. */
  md5: z.string().nullable(),
  checksum: z.object({
    algorithm: z.enum(checksumAlgorithms),
    value: z.string(),
    type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
  }),
  /** The sizes of its parts; null when it was not uploaded in parts. */
  partSizesBytes: z.array(z.number()).nullable(),
});

/** A version's content. `lastModified` is in whole seconds, as S3 keeps it. */
export type S3Content = z.infer<typeof Facts> & { body: StoredBody; lastModified: Date };

/** The same as it is kept on disk. */
export const KeptContent = Facts.extend({ body: KeptBody, lastModified: z.iso.datetime() });

const systemNames = [
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
];
const largestMetadataBytes = 2048;
const mostTags = 10;

/** Reads the headers of PutObject, CreateMultipartUpload and CopyObject. `kmsKeyId` is the bucket's default key. */
export function describedBy(request: HttpHead, kmsKeyId: string | null): Described {
  const system: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of systemNames) {
    const value = headerOf(request, name);
    // `aws-chunked` is how the bytes travelled, and no part of the object.
    const kept = name === 'content-encoding' ? value?.replace(/(^|,\s*)aws-chunked(,\s*|$)/, '') : value;
    if (kept) system[name] = kept;
  }
  return {
    system,
    metadata: metadataOf(request),
    tags: tagsOf(headerOf(request, 'x-amz-tagging') ?? ''),
    storageClass: storageClassOf(headerOf(request, 'x-amz-storage-class')),
    encryption: encryptionOf(request, kmsKeyId),
  };
}

function metadataOf(request: HttpHead): Record<string, string> {
  const metadata = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name, String(value)] as const] : [],
  );
  const sizeBytes = metadata.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + Buffer.byteLength(value, 'latin1'),
    0,
  );
  if (sizeBytes > largestMetadataBytes) {
    const message = 'Your metadata headers exceed the maximum allowed metadata size';
    throw new S3Error(400, 'MetadataTooLarge', message, {
      Size: String(sizeBytes),
      MaxSizeAllowed: String(largestMetadataBytes),
    });
  }
  return Object.fromEntries(metadata);
}

/** `a=1&b=2`, form-encoded. */
function tagsOf(sent: string): Record<string, string> {
  return checkTags([...new URLSearchParams(sent)]);
}

export function checkTags(tags: [string, string][]): Record<string, string> {
  if (tags.length > mostTags) {
    throw new S3Error(400, 'BadRequest', `Object tags cannot be greater than ${mostTags}`);
  }
  for (const [name, value] of tags) {
    if (name === '' || name.length > 128)
      throw new S3Error(400, 'InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > 256) throw new S3Error(400, 'InvalidTag', 'The TagValue you have provided is invalid');
  }
  if (new Set(tags.map(([name]) => name)).size < tags.length) {
    throw new S3Error(400, 'InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  return Object.fromEntries(tags);
}

const storageClasses = new Set([
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
]);

function storageClassOf(sent: string | null): string {
  if (sent === null) return 'STANDARD';
  if (storageClasses.has(sent)) return sent;
  throw new S3Error(400, 'InvalidStorageClass', 'The storage class you specified is not valid', {
    StorageClassRequested: sent,
  });
}

const encryptionName = 'x-amz-server-side-encryption';
const kmsKeyName = 'x-amz-server-side-encryption-aws-kms-key-id';

function encryptionOf(request: HttpHead, kmsKeyId: string | null): Record<string, string> {
  const asked = headerOf(request, encryptionName) ?? (kmsKeyId === null ? 'AES256' : 'aws:kms');
  if (asked === 'AES256') return { [encryptionName]: 'AES256' };
  if (asked !== 'aws:kms')
    throw invalidArgument(encryptionName, asked, 'The encryption method specified is not supported');
  const key = headerOf(request, kmsKeyName) ?? kmsKeyId;
  if (key === null) throw invalidRequest('The stand-in has no default KMS key: name one.');
  return { [encryptionName]: 'aws:kms', [kmsKeyName]: key };
}

/** The headers that GetObject and HeadObject say of a version. */
export function headersOf(content: S3Content, versionId: string | null): Record<string, string> {
  const tagCount = Object.keys(content.tags).length;
  return {
    etag: content.etag,
    'last-modified': content.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    ...content.encryption,
    ...content.system,
    ...Object.fromEntries(Object.entries(content.metadata).map(([name, value]) => [name, printable(value)])),
    ...(content.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': content.storageClass }),
    ...(tagCount === 0 ? {} : { 'x-amz-tagging-count': String(tagCount) }),
    ...(versionId === null ? {} : { 'x-amz-version-id': versionId }),
  };
}

export function checksumHeaders(content: S3Content): Record<string, string> {
  const { algorithm, value, type } = content.checksum;
  return { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': type };
}

/**
 * User metadata that is not printable US-ASCII comes back in RFC 2047 encoding, with the bytes of the header taken for Latin-1.
 * Source: "Working with object metadata" of the S3 user guide, which shows it.
 */
function printable(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
