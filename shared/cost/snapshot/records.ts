// Small records of a cost bucket (days, states): read whole, and changed only on condition.
import type * as z from 'zod';
import { canonicalJson } from '../../model/canonical-json.ts';
import { noAttributes } from '../../model/replica.ts';
import type { SiteName } from '../../model/site.ts';
import { crc32c, crc32cText } from '../../objects/crc32c.ts';
import { BucketUnavailable, type ObjectBucket, type ObjectCondition } from '../../ports/object-bucket.ts';
import type { Shelf } from './shelf.ts';

/** A record as a bucket has it; null: none. `condition` is what the next write of it rests on. */
export type Kept<T> = { value: T | null; condition: ObjectCondition };

/** What is kept under a key is not what this version writes there. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  readonly site: SiteName;
  constructor({ site, name }: Pick<Shelf, 'site' | 'name'>, key: string, cause: unknown) {
    super(
      `${name} holds something at ${key} that this version cannot read. If no newer Causeway wrote it, delete it: it is then made anew.`,
      { cause },
    );
    this.site = site;
  }
}

const readings = 3;

export async function readRecord<T>(shelf: Shelf, key: string, schema: z.ZodType<T>): Promise<Kept<T>> {
  const found = await shelf.ask((bucket) => readText(bucket, key));
  if (found === null) return { value: null, condition: { kind: 'absent' } };
  try {
    return { value: schema.parse(JSON.parse(found.text)), condition: found.condition };
  } catch (cause) {
    throw new UnreadableRecord(shelf, key, cause);
  }
}

/** Equal values are equal texts. `conflict`: it is another by now, or by the answer that was lost it is this one: read it again. */
export async function writeRecord(
  shelf: Shelf,
  key: string,
  value: unknown,
  condition: ObjectCondition,
): Promise<'written' | 'conflict'> {
  const bytes = Buffer.from(canonicalJson(value), 'utf8');
  const target = { key, attributes: { ...noAttributes, contentType: 'application/json' }, stamp: null };
  return shelf.ask(async (bucket) => {
    const result = await bucket.write(target, bytes, crc32cText(crc32c(bytes)), condition);
    if (result.kind !== 'corrupt') return result.kind;
    throw new BucketUnavailable(bucket.name, 'failed', `${key} was damaged on its way: ${result.because}`);
  });
}

async function readText(
  bucket: ObjectBucket,
  key: string,
): Promise<{ text: string; condition: ObjectCondition } | null> {
  for (let reading = 1; ; reading += 1) {
    const look = await bucket.look(key);
    if (look.kind === 'absent') return null;
    const { tag, revision } = look.object;
    const read = await bucket.read(look.object, null);
    if (read.kind === 'bytes') return { text: await textOf(read.bytes), condition: { kind: 'tag', tag, revision } };
    if (reading === readings) {
      throw new BucketUnavailable(bucket.name, 'failed', `${key} was replaced at each of ${readings} readings`);
    }
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const held: Uint8Array[] = [];
  for await (const chunk of chunks) held.push(chunk);
  return Buffer.concat(held).toString('utf8');
}
