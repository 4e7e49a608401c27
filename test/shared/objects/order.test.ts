// Which of two versions was last, and what a death ends: laws that hold for any two, three or more of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../shared/model/replica.ts';
import { compareOrigins, ends, later, laterDeath } from '../../../shared/objects/order.ts';
import type { Identity } from '../../../shared/objects/stamp.ts';

// Few values, so that equal times, sites and versions are common; a version has one time.
const origin: fc.Arbitrary<Origin> = fc
  .record({
    site: fc.constantFrom('aws-site', 'gcp-site'),
    name: fc.constantFrom('a', 'b'),
    timeMillis: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ name, ...rest }) => ({ ...rest, version: `${rest.timeMillis}${name}` }));
const replica = origin.map((one): Identity => ({ origin: one, native: false }));
/** What may be live at a side: a native of that site, or a replica. */
const liveAt = (site: string) =>
  fc.oneof(
    replica,
    origin.map((one): Identity => ({ origin: { ...one, site }, native: true })),
  );
const native = (site: string, version: string, timeMillis: number): Identity => ({
  origin: { site, version, timeMillis },
  native: true,
});
const copy = (site: string, version: string, timeMillis: number): Identity => ({
  ...native(site, version, timeMillis),
  native: false,
});
const runs = { seed: 4, numRuns: 2000 };

describe('the order of versions', () => {
  it('is one of time, then of the sites’ names', () => {
    expect(later(native('aws-site', '1', 5), native('gcp-site', '1', 6)).origin.site).toBe('gcp-site');
    expect(later(native('aws-site', '1', 6), native('gcp-site', '1', 5)).origin.site).toBe('aws-site');
    expect(later(native('aws-site', '1', 5), native('gcp-site', '1', 5)).origin.site).toBe('gcp-site');
  });

  it('takes a site’s own live version for the truth, whatever second its replica is dated', () => {
    expect(later(native('aws-site', '2', 4), copy('aws-site', '1', 9)).origin.version).toBe('2');
    expect(later(copy('aws-site', '1', 9), native('aws-site', '2', 4)).origin.version).toBe('2');
  });

  it('does not depend on which side is asked first', () => {
    fc.assert(
      fc.property(liveAt('aws-site'), liveAt('gcp-site'), (one, other) => {
        expect(later(one, other).origin).toEqual(later(other, one).origin);
      }),
      runs,
    );
  });

  it('is total and transitive', () => {
    fc.assert(
      fc.property(origin, origin, origin, (a, b, c) => {
        expect(Math.sign(compareOrigins(a, b))).toBe(-Math.sign(compareOrigins(b, a)) || 0);
        if (compareOrigins(a, b) <= 0 && compareOrigins(b, c) <= 0) expect(compareOrigins(a, c)).toBeLessThanOrEqual(0);
      }),
      runs,
    );
  });
});

describe('deaths', () => {
  it('joined come out the same in any order and grouping, and as often as one likes', () => {
    const death = fc.option(origin);
    fc.assert(
      fc.property(death, death, death, (a, b, c) => {
        expect(laterDeath(a, b)).toEqual(laterDeath(b, a));
        expect(laterDeath(laterDeath(a, b), c)).toEqual(laterDeath(a, laterDeath(b, c)));
        expect(laterDeath(a, a)).toEqual(a);
      }),
      runs,
    );
  });

  it('end what was written before them, and their own version', () => {
    const death = native('aws-site', '2', 5).origin;
    expect(ends(death, native('gcp-site', '1', 4), null)).toBe(true);
    expect(ends(death, native('gcp-site', '1', 6), null)).toBe(false);
    expect(ends(death, copy('aws-site', '2', 5), null)).toBe(true);
    expect(ends(death, native('aws-site', '2', 5), null)).toBe(true);
  });

  it('do not end what lives at the site of the version that died: it was written after it, or brought back', () => {
    const death = native('aws-site', '2', 5).origin;
    expect(ends(death, native('aws-site', '3', 5), null)).toBe(false);
    expect(ends(death, native('aws-site', '3', 4), null)).toBe(false);
    // Of its replicas, those of the same second end with it.
    expect(ends(death, copy('aws-site', '1', 5), null)).toBe(true);
    expect(ends(death, copy('aws-site', '3', 6), null)).toBe(false);
  });

  it('that come later end no less', () => {
    fc.assert(
      fc.property(origin, origin, replica, (one, other, version) => {
        const joined = laterDeath(one, other);
        if (joined && ends(one, version, null)) expect(ends(joined, version, null)).toBe(true);
      }),
      runs,
    );
  });
});
