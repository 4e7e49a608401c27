// A batch of storage events: what becomes of each record, whatever becomes of the others.
import { expect, it } from 'vitest';
import type { Delivery } from '../../../shared/objects/heard-records.ts';
import { createIntake } from '../../../shared/objects/intake.ts';
import { copied, createFlowWorld, failing, hint, queued } from './flow-world.ts';

const delivery = (...heard: Delivery['heard'][number][]): Delivery => ({
  heard,
  firstMillis: null,
  redelivered: false,
});
const farOffSeconds = 100;

it('replicates a critical key at once, and leaves others to the queue of their tier', async () => {
  const world = createFlowWorld();
  const handled = await createIntake(world)(
    [delivery(hint('critical/a')), delivery(hint('uploads/b'), hint('uploads/c')), delivery(hint('logs/d'))],
    farOffSeconds,
  );
  expect(handled).toEqual([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }]);
  expect(world.keys()).toEqual(['critical/a']);
  expect(
    world
      .window('uploads')
      .waiting()
      .map(({ key }) => key),
  ).toEqual(['uploads/b', 'uploads/c']);
  expect(world.window('logs').waiting()).toEqual([queued('logs/d', Date.parse('2026-11-23T12:00:00.000Z'))]);
});

it('looks once at a key that many records of a batch speak of', async () => {
  const world = createFlowWorld();
  const batch = Array.from({ length: 20 }, () => delivery(hint('critical/a'), hint('uploads/b')));
  expect(await createIntake(world)(batch, farOffSeconds)).toEqual(batch.map(() => ({ kind: 'done' })));
  expect(world.keys()).toEqual(['critical/a']);
  expect(world.window('uploads').waiting()).toHaveLength(1);
});

it('leaves a deletion to its window as one, and the last of several', async () => {
  const world = createFlowWorld();
  const at = (second: number) => Date.parse(`2026-11-23T12:00:0${second}.000Z`);
  const heard = [
    hint('uploads/a', { kind: 'deleted', timeMillis: at(3) }),
    hint('uploads/a', { timeMillis: at(1) }),
    hint('uploads/a', { kind: 'deleted', timeMillis: at(2) }),
  ];
  expect(await createIntake(world)([delivery(...heard)], farOffSeconds)).toEqual([{ kind: 'done' }]);
  expect(world.window('uploads').waiting()).toEqual([queued('uploads/a', at(1), { deletedMillis: at(3) })]);
});

it('buries what is not understood with its reason, and its batch goes on', async () => {
  const world = createFlowWorld();
  const handled = await createIntake(world)(
    [
      delivery({ kind: 'rejected', because: 'the key "%zz" is not encoded as S3 encodes keys', record: '%zz' }),
      delivery(hint('critical/a')),
      delivery(hint('x', { bucket: 'somebody-elses' })),
    ],
    farOffSeconds,
  );
  expect(handled.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
  expect(world.letters.map(({ reason }) => reason).sort()).toEqual(['bucket-of-no-pair', 'not-understood']);
  expect(world.letters.map(({ because }) => because).join()).toContain('paired there: left');
  expect(world.letters.map(({ record }) => record)).toContain('%zz');
  expect(JSON.stringify(world.notes)).not.toContain('"record"');
  expect(world.keys()).toEqual(['critical/a']);
});

it('buries what the other side can never take, once it has been judged', async () => {
  const world = createFlowWorld();
  world.answer = async () => ({ kind: 'refused', reason: 'uncarriable', because: 'its key has 1,025 bytes' });
  expect(await createIntake(world)([delivery(hint('critical/a'))], farOffSeconds)).toEqual([{ kind: 'done' }]);
  expect(world.letters).toEqual([
    { reason: 'uncarriable', because: 'its key has 1,025 bytes', what: 'left/critical/a', record: null },
  ]);
});

it('never replicates its own records', async () => {
  const world = createFlowWorld();
  await createIntake(world)([delivery(hint('.causeway/tombstones/a'))], farOffSeconds);
  expect(world.tasks).toEqual([]);
  expect(world.notes).toMatchObject([{ kind: 'ignored' }]);
});

it('hands back exactly the messages whose key failed', async () => {
  const world = createFlowWorld();
  world.answer = async ({ key }) => (key.endsWith('bad') ? failing('right') : copied);
  const handled = await createIntake(world)(
    [delivery(hint('critical/a')), delivery(hint('critical/bad')), delivery(hint('critical/c'))],
    farOffSeconds,
  );
  expect(handled).toEqual([
    { kind: 'done' },
    { kind: 'again', afterSeconds: 3, because: 'right did not answer within 5 s' },
    { kind: 'done' },
  ]);
});

it('survives what a key throws, as one key that failed', async () => {
  const world = createFlowWorld();
  world.answer = async ({ key }) => {
    if (key === 'critical/a') throw new TypeError('a fault of our own');
    return copied;
  };
  const handled = await createIntake(world)(
    [delivery(hint('critical/a')), delivery(hint('critical/b'))],
    farOffSeconds,
  );
  expect(handled).toMatchObject([{ kind: 'again', because: 'TypeError: a fault of our own' }, { kind: 'done' }]);
});

it('waits longer the longer a message has waited, and keeps its key when it has failed for a quarter of an hour', async () => {
  const world = createFlowWorld();
  world.answer = async () => failing(null);
  const intake = createIntake(world);
  const sinceMillis = world.clock.now().getTime();
  const one: Delivery = {
    ...delivery(hint('critical/a', { timeMillis: sinceMillis }), hint('critical/a', { timeMillis: sinceMillis + 1 })),
    firstMillis: sinceMillis,
    redelivered: true,
  };
  const waits: number[] = [];
  for (;;) {
    const [handled] = await intake([one], world.clock.elapsedSeconds() + farOffSeconds);
    if (handled?.kind !== 'again') break;
    waits.push(handled.afterSeconds);
    world.clock.advance(handled.afterSeconds);
  }
  expect(waits.slice(0, 4).every((wait) => wait < 20)).toBe(true);
  expect(Math.max(...waits)).toBe(300);
  expect(waits.length).toBeLessThan(20);
  expect(world.letters).toEqual([]);
  expect(world.again.waiting()).toEqual([queued('critical/a', sinceMillis)]);
});

it('hands back what only waits for a bucket that is left alone, for hours, and keeps it before its queue gives it up', async () => {
  const world = createFlowWorld();
  const intake = createIntake({
    ...world,
    worker: async () => ({
      kind: 'put-off',
      tried: false,
      reason: 'bucket-resting',
      because: 'sick',
      atLeastSeconds: 60,
    }),
  });
  const one: Delivery = {
    ...delivery(hint('critical/a')),
    firstMillis: world.clock.now().getTime(),
    redelivered: true,
  };
  world.clock.advance(5 * 3600);
  expect(await intake([one], farOffSeconds)).toEqual([{ kind: 'again', afterSeconds: 300, because: 'sick' }]);
  world.clock.advance(2 * 3600);
  expect(await intake([one], farOffSeconds)).toEqual([{ kind: 'done' }]);
  expect(world.again.waiting()).toMatchObject([{ key: 'critical/a', failedSeconds: 0 }]);
});

it('hands a message back for as long as neither its tier nor anybody else takes its key', async () => {
  const world = createFlowWorld();
  world.window('logs').broken = true;
  world.again.broken = true;
  const one: Delivery = { ...delivery(hint('logs/a')), firstMillis: world.clock.now().getTime(), redelivered: true };
  world.clock.advance(3600);
  expect(await createIntake(world)([one], farOffSeconds)).toMatchObject([{ kind: 'again' }]);
  world.again.broken = false;
  expect(await createIntake(world)([one], farOffSeconds)).toEqual([{ kind: 'done' }]);
  expect(world.again.waiting()).toMatchObject([{ key: 'logs/a' }]);
});

it('hands a message back for as long as even its dead letter cannot be written', async () => {
  const world = createFlowWorld();
  world.deadIsBroken = true;
  const [handled] = await createIntake(world)(
    [delivery({ kind: 'rejected', because: 'nonsense', record: '' })],
    farOffSeconds,
  );
  expect(handled).toMatchObject({ kind: 'again' });
});

it('hands a message back when its tier does not take the key', async () => {
  const world = createFlowWorld();
  world.window('logs').broken = true;
  const handled = await createIntake(world)([delivery(hint('logs/a')), delivery(hint('uploads/b'))], farOffSeconds);
  expect(handled).toMatchObject([{ kind: 'again' }, { kind: 'done' }]);
});

it('leaves a sick bucket alone, and asks it again with one key only', async () => {
  const world = createFlowWorld();
  world.answer = async () => failing('right');
  const intake = createIntake(world);
  const batch = Array.from({ length: 100 }, (_, index) => delivery(hint(`critical/${index}`)));
  const handled = await intake(batch, farOffSeconds);
  expect(handled.every(({ kind }) => kind === 'again')).toBe(true);
  // What was under way when it was found out, and no more.
  expect(world.tasks.length).toBeLessThanOrEqual(8 + 4);
  const asked = world.tasks.length;
  world.clock.advance(30);
  await intake(batch, world.clock.elapsedSeconds() + farOffSeconds);
  expect(world.tasks.length).toBe(asked + 1);
  world.answer = async () => copied;
  world.clock.advance(30);
  expect(await intake(batch, world.clock.elapsedSeconds() + farOffSeconds)).toContainEqual({ kind: 'done' });
  expect(await intake(batch, world.clock.elapsedSeconds() + farOffSeconds)).toEqual(
    batch.map(() => ({ kind: 'done' })),
  );
});

it('begins nothing that it has no time for, and hands it back', async () => {
  const world = createFlowWorld(1);
  world.answer = async () => {
    world.clock.advance(40);
    return copied;
  };
  const batch = Array.from({ length: 5 }, (_, index) => delivery(hint(`critical/${index}`)));
  const handled = await createIntake(world)(batch, farOffSeconds);
  expect(handled.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'again', 'again']);
});

it('queues the rest of a copy that was not finished, and is done with its event', async () => {
  const world = createFlowWorld();
  world.answer = async () => ({ kind: 'unfinished' });
  expect(await createIntake(world)([delivery(hint('critical/5GiB'))], farOffSeconds)).toEqual([{ kind: 'done' }]);
  expect(world.again.waiting()).toMatchObject([{ pair: 'assets', key: 'critical/5GiB', site: 'aws' }]);
});
