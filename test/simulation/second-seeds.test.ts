// Another thousand worlds, beside the first: tests run on two workers.
import { expect, it } from 'vitest';
import { keepPromisesInMany } from './promises.ts';

const seeds = 1000;

it('keeps every promise in the second thousand worlds, and the role moves in many of them', async () => {
  const { takeovers } = await keepPromisesInMany(1 + seeds, seeds);
  expect(takeovers).toBeGreaterThan(seeds / 2);
}, 600_000);
