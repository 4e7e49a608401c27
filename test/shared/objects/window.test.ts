// The tick: windows that have ended, copies that were not finished, and keys that are tried again.
import { expect, it } from 'vitest';
import { tick } from '../../../shared/objects/window.ts';
import { createWindowMarks } from '../../../shared/objects/window-marks.ts';
import { createFakeBucket, createFakeObjectStore } from '../../support/fake-object-store.ts';
import { copied, createFlowWorld, failing, queued } from './flow-world.ts';

function createTickWorld() {
  const world = createFlowWorld();
  const bucket = createFakeBucket('content');
  const store = createFakeObjectStore({ name: 'state', bucket, clock: world.clock, faults: () => null });
  const heard = (tier: string, key: string, deletedMillis: number | null = null) =>
    world.window(tier).push([queued(key, world.clock.now().getTime(), { deletedMillis })], { delaySeconds: 0 });
  const marks = createWindowMarks(store, 'aws');
  const ticks = () => tick({ ...world, marks }, world.clock.elapsedSeconds() + 100);
  return { ...world, world, bucket, marks, heard, ticks };
}

it('copies a key that was written fifty times once, when its window has ended', async () => {
  const { heard, ticks, keys, clock, window } = createTickWorld();
  await ticks();
  clock.advance(10);
  for (let time = 0; time < 50; time++) await heard('uploads', 'uploads/a');
  await ticks();
  expect(keys()).toEqual([]);
  clock.advance(300);
  expect(await ticks()).toMatchObject({ keys: 1, trouble: [] });
  expect(keys()).toEqual(['uploads/a']);
  expect(window('uploads').waiting()).toEqual([]);
});

it('tells of a deletion that the window was left with, whichever of its events is taken first', async () => {
  const { heard, ticks, tasks, clock } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  const deletedMillis = clock.now().getTime() + 1000;
  await heard('uploads', 'uploads/a', deletedMillis);
  await heard('uploads', 'uploads/b');
  clock.advance(301);
  expect(await ticks()).toMatchObject({ keys: 2 });
  const hint = { bucket: 'left', key: 'uploads/a', kind: 'deleted', timeMillis: deletedMillis };
  expect(tasks).toMatchObject([
    { key: 'uploads/a', heard: { site: 'aws', hint } },
    { key: 'uploads/b', heard: null },
  ]);
});

it('makes up for ticks that never came, and does a window once whoever ticks', async () => {
  const { heard, ticks, keys, clock } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  clock.advance(3 * 300 + 7);
  await ticks();
  await heard('uploads', 'uploads/b');
  await ticks();
  expect(keys()).toEqual(['uploads/a']);
});

it('leaves what is heard while a window is done to the next one', async () => {
  const { world, heard, ticks, keys, clock, window } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  clock.advance(301);
  world.answer = async () => {
    await heard('uploads', 'uploads/b');
    return copied;
  };
  await ticks();
  expect(keys()).toEqual(['uploads/a']);
  expect(window('uploads').waiting()).toHaveLength(1);
});

it('keeps the pace of each tier', async () => {
  const { heard, ticks, keys, clock } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  await heard('logs', 'logs/a');
  clock.advance(305);
  await ticks();
  expect(keys()).toEqual(['uploads/a']);
  clock.advance(3600);
  await ticks();
  expect(keys()).toEqual(['uploads/a', 'logs/a']);
});

it('goes on with unfinished copies at every tick, and queues again what is not done by its end', async () => {
  const { world, again, ticks, keys, clock } = createTickWorld();
  await again.push([queued('critical/5GiB', clock.now().getTime())], { delaySeconds: 0 });
  world.answer = async () => {
    clock.advance(98);
    return { kind: 'unfinished' };
  };
  expect(await ticks()).toMatchObject({ early: true });
  expect(again.waiting()).toHaveLength(1);
  world.answer = async () => copied;
  await ticks();
  expect(keys()).toEqual(['critical/5GiB', 'critical/5GiB']);
  expect(again.waiting()).toEqual([]);
});

it('tries a key of a window again soon, and not only in the next window', async () => {
  const { world, heard, ticks, again, clock, window } = createTickWorld();
  await ticks();
  await heard('logs', 'logs/a');
  clock.advance(3601);
  world.answer = async () => failing('right');
  await ticks();
  expect(window('logs').waiting()).toEqual([]);
  expect(again.waiting()).toMatchObject([{ key: 'logs/a' }]);
  world.answer = async () => copied;
  clock.advance(60);
  await ticks();
  expect(again.waiting()).toEqual([]);
});

it('gives a key up when it has failed for hours, and counts no time that it waited for its turn', async () => {
  const { world, again, ticks, letters, clock } = createTickWorld();
  await again.push([queued('logs/a', clock.now().getTime())], { delaySeconds: 0 });
  world.answer = async () => failing(null);
  clock.advance(24 * 3600);
  const beganSeconds = clock.elapsedSeconds();
  while (letters.length === 0) {
    await ticks();
    clock.advance(60);
  }
  const failedSeconds = clock.elapsedSeconds() - beganSeconds;
  expect(failedSeconds).toBeGreaterThan(6 * 3600);
  expect(failedSeconds).toBeLessThan(8 * 3600);
  expect(world.tasks.length).toBeLessThan(120);
  expect(letters).toMatchObject([{ reason: 'given-up', what: 'assets/logs/a' }]);
  expect(again.waiting()).toEqual([]);
});

it('gives up nothing whose turn has not come in hours', async () => {
  const { world, again, ticks, letters, clock } = createTickWorld();
  const keys = ['logs/a', 'logs/b', 'logs/c', 'logs/d', 'logs/e'];
  const waiting = keys.map((key) => queued(key, clock.now().getTime(), { failedSeconds: 5 * 3600 }));
  await again.push(waiting, { delaySeconds: 0 });
  clock.advance(9 * 3600);
  world.answer = async () => {
    clock.advance(99);
    return copied;
  };
  await ticks();
  expect(letters).toEqual([]);
  expect(again.waiting().map(({ key }) => key)).toEqual(keys.slice(1));
});

it('ends a copy that is never finished in a dead letter, after days', async () => {
  const { world, again, ticks, letters, clock } = createTickWorld();
  await again.push([queued('critical/5TiB', clock.now().getTime())], { delaySeconds: 0 });
  world.answer = async () => {
    clock.advance(100);
    return { kind: 'unfinished' };
  };
  clock.advance(6 * 86_400);
  await ticks();
  expect(again.waiting()).toHaveLength(1);
  clock.advance(86_400);
  await ticks();
  expect(letters).toMatchObject([{ reason: 'given-up', what: 'assets/critical/5TiB' }]);
  expect(again.waiting()).toEqual([]);
});

it('loses no key when neither the key nor its dead letter goes through', async () => {
  const { world, heard, ticks, clock, window } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  world.answer = async () => ({ kind: 'refused', reason: 'uncarriable', because: 'too long' });
  world.deadIsBroken = true;
  clock.advance(301);
  await ticks();
  expect(window('uploads').waiting()).toHaveLength(1);
  world.deadIsBroken = false;
  clock.advance(600);
  await ticks();
  expect(world.letters).toMatchObject([{ reason: 'uncarriable' }]);
});

it('tries a key again that comes back while its queue is still being emptied', async () => {
  const { world, again, ticks, clock } = createTickWorld();
  const keys = Array.from({ length: 3000 }, (_, index) => queued(`critical/${index}`, clock.now().getTime()));
  await again.push(keys, { delaySeconds: 0 });
  clock.advance(10);
  world.answer = async () => {
    clock.advance(0.02);
    return world.tasks.length === 1 ? failing(null) : copied;
  };
  const { keys: worked } = await ticks();
  expect(again.waiting()).toEqual([]);
  expect(world.keys().filter((key) => key === 'critical/0')).toHaveLength(2);
  expect(worked).toBe(3001);
});

it('keeps a key whose message is delivered twice, when its first delivery fails after the second was taken', async () => {
  const { world, again, ticks, clock } = createTickWorld();
  await again.push([queued('critical/a', clock.now().getTime())], { delaySeconds: 0 });
  clock.advance(10);
  world.answer = async () => {
    // The same message, under a new receipt, is taken by the same drain while the first is under way.
    again.deliverAgain();
    await again.drained();
    again.broken = true;
    return failing('right');
  };
  await ticks();
  expect(world.notes).toContainEqual({ kind: 'trouble', because: expect.stringContaining('1 keys come again') });
  again.broken = false;
  expect(again.waiting()).toMatchObject([{ key: 'critical/a' }]);
  world.answer = async () => copied;
  clock.advance(600);
  await ticks();
  expect(again.waiting()).toEqual([]);
});

it('ends with what it took before its queue gives it to somebody else, however long the invocation may last', async () => {
  const { world, again, clock, marks } = createTickWorld();
  again.longestHoldSeconds = 600;
  await again.push([queued('critical/5TiB', clock.now().getTime())], { delaySeconds: 0 });
  const untils: number[] = [];
  const worker: typeof world.worker = async (_task, untilSeconds) => {
    untils.push(untilSeconds - clock.elapsedSeconds());
    clock.advance(untilSeconds - clock.elapsedSeconds());
    expect((await again.take(1, 1)).keys).toEqual([]);
    return { kind: 'unfinished' };
  };
  await tick({ ...world, marks, worker }, clock.elapsedSeconds() + 3600);
  expect(untils).toEqual([540]);
  expect(again.waiting()).toHaveLength(1);
});

it('empties the other queues when one cannot be read, and says which', async () => {
  const { heard, ticks, keys, clock, window } = createTickWorld();
  await ticks();
  await heard('uploads', 'uploads/a');
  window('logs').broken = true;
  clock.advance(3601);
  expect((await ticks()).trouble).toEqual(['logs: logs is broken']);
  expect(keys()).toEqual(['uploads/a']);
});
