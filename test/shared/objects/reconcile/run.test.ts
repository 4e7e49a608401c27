// A pair's run from its first back-fill on: what it does, what it refuses, where it goes on, and what it costs when nothing happened.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBaseline, readBaseline } from '../../../../shared/objects/reconcile/baseline.ts';
import { beginRun, UnderWay } from '../../../../shared/objects/reconcile/begin-run.ts';
import { carryRun } from '../../../../shared/objects/reconcile/carry-run.ts';
import { readState, type Scope } from '../../../../shared/objects/reconcile/checkpoint.ts';
import { reconcileWhenDue } from '../../../../shared/objects/reconcile/scheduled.ts';
import { surveyRun } from '../../../../shared/objects/reconcile/survey-run.ts';
import { workIn } from '../../../../shared/objects/reconcile/tally.ts';
import { createWorld, type World } from './shelves.ts';

const WHOLE: Scope = { prefix: '', writesTo: ['left', 'right'] };
const never = new AbortController().signal;
const quiet = { untilSeconds: Number.POSITIVE_INFINITY, stop: never, progress: () => undefined };

async function survey(world: World, scope = WHOLE) {
  const work = world.work('survey');
  const begun = await beginRun(work, scope, { fresh: true });
  return surveyRun(work, begun, { ...quiet, found: () => undefined });
}

async function run(world: World, { scope = WHOLE, forced = false, fresh = false } = {}) {
  const work = world.work('operator');
  const begun = await beginRun(work, scope, { fresh });
  const surveyed = await surveyRun(work, begun, { ...quiet, found: () => undefined });
  world.synced.length = 0;
  const carried = await carryRun(work, begun, surveyed.checkpoint, { ...quiet, forced, by: 'ada' });
  return { surveyed, carried, notes: begun.notes };
}

async function baselineKeys(world: World): Promise<string[]> {
  const found = await findBaseline(world.store, 'assets');
  const keys: string[] = [];
  if (!found) return keys;
  for await (const rows of readBaseline(world.store, found.pointer, { prefix: '', startAfter: null })) {
    keys.push(...rows.map(({ key }) => key));
  }
  return keys;
}

function fill(world: World, count = 40): void {
  for (let index = 0; index < count; index += 1) {
    const key = `uploads/${String(index).padStart(4, '0')}`;
    if (index % 3 !== 1) world.put('left', key, 100 + index, 1000 + index);
    if (index % 3 === 1) world.put('right', key, 100 + index, 1000 + index);
  }
}

describe('a new pair', () => {
  test('is back-filled both ways, and both sides are equal', async () => {
    const world = createWorld();
    fill(world);
    const { surveyed, carried } = await run(world);
    expect(surveyed.refusals).toEqual([]);
    expect(workIn(surveyed.left)).toEqual({
      keys: 40,
      bytes: carried.checkpoint.done.copied.left.bytes + carried.checkpoint.done.copied.right.bytes,
    });
    expect(carried).toMatchObject({ ended: true, because: null, baseline: 'published' });
    expect([...world.shelves.left.keys()].sort()).toEqual([...world.shelves.right.keys()].sort());
    expect(await baselineKeys(world)).toHaveLength(40);
  });

  test('is not asked about again while nothing changes: two listings, and no key is looked at', async () => {
    const world = createWorld();
    fill(world);
    await run(world);
    const { surveyed, carried } = await run(world);
    expect(world.synced).toEqual([]);
    expect(surveyed.left.unchanged.objects).toBe(40);
    expect(carried.checkpoint.done.keys).toBe(0);
    expect(await baselineKeys(world)).toHaveLength(40);
  });
});

describe('an agreed pair', () => {
  test('carries deletes of either side over, and forgets what both deleted', async () => {
    const world = createWorld();
    fill(world);
    await run(world);
    world.shelves.left.delete('uploads/0000');
    world.shelves.right.delete('uploads/0001');
    for (const side of ['left', 'right'] as const) world.shelves[side].delete('uploads/0002');
    const { carried } = await run(world);
    expect(carried.checkpoint.done.removed).toEqual({ left: 1, right: 1 });
    expect(world.shelves.left.size).toBe(37);
    expect(world.shelves.right.size).toBe(37);
    expect(await baselineKeys(world)).toHaveLength(37);
  });

  test('keeps what was written after the delete', async () => {
    const world = createWorld();
    fill(world);
    await run(world);
    world.shelves.left.delete('uploads/0000');
    world.put('right', 'uploads/0000', 7, 9_000);
    await run(world);
    expect(world.shelves.left.get('uploads/0000')?.size).toBe(7);
  });

  test('refuses an emptied bucket, and does as it is told when it is forced', async () => {
    const world = createWorld();
    fill(world, 8);
    await run(world);
    world.shelves.right.clear();
    const { refusals } = await survey(world);
    expect(refusals.map(({ rule }) => rule)).toEqual(['empty-listing']);
    const { carried } = await run(world, { forced: true });
    expect(carried.checkpoint).toMatchObject({ forced: true, done: { removed: { left: 8, right: 0 } } });
    expect(world.shelves.left.size).toBe(0);
  });

  test('never deletes more than the limit, whatever was counted before', async () => {
    const world = createWorld();
    fill(world, 60);
    await run(world);
    const work = world.work('operator');
    const begun = await beginRun(work, WHOLE, { fresh: true });
    const surveyed = await surveyRun(work, begun, { ...quiet, found: () => undefined });
    expect(surveyed.refusals).toEqual([]);
    // Between the count and the work somebody empties half of a bucket.
    for (let index = 0; index < 30; index += 1) world.shelves.left.delete(`uploads/${String(index).padStart(4, '0')}`);
    const carried = await carryRun(work, begun, surveyed.checkpoint, { ...quiet, forced: false, by: 'ada' });
    expect(carried.checkpoint.done).toMatchObject({ removed: { left: 0, right: 10 }, withheld: 20 });
    expect(world.shelves.right.size).toBe(50);
    // What was not deleted keeps its row, so that the death is not forgotten.
    expect(await baselineKeys(world)).toHaveLength(50);
  });
});

describe('a run in one direction', () => {
  test('writes to one side alone, and the other way stays to be done', async () => {
    const world = createWorld();
    fill(world);
    const toRight: Scope = { prefix: '', writesTo: ['right'] };
    const { surveyed, carried } = await run(world, { scope: toRight });
    expect(surveyed.left.withheld).toBe(13);
    expect(carried.checkpoint.done.copied).toMatchObject({ left: { objects: 0 }, right: { objects: 27 } });
    expect(world.shelves.right.size).toBe(40);
    expect(world.shelves.left.size).toBe(27);
    expect(workIn((await survey(world)).left).keys).toBe(13);
  });
});

describe('a run below a prefix', () => {
  test('touches nothing else, and leaves the baseline of the whole pair', async () => {
    const world = createWorld();
    fill(world);
    await run(world);
    world.put('left', 'logs/a', 5, 5000);
    world.put('left', 'uploads/new', 5, 5000);
    const { carried } = await run(world, { scope: { prefix: 'logs/', writesTo: ['left', 'right'] } });
    expect(world.synced).toEqual(['logs/a']);
    expect(carried.baseline).toBe('kept');
    expect(await baselineKeys(world)).toHaveLength(40);
    expect((await readState(world.store, 'assets')).state.completeAt).not.toBeNull();
  });
});

describe('keys that cannot be done', () => {
  test('are told with their reasons, keep their row, and do not stop the others', async () => {
    const world = createWorld();
    fill(world);
    await run(world);
    world.put('left', 'uploads/0000', 999, 9000);
    world.put('left', 'uploads/0003', 999, 9000);
    world.outcomes.set('uploads/0000', { kind: 'refused', reason: 'too-large', because: 'it is larger than 5 TiB' });
    const { carried } = await run(world);
    expect(carried.checkpoint.done).toMatchObject({
      refused: { 'too-large': 1 },
      copied: { right: { objects: 1 } },
      troubles: [{ key: 'uploads/0000', because: 'it is larger than 5 TiB' }],
    });
    expect(await baselineKeys(world)).toContain('uploads/0000');
  });

  test('end the run when a bucket does not answer for any of them, and the next goes on', async () => {
    const world = createWorld();
    fill(world, 100);
    for (let index = 0; index < 100; index += 1) {
      const key = `uploads/${String(index).padStart(4, '0')}`;
      world.outcomes.set(key, {
        kind: 'failed',
        reason: 'time-out',
        because: 'it did not answer',
        bucket: 'right-bucket',
      });
    }
    const { carried } = await run(world);
    expect(carried).toMatchObject({
      ended: false,
      because: '20 keys in a row failed, the last one because it did not answer',
    });
    expect(world.synced.length).toBeLessThan(30);
    world.outcomes.clear();
    const { carried: after, notes } = await run(world);
    expect(notes).toEqual([expect.stringContaining('goes on with what was begun')]);
    expect(after.ended).toBe(true);
  });
});

describe('the schedule', () => {
  test('runs when it is due, and not again before', async () => {
    const world = createWorld();
    fill(world);
    const work = world.work('tick');
    expect((await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never)).kind).toBe('done');
    world.pass(86_000);
    expect((await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never)).kind).toBe('not-due');
    world.pass(500);
    expect((await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never)).kind).toBe('done');
  });

  test('writes down why it refused, and is asked again when it is due', async () => {
    const world = createWorld();
    fill(world);
    const work = world.work('tick');
    await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never);
    world.shelves.right.clear();
    world.pass(90_000);
    expect((await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never)).kind).toBe('refused');
    expect(world.shelves.left.size).toBe(40);
    const { state } = await readState(world.store, 'assets');
    expect(state).toMatchObject({
      open: null,
      last: { outcome: 'refused', because: expect.stringContaining('lists nothing') },
    });
    expect((await reconcileWhenDue(work, Number.POSITIVE_INFINITY, never)).kind).toBe('not-due');
  });

  test('lets a run alone that another process works on, until that has been silent for long', async () => {
    const world = createWorld();
    fill(world);
    await reconcileWhenDue(world.work('one'), world.clock.elapsedSeconds(), never);
    expect((await readState(world.store, 'assets')).state.open).not.toBeNull();
    expect(await reconcileWhenDue(world.work('two'), Number.POSITIVE_INFINITY, never)).toMatchObject({
      kind: 'under-way',
    });
    await expect(beginRun(world.work('two'), WHOLE, { fresh: true })).rejects.toThrow(UnderWay);
    world.pass(200);
    expect((await reconcileWhenDue(world.work('two'), Number.POSITIVE_INFINITY, never)).kind).toBe('done');
  });

  test('stopped anywhere, any number of times, it ends as if it had never been stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }), async (patience) => {
        const world = createWorld();
        fill(world);
        world.pass(100_000);
        for (const keys of patience) {
          const stop = new AbortController();
          const work = world.work(`tick-${world.synced.length}`);
          let left = keys;
          const makeSync: typeof work.makeSync = (ends) => {
            const sync = work.makeSync(ends);
            return (key, about) => {
              left -= 1;
              if (left <= 0) stop.abort();
              return sync(key, about);
            };
          };
          await reconcileWhenDue({ ...work, makeSync }, Number.POSITIVE_INFINITY, stop.signal);
          world.pass(200);
        }
        const last = await reconcileWhenDue(world.work('last'), Number.POSITIVE_INFINITY, never);
        expect(['done', 'not-due']).toContain(last.kind);
        expect([...world.shelves.left.keys()].sort()).toEqual([...world.shelves.right.keys()].sort());
        expect(world.shelves.left.size).toBe(40);
        // Each key was done once, and the baseline has each once, in order.
        expect(new Set(world.synced).size).toBe(world.synced.length);
        const keys = await baselineKeys(world);
        expect(keys).toEqual([...world.shelves.left.keys()].sort());
        const chunks = [...world.stored.objects.keys()].filter((key) => key.endsWith('.b64'));
        const pointer = await findBaseline(world.store, 'assets');
        expect(chunks.sort()).toEqual((pointer?.pointer.chunks ?? []).map(({ key }) => key).sort());
      }),
      { numRuns: 40 },
    );
  });
});
