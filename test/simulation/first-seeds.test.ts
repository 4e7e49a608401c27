// Five hundred worlds: whatever befalls them, every promise is kept. `npm run simulate` tells more.
import { expect, it } from 'vitest';
import { keepPromises } from './promises.ts';

const seeds = 500;

it('keeps every promise in the first five hundred worlds, and the role moves in many of them', async () => {
  const { takeovers } = await keepPromises(1, seeds, { clocks: 'within', bug: null });
  expect(takeovers).toBeGreaterThan(seeds / 3);
}, 600_000);
