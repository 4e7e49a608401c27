// Looking at another site's lease: the look that brings a renewal comes soon after it, wherever the writer's rhythm lies.
import { describe, expect, it } from 'vitest';
import { untilNextLook } from '../../../shared/engine/lease-look.ts';

const beatSeconds = 3;

/** Looks as long as asked, at a writer that renews every beat from `firstSeconds` on until `diesSeconds`: how late each renewal was seen, and when it was looked. */
function watch(firstSeconds: number, untilSeconds: number, diesSeconds = Number.POSITIVE_INFINITY) {
  const looks: number[] = [];
  const lateSeconds: number[] = [];
  let seen = { renewal: -1, sinceSeconds: 0 };
  for (let now = 0; now < untilSeconds; ) {
    const renewal = Math.floor((Math.min(now, diesSeconds) - firstSeconds) / beatSeconds);
    looks.push(now);
    if (renewal !== seen.renewal) {
      lateSeconds.push(now - (firstSeconds + renewal * beatSeconds));
      seen = { renewal, sinceSeconds: now };
    }
    const forSeconds = now - seen.sinceSeconds;
    now += untilNextLook({ site: 'aws', epoch: 1, renewal, forSeconds }, beatSeconds);
  }
  return { looks, lateSeconds };
}

describe('looking when a renewal is due', () => {
  it.each([0.1, 0.9, 1.6, 2.8])(
    'comes within a tenth of a beat of it, where the writer began %f s after us',
    (first) => {
      const { lateSeconds } = watch(first, 120);
      expect(Math.max(...lateSeconds.slice(12))).toBeLessThanOrEqual(beatSeconds / 10 + 1e-9);
    },
  );

  it('takes about two looks in a beat', () => {
    const { looks } = watch(1.6, 300);
    expect(looks.length).toBeLessThanOrEqual(2.2 * 100);
  });

  it('is given up when a renewal is half a beat overdue: then one look in a beat is enough', () => {
    const { looks } = watch(1.6, 200, 100);
    expect(looks.filter((at) => at > 110).length).toBeLessThanOrEqual(30);
  });
});

it('is due in a beat where the register has not answered yet', () => {
  expect(untilNextLook(null, beatSeconds)).toBe(beatSeconds);
});
