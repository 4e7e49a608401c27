// For how long nothing has arrived over replication, from looks that come when they come.
import { describe, expect, it } from 'vitest';
import type { Replicating } from '../../../shared/database/health.ts';
import { createStillness } from '../../../shared/database/stillness.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const at = (received: string | null, more: Partial<Replicating> = {}): Replicating => ({
  applied: null,
  applying: received !== null,
  subscriptionEnabled: true,
  busy: false,
  received,
  ...more,
});

/** Looks `apartSeconds` after one another; answers what the last one said. */
function looks(apartSeconds: number, seen: Replicating[]): number | undefined {
  const clock = createManualClock();
  const stillness = createStillness(clock);
  return seen
    .map((one, index) => {
      if (index > 0) clock.advance(apartSeconds);
      return stillness.note(one);
    })
    .at(-1);
}

describe('the position of replication', () => {
  it('has stood still from one beat to the next, when both looks show the same', () => {
    expect(looks(3, [at('0/10'), at('0/10'), at('0/10')])).toBe(6);
  });

  it('moves with what is received, and with what is applied', () => {
    expect(looks(3, [at('0/10'), at('0/20')])).toBe(0);
    const applied = { epoch: 1, number: 2, writtenAt: '2026-11-23T12:00:00.000Z' } as Replicating['applied'];
    expect(looks(3, [at('0/10'), at('0/10', { applied })])).toBe(0);
  });

  it('does not stand still while a transaction is being applied', () => {
    expect(looks(3, [at('0/10'), at('0/10', { busy: true })])).toBe(0);
  });

  it('has none while a worker that lost its publisher comes and goes, and is where it was', () => {
    expect(looks(1, [at('0/10'), at(null), at('0/10'), at(null)])).toBe(3);
  });

  it('is not known across a gap in which nobody looked', () => {
    expect(looks(60, [at('0/10'), at('0/10')])).toBe(0);
  });
});
