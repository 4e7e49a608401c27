// A small text that Causeway keeps in a bucket of a replication: read by one look, changed only on condition.
import { noAttributes } from '../model/replica.ts';
import { BucketUnavailable, type ObjectBucket, type ObjectCondition } from '../ports/object-bucket.ts';
import { crc32c, crc32cText } from './crc32c.ts';

/** The metadata entry that repeats the body, so that a look tells it all and no read is paid for. */
const entry = 'causeway-record';
/** Of S3's 2,048 for all metadata. */
export const maxRecordBytes = 1800;

export type KeptRecord = { text: string; condition: ObjectCondition };

export async function readRecord(bucket: ObjectBucket, key: string): Promise<KeptRecord | null> {
  const look = await bucket.look(key);
  if (look.kind === 'absent') return null;
  const { tag, revision, attributes } = look.object;
  return { text: attributes.metadata[entry] ?? '', condition: { kind: 'tag', tag, revision } };
}

/** The text is the body too: equal bodies have equal ETags, and a condition on one would hold for another record. */
export async function writeRecord(
  bucket: ObjectBucket,
  key: string,
  text: string,
  condition: ObjectCondition,
): Promise<'written' | 'conflict'> {
  const bytes = Buffer.from(text, 'utf8');
  const target = {
    key,
    attributes: { ...noAttributes, contentType: 'application/json', metadata: { [entry]: text } },
    stamp: null,
  };
  const result = await bucket.write(target, bytes, crc32cText(crc32c(bytes)), condition);
  if (result.kind === 'corrupt') {
    throw new BucketUnavailable(bucket.name, 'failed', `the record ${key} was damaged on its way: ${result.because}`);
  }
  return result.kind;
}
