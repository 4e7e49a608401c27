// What must hold for every situation and every set of sightings, however odd.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCase } from '../../../shared/decision/case.ts';
import { compileRun } from '../../../shared/decision/compile-run.ts';
import { decide } from '../../../shared/decision/decide.ts';
import { fold } from '../../../shared/decision/fold.ts';
import type { Sighting } from '../../../shared/decision/sighting.ts';
import type { DatabaseView } from '../../../shared/model/bulletin.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const strategy = theStrategy();
const site = fc.constantFrom('aws', 'gcp');

/** Null four times out of five, so that most situations are ordinary ones. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const sighting: fc.Arbitrary<Sighting> = fc.record({
  vantage: fc.constantFrom('lookout aws', 'lookout gcp', 'lookout watchtower', 'alarm r53', 'alarm uptime'),
  kind: fc.constantFrom('lookout' as const, 'managed-check' as const),
  ground: fc.constantFrom('aws' as const, 'gcp' as const, 'elsewhere' as const),
  site,
  health: fc.constantFrom('healthy' as const, 'unhealthy' as const, 'unknown' as const),
  forSeconds: fc.double({ min: 0, max: 60, noNaN: true }),
  fresh: fc.boolean(),
  because: fc.constant('seen'),
});

const standby: fc.Arbitrary<DatabaseView> = fc
  .record({ site, lagSeconds: fc.option(fc.double({ min: 0, max: 200, noNaN: true })), ready: fc.boolean() })
  .map((one) => ({ ...one, applied: null, because: 'as measured' }));

const instant = fc
  .date({ min: new Date('2026-11-20T02:00:00Z'), max: new Date('2026-11-20T04:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const situation: fc.Arbitrary<Situation> = fc
  .record({
    writer: site,
    epoch: fc.integer({ min: 1, max: 9 }),
    traffic: fc.record({ aws: fc.integer({ min: 0, max: 100 }), gcp: fc.integer({ min: 0, max: 100 }) }),
    paused: seldom(fc.constant({ by: 'ana', reason: 'works', at: '2026-11-20T03:00:00.000Z' })),
    lastRun: seldom(
      fc.record({
        id: fc.constant('r0'),
        scenario: fc.constant('s'),
        target: site,
        outcome: fc.constant('done'),
        endedAt: instant,
        epoch: fc.constant(1),
      }),
    ),
    running: seldom(fc.constant(true)),
  })
  .map(({ running, ...changes }) => {
    const one = aSituation(changes);
    const opening = {
      id: 'r1',
      scenario: strategy.scenarios[0]!,
      target: 'gcp',
      because: 'it was down',
      evidence: [],
      by: 'gcp',
      at: '2026-11-20T03:00:00.000Z',
    };
    return running ? { ...one, run: compileRun(one, opening) } : one;
  });

/** A loss as those who survive it see it, so that runs are opened often enough for what is said of them to mean something. */
const loss: fc.Arbitrary<Sighting[]> = fc
  .record({ lost: site, forSeconds: fc.constantFrom(11, 13, 40) })
  .map(({ lost, forSeconds }) => {
    const other = lost === 'aws' ? ('gcp' as const) : ('aws' as const);
    const sees = (vantage: string, ground: Sighting['ground'], seen: string, health: Sighting['health']): Sighting => ({
      vantage,
      kind: 'lookout',
      ground,
      site: seen,
      health,
      forSeconds,
      fresh: true,
      because: 'seen',
    });
    return [
      sees(`lookout ${other}`, other, lost, 'unhealthy'),
      sees('lookout watchtower', 'elsewhere', lost, 'unhealthy'),
      sees('lookout watchtower', 'elsewhere', other, 'healthy'),
    ];
  });

const noise = fc.array(sighting, { maxLength: 14 });

const anything = fc.record({
  situation,
  sightings: fc.oneof(
    noise,
    loss,
    fc.tuple(loss, fc.array(sighting, { maxLength: 3 })).map((both) => both.flat()),
  ),
  standbys: fc.oneof(fc.array(standby, { maxLength: 2 }), fc.tuple(standby.map((one) => ({ ...one, site: 'gcp' })))),
  now: instant.map((text) => new Date(text)),
});

function decideOn({ situation, sightings, standbys, now }: typeof anything extends fc.Arbitrary<infer T> ? T : never) {
  const assessments = fold(strategy, sightings);
  return { assessments, decision: decide(makeCase(strategy, situation, assessments, standbys, now)) };
}

describe('decide, whatever it is shown', () => {
  it('always answers, always says why, and is a function of what it is shown', () => {
    fc.assert(
      fc.property(anything, (it) => {
        const { decision } = decideOn(it);
        expect(decision.because.length).toBeGreaterThan(10);
        expect(decideOn(it).decision).toEqual(decision);
      }),
    );
  });

  it('opens a run only when nobody has paused, none is open, and the target is seen healthy', () => {
    fc.assert(
      fc.property(anything, (it) => {
        const { decision, assessments } = decideOn(it);
        if (decision.kind !== 'open-run') return;
        expect(it.situation.paused).toBeNull();
        expect(it.situation.run).toBeNull();
        expect(assessments.get(decision.target)?.verdict).toBe('up');
      }),
      { numRuns: 2000 },
    );
  });

  it('never moves the writer without an outside witness, or past the RPO, or when a fresh lookout sees the writer well', () => {
    let moves = 0;
    fc.assert(
      fc.property(anything, (it) => {
        const { decision } = decideOn(it);
        if (decision.kind !== 'open-run' || decision.target === it.situation.writer) return;
        moves += 1;
        const about = it.sightings.filter((one) => one.site === it.situation.writer && one.fresh);
        expect(
          about.some((one) => one.kind === 'lookout' && one.ground === 'elsewhere' && one.health === 'unhealthy'),
        ).toBe(true);
        expect(about.some((one) => one.kind === 'lookout' && one.health === 'healthy')).toBe(false);
        const lag = it.standbys.find((one) => one.site === decision.target)?.lagSeconds ?? Number.POSITIVE_INFINITY;
        expect(lag).toBeLessThanOrEqual(strategy.objectives.rpoSeconds);
      }),
      { numRuns: 5000 },
    );
    expect(moves).toBeGreaterThan(50);
  });

  it('is not moved by what is stale or unknown', () => {
    fc.assert(
      fc.property(anything, (it) => {
        const dull = it.sightings.map((one) => (one.fresh ? { ...one, health: 'unknown' as const } : one));
        expect(decideOn({ ...it, sightings: dull }).decision.kind).not.toBe('open-run');
      }),
    );
  });

  it('sees the same however the sightings are ordered, and however often each is repeated', () => {
    const shuffled = anything.chain((it) =>
      fc.shuffledSubarray(it.sightings, { minLength: it.sightings.length }).map((sightings) => ({ it, sightings })),
    );
    fc.assert(
      fc.property(shuffled, ({ it, sightings }) => {
        const { decision } = decideOn(it);
        const again = decideOn({ ...it, sightings: [...sightings, ...sightings] }).decision;
        expect([again.kind, again.rule]).toEqual([decision.kind, decision.rule]);
      }),
    );
  });
});
