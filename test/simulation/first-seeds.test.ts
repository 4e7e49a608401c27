// A thousand worlds: whatever befalls them, every promise is kept. `npm run simulate` tells more.
import { expect, it } from 'vitest';
import { keepPromisesInMany } from './promises.ts';

const seeds = 1000;

it('keeps every promise in the first thousand worlds, and the role moves in many of them', async () => {
  const { takeovers } = await keepPromisesInMany(1, seeds);
  expect(takeovers).toBeGreaterThan(seeds / 2);
}, 600_000);
