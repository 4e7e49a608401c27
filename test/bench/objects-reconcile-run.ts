// One comparison of two synthetic buckets, in a process of its own whose heap is bounded: prints what it took as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import { type ListedObject, noAttributes, type ObjectVersion } from '../../shared/model/replica.ts';
import type { Alike } from '../../shared/objects/outcome.ts';
import { beginRun } from '../../shared/objects/reconcile/begin-run.ts';
import { carryRun } from '../../shared/objects/reconcile/carry-run.ts';
import type { PairWork } from '../../shared/objects/reconcile/pair-work.ts';
import { surveyRun } from '../../shared/objects/reconcile/survey-run.ts';
import type { ObjectBucket } from '../../shared/ports/object-bucket.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { onlyListed } from '../support/listed-bucket.ts';

const keys = Number(process.argv[2]);
const PAGE = 1000;

const keyOf = (index: number) => `uploads/2026/${String(index).padStart(9, '0')}/picture-of-something.jpg`;

const listed = (key: string, index: number): ListedObject => ({
  key,
  tag: `"${index.toString(16).padStart(32, '0')}"`,
  version: null,
  revision: null,
  sizeBytes: 4096,
  crc32c: null,
  modifiedMillis: 1_764_000_000_000 + index,
  stamp: null,
});

function bucket(name: string): ObjectBucket {
  return {
    ...onlyListed(name),
    async *list() {
      for (let from = 0; from < keys; from += PAGE) {
        const length = Math.min(PAGE, keys - from);
        yield Array.from({ length }, (_, index) => listed(keyOf(from + index), from + index));
      }
    },
  };
}

/** On the disk, so that what is kept is not in the heap that is measured. */
function store(folder: string): ObjectStore {
  const pathOf = (key: string) => join(folder, encodeURIComponent(key));
  let writes = 0;
  return {
    name: 'disk',
    async get(key) {
      try {
        return { body: await readFile(pathOf(key), 'utf8'), version: String(writes) };
      } catch {
        return null;
      }
    },
    async put(key, body) {
      writes += 1;
      await mkdir(dirname(pathOf(key)), { recursive: true });
      await writeFile(pathOf(key), body);
      return { kind: 'written', version: String(writes) };
    },
    list: async () => [],
    remove: async () => undefined,
  };
}

function alike(key: string): Alike {
  const { version: _none, ...known } = listed(
    key,
    Number(key.slice('uploads/2026/'.length, 'uploads/2026/'.length + 9)),
  );
  const version: ObjectVersion = { ...known, version: 'v', revision: 1, md5: null, attributes: noAttributes };
  return { left: version, right: version, origin: { site: 'aws', version: 'v', timeMillis: known.modifiedMillis } };
}

const folder = mkdtempSync(join(tmpdir(), 'causeway-reconcile-'));
try {
  const work: PairWork = {
    pair: {
      name: 'bench',
      buckets: [
        { site: 'aws', bucket: 'left' },
        { site: 'gcp', bucket: 'right' },
      ],
      tiers: [],
    },
    ends: { left: bucket('left'), right: bucket('right') },
    providers: { left: 'aws', right: 'gcp' },
    store: store(folder),
    limits: { everySeconds: 86_400, deleteCap: 1000, deleteCapPercent: 10 },
    makeSync: () => async (key) => ({ kind: 'nothing', alike: alike(key) }),
    concurrency: 16,
    clock: systemClock,
    chance: systemChance,
    owner: 'bench',
  };
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 20);
  const stop = new AbortController().signal;
  const how = { untilSeconds: Number.POSITIVE_INFINITY, stop, progress: () => undefined };
  const timed = async (what: () => Promise<unknown>) => {
    const began = performance.now();
    await what();
    return (performance.now() - began) / 1000;
  };
  const once = async () => {
    const begun = await beginRun(work, { prefix: '', writesTo: ['left', 'right'] }, { fresh: true });
    const result = { surveySeconds: 0, carrySeconds: 0, unchanged: 0, looked: 0, rows: 0 };
    let surveyed = begun.checkpoint;
    result.surveySeconds = await timed(async () => {
      const done = await surveyRun(work, begun, { ...how, found: () => undefined });
      surveyed = done.checkpoint;
      result.unchanged = done.left.unchanged.objects;
    });
    result.carrySeconds = await timed(async () => {
      const carried = await carryRun(work, begun, surveyed, { ...how, forced: false, by: 'bench' });
      result.looked = carried.checkpoint.done.keys;
      result.rows = carried.checkpoint.chunks.reduce((sum, { rows }) => sum + rows, 0);
    });
    return result;
  };
  const first = await once();
  const again = await once();
  clearInterval(watch);
  console.log(JSON.stringify({ keys, first, again, peakBytes }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
