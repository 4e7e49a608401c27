// What a change costs where a store is dead, slow, or takes a single write a second: seconds on the clock, writes and reads per store.
import { describe, expect, it } from 'vitest';
import { createGroupCommit } from '../../../shared/authority/group-commit.ts';
import type { Register } from '../../../shared/authority/register.ts';
import { createPacingWorld, type PacingWorld, type StoreMood } from '../../support/pacing-world.ts';
import { seededChance } from '../../support/virtual-time.ts';

const parse = (value: unknown): number => Number(value);
const add = (current: number | null) => ({ kind: 'to' as const, value: (current ?? 0) + 1 });

/** A second for the store that throttles, and the way there and back. */
const paceSeconds = 1.1;
const throttling: Partial<StoreMood> = { writeEverySeconds: 1 };
const mandatory: { name: string; moods: Partial<StoreMood>[] }[] = [
  { name: 'one store dead at once', moods: [{ deadAfterSeconds: 0.01 }, throttling, {}] },
  { name: 'one store dead after 2 s', moods: [{ deadAfterSeconds: 2 }, throttling, {}] },
];

async function changes(world: PacingWorld, register: Register<number>, name: string, count: number): Promise<number> {
  const from = world.time.clock.elapsedSeconds();
  for (let index = 0; index < count; index++) {
    expect((await register.change(`${name}.${index}`, add)).kind).toBe('committed');
  }
  return world.time.clock.elapsedSeconds() - from;
}

describe.each(mandatory)('with $name and a throttling one needed for every majority', ({ moods }) => {
  it('takes a second for each change of one proposer, and is refused once, to learn the pace', async () => {
    const world = createPacingWorld(1, moods);
    const took = await world.within(changes(world, world.client('a', parse), 'a', 20));
    expect(took).toBeLessThan(21 * paceSeconds + 1);
    expect(world.tally()[1]?.refused).toBe(1);
  });

  it('takes a second for all changes that were asked for meanwhile', async () => {
    const world = createPacingWorld(2, moods);
    const register = createGroupCommit(world.client('a', parse), seededChance(2));
    const took = await world.within(
      Promise.all(['a', 'b', 'c', 'd'].map((name) => changes(world, register, name, 10))),
    );
    expect(Math.max(...took)).toBeLessThan(12 * paceSeconds + 1);
    expect(await world.within(register.read())).toEqual({ kind: 'value', value: 40 });
  });

  it('serves two proposers that take turns', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = createPacingWorld(seed, moods);
      const [a, b] = [world.client('a', parse), world.client('b', parse)];
      let took = 0;
      for (let index = 0; index < 5; index++) {
        took += await world.within(changes(world, a, `a${index}`, 1));
        took += await world.within(changes(world, b, `b${index}`, 1));
      }
      // Each must prepare: two writes for each change.
      expect(took / 10).toBeLessThan(2 * paceSeconds + 0.5);
    }
  });
});

describe('with three stores that answer', () => {
  it('is held up by no store that throttles, and that store has the last value when it is over', async () => {
    const world = createPacingWorld(3, [{}, throttling, {}]);
    const took = await world.within(changes(world, world.client('a', parse), 'a', 20));
    expect(took).toBeLessThan(20 * 0.07 + 0.3);
    await world.time.runUntil(world.time.clock.elapsedSeconds() + 10);
    expect(new Set(world.bodies().map(acceptedValue))).toEqual(new Set(['20']));
  });

  it('writes once and reads nothing for each change of who leads, also at a store that answered too late the last time', async () => {
    const world = createPacingWorld(4, [{}, {}, { latencySeconds: 0.05 }]);
    const register = world.client('a', parse);
    await world.within(changes(world, register, 'first', 1));
    await world.time.runUntil(10);
    const before = world.tally();
    for (let index = 0; index < 5; index++) {
      await world.within(changes(world, register, `c${index}`, 1));
      await world.time.runUntil(11 + index);
    }
    const after = world.tally();
    expect(after.map(({ writes }, index) => writes - (before[index]?.writes ?? 0))).toEqual([5, 5, 5]);
    expect(after.map(({ reads }, index) => reads - (before[index]?.reads ?? 0))).toEqual([0, 0, 0]);
  });

  it('leaves no store behind after the only change of a process', async () => {
    const world = createPacingWorld(5, [{}, {}, { latencySeconds: 0.5 }]);
    await world.within(changes(world, world.client('operator', parse), 'a', 1));
    await world.time.runUntil(20);
    expect(world.bodies().map(acceptedValue)).toEqual(['1', '1', '1']);
  });

  it('keeps the lead when a change is refused, and says so only after a read', async () => {
    const world = createPacingWorld(6, [{}, {}, {}]);
    const register = world.client('a', parse);
    await world.within(changes(world, register, 'a', 1));
    await world.time.runUntil(10);
    const before = world.tally();
    const refuse = () => ({ kind: 'refuse' as const, because: 'not now' });
    expect(await world.within(register.change('no', refuse))).toEqual({ kind: 'refused', because: 'not now' });
    await world.within(changes(world, register, 'b', 1));
    await world.time.runUntil(20);
    expect(world.tally().map(({ writes }, index) => writes - (before[index]?.writes ?? 0))).toEqual([1, 1, 1]);
    expect(world.tally().map(({ reads }, index) => reads - (before[index]?.reads ?? 0))).toEqual([1, 1, 1]);
  });
});

describe('a store that comes back', () => {
  it('has the value after the next change', async () => {
    const world = createPacingWorld(7, [{}, {}, { deadAfterSeconds: 2 }]);
    const register = world.client('a', parse);
    await world.within(changes(world, register, 'a', 3));
    world.moodOf(2).deadAfterSeconds = null;
    await world.time.runUntil(world.time.clock.elapsedSeconds() + 5);
    await world.within(changes(world, register, 'b', 1));
    await world.time.runUntil(world.time.clock.elapsedSeconds() + 5);
    expect(world.bodies().map(acceptedValue)).toEqual(['4', '4', '4']);
  });
});

function acceptedValue(body: string | null): string {
  return body === null ? 'nothing' : String(JSON.parse(body).value?.value);
}
