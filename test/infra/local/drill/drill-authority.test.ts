// The writer's site lives, and may not write any more: cut off from the others, or with keepers that stand still and go on later.
import { describe, expect, it } from 'vitest';
import { drillPlayer, drillTimeout } from './play.ts';

describe('the drill', { timeout: drillTimeout }, () => {
  const play = drillPlayer();

  it('cuts AWS off, and the old side refuses its first write before the new side accepts one', async () => {
    const { report } = await play('partition');
    expect(report).toMatchObject({ epochBefore: 1, epochAfter: 2 });
    const measured = (name: RegExp) => report.objectives.find((one) => name.test(one.name))?.measured;
    expect(measured(/^first refusal of the old side/)).toBeLessThan(0);
    expect(measured(/^last acceptance of the old side/)).toBeLessThan(0);
    expect(measured(/^aws finds itself deposed/)).toBeGreaterThanOrEqual(0);
  });

  it('freezes the keepers of AWS, and thawed ones find themselves deposed', async () => {
    const { report } = await play('keeper-frozen');
    expect(report).toMatchObject({ epochBefore: 1, epochAfter: 2, lostWrites: 0 });
    // The lease takes as long as it takes until clients feel it; that counts.
    expect(report.rtoSeconds).toBeGreaterThan(10);
  });
});
