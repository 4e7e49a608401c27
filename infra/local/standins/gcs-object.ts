// What Cloud Storage keeps of an object: its bytes, the hashes of them, and the metadata that clients set.
import * as z from 'zod';
import { KeptBody, type StoredBody } from './bodies.ts';
import { GcsError } from './gcs-wire.ts';

const Text = z.string().nullable();

/** What clients may say of an object; null: nothing. */
const Described = z.object({
  contentType: z.string(),
  contentEncoding: Text,
  contentDisposition: Text,
  contentLanguage: Text,
  cacheControl: Text,
  customTime: Text,
  metadata: z.record(z.string(), z.string()),
  storageClass: z.string(),
});
export type Described = z.infer<typeof Described>;

const Facts = z.object({
  name: z.string(),
  metageneration: z.number(),
  described: Described,
  kmsKeyName: Text,
  /** Of a composite: how many objects it is made of. */
  componentCount: z.number().nullable(),
  md5Hash: Text,
  crc32c: z.string(),
});

export type GcsObject = z.infer<typeof Facts> & {
  body: StoredBody;
  /** Microseconds since 1970, moved on where two writes would share it: unique in the bucket and rising. */
  generation: bigint;
  created: Date;
  updated: Date;
  /** Null while it is live. */
  left: { as: 'noncurrent' | 'soft-deleted'; at: Date } | null;
};

/** The same as it is kept on disk, when it was stored. */
export const KeptObject = Facts.extend({
  body: KeptBody,
  generation: z.string(),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
});

/** The resource that a client sends: with an upload, a copy, a composition or a change. Null takes a value away. */
export const SentResource = z.object({
  name: z.string().optional(),
  contentType: Text.optional(),
  contentEncoding: Text.optional(),
  contentDisposition: Text.optional(),
  contentLanguage: Text.optional(),
  cacheControl: Text.optional(),
  customTime: Text.optional(),
  metadata: z.record(z.string(), Text).nullable().optional(),
  storageClass: z.string().optional(),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
});
export type SentResource = z.infer<typeof SentResource>;

export function readResource(json: string): SentResource {
  const parsed = SentResource.safeParse(json.trim() === '' ? {} : parseJson(json));
  if (parsed.success) return parsed.data;
  throw new GcsError(400, 'invalid', `Invalid value in the object resource: ${z.prettifyError(parsed.error)}`);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // What is no JSON is the client's fault, and is told as such.
    throw new GcsError(400, 'parseError', 'Parse Error');
  }
}

const storageClasses = new Set([
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
]);

/** A new object's metadata; `contentType` is what the upload's own headers say, for a resource that says nothing. */
export function describedBy(sent: SentResource, contentType: string): Described {
  const blank: Described = {
    contentType,
    contentEncoding: null,
    contentDisposition: null,
    contentLanguage: null,
    cacheControl: null,
    customTime: null,
    metadata: {},
    storageClass: 'STANDARD',
  };
  return changedBy(blank, sent);
}

/** What a patch leaves: values that it does not name stay, null takes away, user metadata is merged by its keys. */
export function changedBy(before: Described, sent: SentResource): Described {
  const storageClass = sent.storageClass ?? before.storageClass;
  if (!storageClasses.has(storageClass)) throw new GcsError(400, 'invalid', `Invalid storage class ${storageClass}`);
  const merged = sent.metadata === null ? {} : { ...before.metadata, ...sent.metadata };
  const metadata = Object.fromEntries(
    Object.entries(merged).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
  );
  const sizeBytes = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (sizeBytes > largestMetadataBytes) {
    throw new GcsError(
      400,
      'invalid',
      `The custom metadata are ${sizeBytes} bytes; at most ${largestMetadataBytes} may be set.`,
    );
  }
  const text = (name: 'contentEncoding' | 'contentDisposition' | 'contentLanguage' | 'cacheControl' | 'customTime') => {
    const value = sent[name];
    return value === undefined ? before[name] : value || null;
  };
  return {
    contentType: sent.contentType === undefined ? before.contentType : (sent.contentType ?? 'application/octet-stream'),
    contentEncoding: text('contentEncoding'),
    contentDisposition: text('contentDisposition'),
    contentLanguage: text('contentLanguage'),
    cacheControl: text('cacheControl'),
    customTime: text('customTime'),
    metadata,
    storageClass,
  };
}

const largestMetadataBytes = 8192;

/** Source: "About Cloud Storage objects", object name requirements. */
export function checkName(name: string | null | undefined): string {
  if (name === null || name === undefined || name === '') throw new GcsError(400, 'required', 'Required');
  const isBad =
    Buffer.byteLength(name) > 1024 ||
    /[\r\n]/.test(name) ||
    name === '.' ||
    name === '..' ||
    name.startsWith('.well-known/acme-challenge/');
  if (isBad) throw new GcsError(400, 'invalid', `Invalid object name: '${name.slice(0, 100)}'`);
  return name;
}
