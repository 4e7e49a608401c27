// With every event lost, comparing alone makes both buckets alike, and a write that was last is what both have.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noAttributes } from '../../../../shared/model/replica.ts';
import { beginRun } from '../../../../shared/objects/reconcile/begin-run.ts';
import { carryRun } from '../../../../shared/objects/reconcile/carry-run.ts';
import { surveyRun } from '../../../../shared/objects/reconcile/survey-run.ts';
import { createSyncKey } from '../../../../shared/objects/reconcile/sync-key.ts';
import { defaultLimits } from '../../../../shared/objects/replicate.ts';
import { createRoom } from '../../../../shared/objects/slots.ts';
import type { ObjectBucket } from '../../../../shared/ports/object-bucket.ts';
import { createFakeObjectBucket } from '../../../support/fake-object-bucket.ts';
import { contentOf, createFakeObjectState, type FakeObjectState } from '../../../support/fake-object-state.ts';
import { seededChance } from '../../../support/virtual-time.ts';
import { createWorld } from './shelves.ts';

const KEYS = ['a', 'logs/b', 'uploads/\u{1f600}', 'z'];
const never = new AbortController().signal;

type Op = { side: 'left' | 'right'; key: string; does: 'write' | 'delete' };
const op: fc.Arbitrary<Op> = fc.record({
  side: fc.constantFrom('left' as const, 'right' as const),
  key: fc.constantFrom(...KEYS),
  does: fc.constantFrom('write' as const, 'write' as const, 'delete' as const),
});
/** What users do between one comparison and the next. */
const days = fc.array(fc.array(op, { maxLength: 6 }), { minLength: 1, maxLength: 4 });

function twoBuckets(versioned: boolean) {
  const world = createWorld();
  const nowMillis = () => world.clock.now().getTime();
  const state = (service: 's3' | 'gcs') =>
    createFakeObjectState({ service, versioned, nowMillis, onEvent: () => undefined });
  const states: Record<Op['side'], FakeObjectState> = { left: state('s3'), right: state('gcs') };
  const open = (name: string, of: FakeObjectState): ObjectBucket =>
    createFakeObjectBucket({
      name,
      state: of,
      clock: world.clock,
      faults: () => null,
      pageSize: 2,
      traits: {},
      keep: 'bytes',
    });
  const work = {
    ...world.work('operator'),
    ends: { left: open('left-bucket', states.left), right: open('right-bucket', states.right) },
  };
  const options = {
    clock: world.clock,
    chance: seededChance(1),
    limits: defaultLimits,
    room: createRoom(2 ** 25),
    freshSeconds: 0,
  };
  const wired = { ...work, makeSync: (ends: typeof work.ends) => createSyncKey(work.pair, ends, options) };
  const compare = async () => {
    const begun = await beginRun(wired, { prefix: '', writesTo: ['left', 'right'] }, { fresh: true });
    const how = { untilSeconds: Number.POSITIVE_INFINITY, stop: never, progress: () => undefined };
    const { checkpoint } = await surveyRun(wired, begun, { ...how, found: () => undefined });
    return carryRun(wired, begun, checkpoint, { ...how, forced: true, by: 'test' });
  };
  const held = (side: Op['side']) =>
    Object.fromEntries(KEYS.map((key) => [key, states[side].live(key)?.content.crc32c ?? null]));
  return { world, states, compare, held, nowMillis };
}

test.each([
  ['with versions', true],
  ['without versions', false],
])('buckets %s', async (_, versioned) => {
  await fc.assert(
    fc.asyncProperty(days, async (all) => {
      const { world, states, compare, held, nowMillis } = twoBuckets(versioned);
      let written = 0;
      for (const ops of all) {
        const lastWrites = new Map<string, string>();
        for (const { side, key, does } of ops) {
          // S3 tells whole seconds: users of this test wait for the next.
          world.pass(120);
          if (does === 'delete' && !states[side].live(key)) continue;
          lastWrites.delete(key);
          if (does === 'delete') states[side].remove(key);
          else {
            written += 1;
            const content = contentOf(Buffer.from(`write ${written} of ${key}`));
            states[side].put(key, content, {
              attributes: noAttributes,
              stamp: null,
              parts: null,
              checksummed: true,
              datedMillis: nowMillis(),
            });
            lastWrites.set(key, content.crc32c);
          }
        }
        world.pass(120);
        const { ended, checkpoint } = await compare();
        expect(ended).toBe(true);
        expect(checkpoint.done).toMatchObject({ refused: {}, failed: {} });
        expect(held('left')).toEqual(held('right'));
        for (const [key, crc32c] of lastWrites) expect(states.right.live(key)?.content.crc32c).toBe(crc32c);
        const { checkpoint: again } = await compare();
        expect(again.done.copied).toMatchObject({ left: { objects: 0 }, right: { objects: 0 } });
        expect(again.done.removed).toEqual({ left: 0, right: 0 });
      }
    }),
    { numRuns: 60 },
  );
});
