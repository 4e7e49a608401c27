// Group commit: each change of a batch hears what became of it in the value that was committed, and of no other.
import { describe, expect, it } from 'vitest';
import type { Change, ChangeResult } from '../../../shared/authority/change.ts';
import { createGroupCommit } from '../../../shared/authority/group-commit.ts';
import type { Register } from '../../../shared/authority/register.ts';
import { seededChance } from '../../support/virtual-time.ts';

type Doors = { open: string[]; locked: boolean };
type Evaluate = (apply: (current: Doors | null) => Change<Doors>) => ChangeResult<Doors>;

/** Answers its first change at once; the second, in which all that waited goes together, as the test says. */
function scripted(second: Evaluate): Register<Doors> {
  let changes = 0;
  const none = async () => ({ kind: 'empty' as const });
  return {
    read: none,
    finish: none,
    change: async (_id, apply) => {
      changes += 1;
      if (changes > 1) return second(apply);
      return { kind: 'committed', value: { open: [], locked: false } };
    },
  };
}

const openDoor =
  (name: string) =>
  (current: Doors | null): Change<Doors> =>
    current?.locked && name === 'west'
      ? { kind: 'refuse', because: 'the west is locked' }
      : { kind: 'to', value: { open: [...(current?.open ?? []), name], locked: current?.locked ?? false } };

async function batchOfTwo(second: Evaluate) {
  const register = createGroupCommit(scripted(second), seededChance(1));
  const [, east, west] = await Promise.all([
    register.change('first', openDoor('first')),
    register.change('east', openDoor('east')),
    register.change('west', openDoor('west')),
  ]);
  return { east, west };
}

describe('group commit', () => {
  it('refuses one change of a batch and commits the other', async () => {
    const { east, west } = await batchOfTwo((apply) => {
      const answer = apply({ open: [], locked: true });
      return answer.kind === 'to' ? { kind: 'committed', value: answer.value } : { ...answer, kind: 'refused' };
    });
    expect(east).toMatchObject({ kind: 'committed', value: { open: ['east'] } });
    expect(west).toEqual({ kind: 'refused', because: 'the west is locked' });
  });

  it('does not take a later look for the try that was committed', async () => {
    const { east, west } = await batchOfTwo((apply) => {
      // Accepted without the west, the answer lost; looked at an older value, which allows both; found again by its id.
      const accepted = apply({ open: [], locked: true });
      apply({ open: [], locked: false });
      if (accepted.kind !== 'to') throw new Error('the east is never refused');
      return { kind: 'committed', value: structuredClone(accepted.value) };
    });
    expect(east.kind).toBe('committed');
    expect(west.kind).toBe('unknown');
  });
});
