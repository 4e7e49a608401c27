// How many decisions a second: folding the sightings, making the case and finding the rule.
import { makeCase } from '../../shared/decision/case.ts';
import { decide } from '../../shared/decision/decide.ts';
import { fold } from '../../shared/decision/fold.ts';
import type { Sighting } from '../../shared/decision/sighting.ts';
import type { DatabaseView } from '../../shared/model/bulletin.ts';
import type { Health } from '../../shared/model/signal.ts';
import { aSituation } from '../support/situation.ts';
import { theStrategy } from '../support/strategy.ts';
import { median } from './figures.ts';
import type { BenchTable } from './table.ts';

const ROUNDS = 7;
const DECISIONS = 20_000;

const lookouts = [
  { vantage: 'lookout aws', ground: 'aws' },
  { vantage: 'lookout gcp', ground: 'gcp' },
  { vantage: 'lookout witness', ground: 'elsewhere' },
] as const;

const standby: DatabaseView = { site: 'gcp', applied: null, lagSeconds: 0.4, ready: true, because: '0.4 s behind' };

/** All three lookouts see the writer so, and the standby healthy; the one that stands in AWS is silent when AWS is down. */
function sightings(writer: Health, forSeconds: number): Sighting[] {
  return lookouts
    .filter(({ ground }) => writer === 'healthy' || ground !== 'aws')
    .flatMap(({ vantage, ground }) =>
      [
        { site: 'aws', health: writer },
        { site: 'gcp', health: 'healthy' as const },
      ].map(({ site, health }) => ({
        vantage,
        ground,
        site,
        health,
        kind: 'lookout' as const,
        forSeconds,
        fresh: true,
        because: `HTTP check: ${health}`,
      })),
    );
}

/** Rejects when a case meets another rule than the one that it stands for. */
export async function benchDecide(progress: (line: string) => void): Promise<BenchTable> {
  const strategy = theStrategy();
  const situation = aSituation();
  const now = new Date('2026-11-20T03:00:10.000Z');
  const cases = [
    { rule: 'all-well', seen: sightings('healthy', 600) },
    { rule: 'suspected', seen: sightings('unhealthy', 4) },
    { rule: 'writer-down', seen: sightings('unhealthy', 13) },
  ];
  const rows = cases.map(({ rule, seen }) => {
    progress(`decisions: ${rule}`);
    const once = () => decide(makeCase(strategy, situation, fold(strategy, seen), [standby], now));
    if (once().rule !== rule) throw new Error(`the case for ${rule} met the rule ${once().rule}`);
    const perSecond = median(Array.from({ length: ROUNDS }, () => rate(once)));
    return [rule, String(seen.length), Math.round(perSecond).toString(), (1e6 / perSecond).toFixed(1)];
  });
  return {
    title: 'Decisions: fold, case and policy',
    columns: ['rule that matched', 'sightings', 'decisions per second', 'each (us)'],
    rows,
    notes: [`Median of ${ROUNDS} rounds of ${DECISIONS} decisions in one process, after one round to warm up.`],
  };
}

function rate(once: () => unknown): number {
  const began = performance.now();
  for (let index = 0; index < DECISIONS; index += 1) once();
  return DECISIONS / ((performance.now() - began) / 1000);
}
