// Another five hundred worlds, beside the first: tests run on two workers.
import { expect, it } from 'vitest';
import { keepPromises } from './promises.ts';

const seeds = 500;

it('keeps every promise in the second five hundred worlds, and the role moves in many of them', async () => {
  const { takeovers } = await keepPromises(1 + seeds, seeds, { clocks: 'within', bug: null });
  expect(takeovers).toBeGreaterThan(seeds / 3);
}, 600_000);
