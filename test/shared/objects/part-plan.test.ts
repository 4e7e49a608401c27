// How large objects are cut: sizes at and around every limit, up to the largest objects that there are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planParts, rangeOfPart } from '../../../shared/objects/part-plan.ts';

const mebibyte = 1024 ** 2;
const s3 = { minPartBytes: 5 * mebibyte, maxPartBytes: 5 * 1024 ** 3, maxParts: 10_000 };

describe('a plan of parts', () => {
  it.each([
    ['nothing', 0, { partBytes: 32 * mebibyte, count: 1 }],
    ['one byte', 1, { partBytes: 32 * mebibyte, count: 1 }],
    ['exactly one part', 32 * mebibyte, { partBytes: 32 * mebibyte, count: 1 }],
    ['one byte more than a part', 32 * mebibyte + 1, { partBytes: 32 * mebibyte, count: 2 }],
    ['exactly two parts', 64 * mebibyte, { partBytes: 32 * mebibyte, count: 2 }],
    ['as many parts as there may be', 320_000 * mebibyte, { partBytes: 32 * mebibyte, count: 10_000 }],
    ['one byte more than that', 320_000 * mebibyte + 1, { partBytes: 33 * mebibyte, count: 9697 }],
    ['5 TiB, the largest of Cloud Storage', 5 * 1024 ** 4, { partBytes: 525 * mebibyte, count: 9987 }],
    ['50 TB, the largest of S3', 50 * 1000 ** 4, { partBytes: 4769 * mebibyte, count: 9999 }],
  ])('of %s', (_, sizeBytes, plan) => {
    expect(planParts(sizeBytes, s3, 32 * mebibyte)).toEqual({ sizeBytes, ...plan });
  });

  it('is none where even the largest parts are too few', () => {
    expect(planParts(10_000 * s3.maxPartBytes, s3, 1)).toMatchObject({ count: 10_000 });
    expect(planParts(10_000 * s3.maxPartBytes + 1, s3, 1)).toBeNull();
  });

  it('covers every byte once, with no empty part and none that is refused', () => {
    const limits = fc.record({
      minPartBytes: fc.integer({ min: 1, max: 50 }),
      maxPartBytes: fc.integer({ min: 50, max: 500 }),
      maxParts: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(fc.nat(20_000), limits, fc.integer({ min: 1, max: 600 }), (sizeBytes, some, wanted) => {
        const plan = planParts(sizeBytes, some, wanted);
        if (plan === null) {
          expect(some.maxParts * some.maxPartBytes).toBeLessThan(sizeBytes);
          return;
        }
        expect(plan.count).toBeLessThanOrEqual(some.maxParts);
        let at = 0;
        for (let number = 1; number <= plan.count; number++) {
          const { startByte, endByte } = rangeOfPart(plan, number);
          expect(startByte).toBe(at);
          expect(endByte - startByte).toBeLessThanOrEqual(some.maxPartBytes);
          if (number < plan.count) expect(endByte - startByte).toBeGreaterThanOrEqual(some.minPartBytes);
          if (sizeBytes > 0) expect(endByte).toBeGreaterThan(startByte);
          at = endByte;
        }
        expect(at).toBe(sizeBytes);
      }),
      { seed: 6 },
    );
  });
});
