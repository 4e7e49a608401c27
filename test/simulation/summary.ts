// What many seeds went through together: how many reached what, which faults befell them, and how many in which nothing happened.
import type { Coverage } from './coverage.ts';
import type { Report } from './crew.ts';
import { type FaultName, faultNames } from './faults/faults.ts';

export type Summary = {
  seeds: number;
  /** Seeds that reached it, by its name. */
  reached: Record<string, number>;
  /** Seeds that the fault befell. */
  faults: Record<FaultName, number>;
  /** Seeds in which no fault had any effect on who writes. */
  quiet: number;
  /** Nothing befell them at all. */
  calm: number;
  /** Seeds by the promise that was broken. */
  violations: Record<string, number>;
  virtualHours: number;
  slowestSeconds: number;
};

const reached: Record<string, (coverage: Coverage) => boolean> = {
  'a gap in which nobody could write': ({ lapses }) => lapses > 0,
  'a run': ({ runs }) => runs > 0,
  'a takeover': ({ takeovers }) => takeovers > 0,
  'a fence': ({ fences }) => fences > 0,
  'a double takeover': ({ takeovers }) => takeovers > 1,
  'an old writer that became a replica': ({ rejoins }) => rejoins > 0,
  'a planned move': ({ switchovers }) => switchovers > 0,
  'a planned move there and another back': ({ switchovers }) => switchovers > 1,
  'a return to the first writer': ({ returns }) => returns > 0,
  'a role taken back': ({ takeBacks }) => takeBacks > 0,
  'a loss of writes within the RPO': ({ lostWrites }) => lostWrites > 0,
  "an operator's command": ({ commands }) => commands > 0,
};

export function summarise(reports: Pick<Report, 'coverage' | 'violation'>[]): Summary {
  const all = reports.map(({ coverage }) => coverage);
  const count = (holds: (coverage: Coverage) => boolean) => all.filter(holds).length;
  const violations: Record<string, number> = {};
  for (const { violation } of reports) {
    if (violation) violations[violation.invariant] = (violations[violation.invariant] ?? 0) + 1;
  }
  return {
    seeds: all.length,
    reached: Object.fromEntries(Object.entries(reached).map(([name, holds]) => [name, count(holds)])),
    faults: Object.fromEntries(
      faultNames.map((name) => [name, count(({ faults }) => (faults[name] ?? 0) > 0)]),
    ) as Record<FaultName, number>,
    quiet: count(({ lapses, runs, fences }) => lapses + runs + fences === 0),
    calm: count(({ faults }) => Object.keys(faults).length === 0),
    violations,
    virtualHours: all.reduce((sum, { virtualSeconds }) => sum + virtualSeconds, 0) / 3600,
    slowestSeconds: Math.max(0, ...all.map(({ convergedAfterSeconds }) => convergedAfterSeconds)),
  };
}

export function tellSummary(summary: Summary): string {
  const { seeds } = summary;
  const rows = (counts: Record<string, number>) =>
    Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(7)}  ${share(count, seeds)}  ${name}`);
  return [
    `${seeds} seeds, ${summary.virtualHours.toFixed(1)} virtual hours; well again at most ${summary.slowestSeconds.toFixed(0)} s after the last fault`,
    'reached',
    ...rows(summary.reached),
    ...rows({ 'nothing befell it': summary.calm, 'it befell nobody who writes: proves little': summary.quiet }),
    'befallen by',
    ...rows(summary.faults),
    ...(Object.keys(summary.violations).length > 0 ? ['broken promises', ...rows(summary.violations)] : []),
  ].join('\n');
}

function share(count: number, seeds: number): string {
  return `${((count / Math.max(1, seeds)) * 100).toFixed(1).padStart(5)} %`;
}
