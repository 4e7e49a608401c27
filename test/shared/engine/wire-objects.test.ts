// The functions that replicate objects, as they are wired: over both clouds' wire protocols, with the events of both.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crc32c, crc32cText } from '../../../shared/objects/crc32c.ts';
import type { ObjectBucket } from '../../../shared/ports/object-bucket.ts';
import { startObjectEstate } from './object-estate.ts';

let estate: Awaited<ReturnType<typeof startObjectEstate>>;
beforeAll(async () => {
  estate = await startObjectEstate();
});
afterAll(() => estate?.close());

const attributes = {
  contentType: 'text/plain',
  contentEncoding: null,
  contentDisposition: null,
  contentLanguage: null,
  cacheControl: 'no-cache',
  metadata: { colour: 'blue' },
  tags: { team: 'video' },
  storageClass: 'standard',
} as const;

async function put(bucket: ObjectBucket, key: string, text: string) {
  const bytes = Buffer.from(text);
  const found = await bucket.look(key);
  const condition =
    found.kind === 'present'
      ? ({ kind: 'tag', tag: found.object.tag, revision: found.object.revision } as const)
      : ({ kind: 'absent' } as const);
  return bucket.write({ key, attributes, stamp: null }, bytes, crc32cText(crc32c(bytes)), condition);
}

async function textAt(bucket: ObjectBucket, key: string): Promise<string | null> {
  const found = await bucket.look(key);
  if (found.kind === 'absent') return null;
  const read = await bucket.read(found.object, null);
  if (read.kind === 'gone') return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of read.bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('replicates a critical object both ways on its event, with all that travels beside its bytes', async () => {
  await put(estate.left, 'critical/from aws+1 é.txt', 'left');
  await put(estate.right, 'critical/from gcp.txt', 'right');
  await expect.poll(() => textAt(estate.right, 'critical/from aws+1 é.txt')).toBe('left');
  await expect.poll(() => textAt(estate.left, 'critical/from gcp.txt')).toBe('right');
  expect(await estate.right.look('critical/from aws+1 é.txt')).toMatchObject({
    object: {
      attributes: {
        contentType: 'text/plain',
        cacheControl: 'no-cache',
        metadata: { colour: 'blue' },
        tags: { team: 'video' },
      },
    },
  });
  expect(estate.troubles).toEqual([]);
});

it('carries an overwrite and a deletion over, and nothing comes back', async () => {
  await put(estate.left, 'critical/b', 'one');
  await expect.poll(() => textAt(estate.right, 'critical/b')).toBe('one');
  await put(estate.right, 'critical/b', 'two');
  await expect.poll(() => textAt(estate.left, 'critical/b')).toBe('two');
  const live = await estate.right.look('critical/b');
  if (live.kind === 'present') await estate.right.remove(live.object);
  await expect.poll(() => textAt(estate.left, 'critical/b')).toBe(null);
  await expect.poll(() => estate.queues.get('events')!.counts()).toMatchObject({ visible: 0, inFlight: 0 });
  expect([await textAt(estate.left, 'critical/b'), await textAt(estate.right, 'critical/b')]).toEqual([null, null]);
});

it('buries what it cannot read, and goes on', async () => {
  estate.queues.get('events')!.send('{"no": "event of S3"}');
  await put(estate.left, 'critical/after', 'poison');
  await expect.poll(() => estate.queues.get('dead')!.bodies().length).toBe(1);
  await expect.poll(() => textAt(estate.right, 'critical/after')).toBe('poison');
  expect(estate.queues.get('dead')!.bodies()[0]).toContain('not-understood');
});

it('collects the keys of a window, and leaves them there until it has ended', async () => {
  await estate.aws.tick(20);
  await estate.gcp.tick(20);
  await put(estate.left, 'uploads/a', 'collected');
  await expect.poll(() => estate.queues.get('assets-user_uploads')!.counts()).toMatchObject({ visible: 1 });
  expect(await estate.aws.tick(20)).toMatchObject({ windows: [], trouble: [] });
  expect(await textAt(estate.right, 'uploads/a')).toBe(null);
});

it('compares its pairs when that is due, brings over what no event told of, and does so once', async () => {
  expect(await estate.aws.compare(30)).toMatchObject([{ pair: 'assets', outcome: { kind: 'done' } }]);
  expect(await textAt(estate.right, 'uploads/a')).toBe('collected');
  expect(await estate.aws.compare(30)).toMatchObject([{ outcome: { kind: 'not-due' } }]);
  // The other site answers for no pair.
  expect(await estate.gcp.compare(30)).toEqual([]);
});
