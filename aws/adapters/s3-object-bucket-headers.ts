// The headers of S3's calls, to and from the words that the SDK has for them.

/** What describes an object, and is written as it is read. */
const described = [
  ['ContentType', 'content-type'],
  ['ContentEncoding', 'content-encoding'],
  ['ContentDisposition', 'content-disposition'],
  ['ContentLanguage', 'content-language'],
  ['CacheControl', 'cache-control'],
  ['StorageClass', 'x-amz-storage-class'],
  ['ChecksumCRC32C', 'x-amz-checksum-crc32c'],
] as const;
const asked = [
  ['Tagging', 'x-amz-tagging'],
  ['IfMatch', 'if-match'],
  ['IfNoneMatch', 'if-none-match'],
] as const;
const answered = [
  ['ETag', 'etag'],
  ['VersionId', 'x-amz-version-id'],
  ['ChecksumType', 'x-amz-checksum-type'],
  ['ServerSideEncryption', 'x-amz-server-side-encryption'],
  ['SSECustomerAlgorithm', 'x-amz-server-side-encryption-customer-algorithm'],
] as const;
const metadataPrefix = 'x-amz-meta-';

type Word = (typeof described | typeof asked | typeof answered)[number][0];
export type S3Words = { [word in Word]?: string | undefined } & { Metadata?: Record<string, string> | undefined };
export type S3Answer = S3Words & { ContentLength: number; TagCount: number; LastModified: Date | null };

export function headersOfWords(words: S3Words): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [word, name] of [...described, ...asked]) {
    const value = words[word];
    if (value !== undefined) headers[name] = value;
  }
  for (const [name, value] of Object.entries(words.Metadata ?? {})) headers[`${metadataPrefix}${name}`] = value;
  return headers;
}

export function wordsOfHeaders(headers: Record<string, string>): S3Answer {
  const lastModified = headers['last-modified'];
  const answer: S3Answer = {
    ContentLength: Number(headers['content-length'] ?? 0),
    TagCount: Number(headers['x-amz-tagging-count'] ?? 0),
    LastModified: lastModified === undefined ? null : new Date(lastModified),
    Metadata: {},
  };
  for (const [word, name] of [...described, ...answered]) answer[word] = headers[name];
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = value;
  }
  return { ...answer, Metadata: metadata };
}
