// Chance for tests: fractions as given, then a middling one, and ids that count.
import type { Chance } from '../../../shared/ports/clock.ts';

export function scriptedChance(fractions: number[] = []): Chance {
  let ids = 0;
  const left = [...fractions];
  return {
    fraction: () => left.shift() ?? 0.5,
    id: () => {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    },
  };
}
