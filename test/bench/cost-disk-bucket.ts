// A bucket on the disk, so that what is kept is not in the memory that is measured: as much of one as snapshots of costs use.
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noAttributes, type ObjectVersion } from '../../shared/model/replica.ts';
import type { ObjectBucket, ObjectWriteResult, UploadRef } from '../../shared/ports/object-bucket.ts';
import { onlyListed } from '../support/listed-bucket.ts';

export async function createDiskBucket(name: string, folder: string): Promise<ObjectBucket> {
  await mkdir(folder, { recursive: true });
  const pathOf = (key: string) => join(folder, encodeURIComponent(key));
  const partOf = (upload: UploadRef) => pathOf(`${upload.key}.parts`);
  let writes = 0;
  const tags = new Map<string, string>();

  async function versionOf(key: string): Promise<ObjectVersion | null> {
    const tag = tags.get(key);
    if (tag === undefined) return null;
    const { size: sizeBytes, mtimeMs } = await stat(pathOf(key));
    const sums = { crc32c: null, md5: null, stamp: null };
    return {
      key,
      version: tag,
      tag,
      revision: 1,
      sizeBytes,
      modifiedMillis: mtimeMs,
      attributes: noAttributes,
      ...sums,
    };
  }

  async function written(key: string): Promise<ObjectWriteResult> {
    writes += 1;
    tags.set(key, String(writes));
    const object = await versionOf(key);
    if (!object) throw new Error(`${key} is gone`);
    return { kind: 'written', object };
  }

  return {
    ...onlyListed(name),
    async look(key) {
      const object = await versionOf(key);
      return object ? { kind: 'present', object } : { kind: 'absent', deleted: 'unknown' };
    },
    read: async ({ key }) => ({ kind: 'bytes', bytes: createReadStream(pathOf(key)) }),
    async write({ key }, bytes, _sum, condition) {
      if ((tags.get(key) ?? null) !== (condition.kind === 'tag' ? condition.tag : null)) return { kind: 'conflict' };
      await writeFile(pathOf(key), bytes);
      return written(key);
    },
    async begin({ key }, id) {
      await writeFile(partOf({ id, key }), '');
      return { id, key };
    },
    async writePart(upload, number, sizeBytes, bytes, sum) {
      const file = await open(partOf(upload), 'a');
      for await (const chunk of bytes) await file.write(chunk);
      await file.close();
      return { kind: 'written', part: { number, sizeBytes, crc32c: sum(), tag: String(number) } };
    },
    async complete(upload, { key }) {
      await copyFile(partOf(upload), pathOf(key));
      await rm(partOf(upload));
      return written(key);
    },
    abort: (upload) => rm(partOf(upload), { force: true }),
    async keepAside({ key }, to) {
      await copyFile(pathOf(key), pathOf(to));
      await written(to);
      return { kind: 'kept' };
    },
    async remove({ key }) {
      tags.delete(key);
      await rm(pathOf(key), { force: true });
      return { kind: 'removed' };
    },
    async *list(prefix) {
      const keys = (await readdir(folder)).map(decodeURIComponent).filter((key) => key.startsWith(prefix));
      if (keys.length > 0) throw new Error(`${keys.length} drafts were left behind`);
    },
  };
}
