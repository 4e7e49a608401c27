// What travels with an object's bytes, as S3 writes it: headers, metadata, tags, storage classes.
import { type ObjectAttributes, type StorageClass, stampEntry } from '../../shared/model/replica.ts';
import type { NewObject } from '../../shared/ports/object-bucket.ts';

/** What S3 says of an object that was written without a content type. */
const noContentType = 'binary/octet-stream';

type S3Headers = {
  ContentType?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentLanguage?: string | undefined;
  CacheControl?: string | undefined;
  Metadata?: Record<string, string> | undefined;
  StorageClass?: string | undefined;
};

export function attributesOf(
  headers: S3Headers,
  tags: Record<string, string>,
): { attributes: ObjectAttributes; stamp: string | null } {
  const { [stampEntry]: stamp, ...metadata } = headers.Metadata ?? {};
  const decoded = Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), fromMailSafe(value)]);
  const { ContentType: contentType } = headers;
  return {
    stamp: stamp === undefined ? null : fromMailSafe(stamp),
    attributes: {
      contentType: contentType === undefined || contentType === noContentType ? null : contentType,
      contentEncoding: withoutChunking(headers.ContentEncoding),
      contentDisposition: headers.ContentDisposition ?? null,
      contentLanguage: headers.ContentLanguage ?? null,
      cacheControl: headers.CacheControl ?? null,
      metadata: Object.fromEntries(decoded),
      tags,
      storageClass: storageClassOf(headers.StorageClass),
    },
  };
}

/** An ETag is the MD5 of what was written in one request, and not encrypted with a key of the customer's. */
export function md5Of(answer: {
  ETag?: string | undefined;
  ServerSideEncryption?: string | undefined;
  SSECustomerAlgorithm?: string | undefined;
}): string | null {
  const { ETag: tag = '', ServerSideEncryption: encryption = 'AES256', SSECustomerAlgorithm: customers } = answer;
  return encryption === 'AES256' && customers === undefined ? (/^"([0-9a-f]{32})"$/.exec(tag)?.[1] ?? null) : null;
}

/** For PutObject, CreateMultipartUpload and CopyObject alike. An absent header is what S3 calls not set. */
export function headersFor({ attributes, stamp }: NewObject) {
  const { contentEncoding, contentDisposition, contentLanguage, cacheControl } = attributes;
  const metadata = Object.entries(attributes.metadata).map(([name, value]) => [name, toMailSafe(value)]);
  return {
    // Left out, the SDK would say application/octet-stream.
    ContentType: attributes.contentType ?? noContentType,
    ...(contentEncoding === null ? {} : { ContentEncoding: contentEncoding }),
    ...(contentDisposition === null ? {} : { ContentDisposition: contentDisposition }),
    ...(contentLanguage === null ? {} : { ContentLanguage: contentLanguage }),
    ...(cacheControl === null ? {} : { CacheControl: cacheControl }),
    Metadata: {
      ...Object.fromEntries(metadata),
      ...(stamp === null ? {} : { [stampEntry]: toMailSafe(stamp) }),
    },
    ...taggingOf(attributes.tags),
    StorageClass: classNames[attributes.storageClass],
  };
}

function taggingOf(tags: ObjectAttributes['tags']): { Tagging?: string } {
  const text = new URLSearchParams(tags).toString();
  return text === '' ? {} : { Tagging: text };
}

/**
 * The one that is written for each. Cloud Storage's ARCHIVE is read at once; S3's GLACIER must be restored for hours, and a replica that cannot be
 * read after a failover is none: both archive classes of Cloud Storage become the coldest one that answers.
 */
const classNames = {
  standard: 'STANDARD',
  infrequent: 'STANDARD_IA',
  cold: 'GLACIER_IR',
  archive: 'GLACIER_IR',
} as const satisfies Record<StorageClass, string>;

function storageClassOf(name: string | undefined): StorageClass {
  switch (name) {
    case 'STANDARD_IA':
    case 'ONEZONE_IA':
      return 'infrequent';
    case 'GLACIER_IR':
      return 'cold';
    case 'GLACIER':
    case 'DEEP_ARCHIVE':
      return 'archive';
    default:
      return 'standard';
  }
}

/** Some stores keep the word of the transfer with the object. All else stays as it is spelt: the stamp is over it. */
function withoutChunking(encoding: string | undefined): string | null {
  if (encoding === undefined || !encoding.includes('aws-chunked')) return encoding ?? null;
  const kept = encoding.split(',').filter((each) => each.trim() !== 'aws-chunked' && each.trim() !== '');
  return kept.length === 0 ? null : kept.map((each) => each.trim()).join(',');
}

/**
 * Headers are ASCII: S3 stores what RFC 2047 decodes to and gives it back so encoded.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
function toMailSafe(value: string): string {
  const plain = /^[\x20-\x7e]*$/.test(value) && !value.includes('=?');
  return plain ? value : `=?UTF-8?B?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

const encodedWord = /=\?utf-8\?(b|q)\?([^?]*)\?=(?:\s+(?==\?utf-8\?[bq]\?))?/gi;

function fromMailSafe(value: string): string {
  // Words may end within a character, so that bytes are joined before they are decoded.
  return Buffer.concat(piecesOf(value)).toString('utf8');
}

function piecesOf(value: string): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const word of value.matchAll(encodedWord)) {
    const [whole, form = '', text = ''] = word;
    pieces.push(Buffer.from(value.slice(from, word.index), 'utf8'));
    pieces.push(form.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quoted(text));
    from = word.index + whole.length;
  }
  pieces.push(Buffer.from(value.slice(from), 'utf8'));
  return pieces;
}

function quoted(text: string): Buffer {
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
