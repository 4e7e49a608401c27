// Making the exercises: one that hangs, one that refuses and one that throws leave the others alone, and nothing is paid for twice.
import { expect, it } from 'vitest';
import { makeExercises } from '../../../../shared/engine/readiness/exercise.ts';
import type { ExerciseCall } from '../../../../shared/engine/readiness/exercises.ts';
import type { Exercise, ExerciseFacts } from '../../../../shared/model/readiness.ts';
import { CapacityUnavailable } from '../../../../shared/ports/capacity.ts';
import { StoreUnavailable } from '../../../../shared/ports/object-store.ts';
import { aSituation } from '../../../support/situation.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

const answered: ExerciseFacts = { kind: 'answered' };

function call(name: string, work: () => Promise<ExerciseFacts>, everySeconds = 60): ExerciseCall {
  return { name, ground: 'aws', everySeconds, call: work };
}

async function make(calls: ExerciseCall[], before: Exercise[] = [], time = createVirtualTime()): Promise<Exercise[]> {
  let made: Exercise[] | null = null;
  void makeExercises(calls, before, aSituation(), time.clock).then((all) => {
    made = all;
  });
  await time.runUntil(time.clock.elapsedSeconds() + 30, () => made !== null);
  if (made === null) throw new Error('the round did not end within 30 s');
  return made;
}

const throwing = (error: Error) => async () => {
  throw error;
};

it('one that hangs is unknown after its limit, one that is refused is a no, and the others are seen', async () => {
  const made = await make([
    call('hangs', () => new Promise(() => undefined)),
    call('throttled', throwing(new StoreUnavailable('s3', 'throttled', 'slow down'))),
    call('forbidden', throwing(new StoreUnavailable('s3', 'refused', 'AccessDenied'))),
    call('silent', throwing(new CapacityUnavailable('no answer'))),
    call('final', throwing(new Error('describe nodegroup backend: not authorized'))),
    call('well', async () => answered),
  ]);
  expect(made.map(({ name, sight }) => [name, sight.kind])).toEqual([
    ['hangs', 'unknown'],
    ['throttled', 'unknown'],
    ['forbidden', 'refused'],
    ['silent', 'unknown'],
    ['final', 'refused'],
    ['well', 'seen'],
  ]);
  expect(made[0]?.sight).toMatchObject({ because: 'no answer within 6 s', seenAt: null });
});

it('a whole cloud that hangs costs a round a bounded time', async () => {
  const time = createVirtualTime();
  const calls = Array.from({ length: 12 }, (_, index) => call(`call ${index}`, () => new Promise(() => undefined)));
  await make(calls, [], time);
  expect(time.clock.elapsedSeconds()).toBeLessThan(20);
});

it('what is not due yet is kept, what failed is tried again, and when it last answered is remembered', async () => {
  const time = createVirtualTime();
  let calls = 0;
  const counted = async () => {
    calls += 1;
    return answered;
  };
  const slow = call('secret', counted, 600);
  const first = await make([slow], [], time);
  await time.runUntil(time.clock.elapsedSeconds() + 300);
  const kept = await make([slow], first, time);
  expect(calls).toBe(1);
  expect(kept).toEqual(first);
  await time.runUntil(time.clock.elapsedSeconds() + 300);
  const failed = await make([{ ...slow, call: throwing(new Error('no such secret')) }], kept, time);
  const seenAt = first[0]?.sight.at;
  expect(failed[0]?.sight).toMatchObject({ kind: 'refused', because: 'no such secret', seenAt });
  const again = await make([slow], failed, time);
  expect(calls).toBe(2);
  expect(again[0]?.sight.kind).toBe('seen');
});
