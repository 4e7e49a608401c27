// What `causeway cost snapshot` says: what it would ask for, each day as it comes, and what became of it.

import { changesText } from '../../shared/cost/snapshot/changes-text.ts';
import type { SnapshotWork } from '../../shared/cost/snapshot/run.ts';
import type { SnapshotOutcome, SnapshotPlan } from '../../shared/cost/snapshot/snapshot.ts';
import type { DayOutcome } from '../../shared/cost/snapshot/take-day.ts';
import { troublesOf, troubleText } from '../../shared/cost/snapshot/troubles.ts';
import type { CostDate } from '../../shared/model/cost.ts';
import type { Provider } from '../../shared/model/site.ts';
import type { CostOfAsking } from '../../shared/ports/cost-source.ts';
import type { Colors } from './strategy-issues.ts';
import { bytesText, countText, dollarsText } from './text.ts';

/** `plan` null: `because` says why nothing can be asked for. */
export type Planned = {
  provider: Provider;
  work: Pick<SnapshotWork, 'source' | 'shelves' | 'clock'>;
  plan: SnapshotPlan | null;
  because: string | null;
};

export type Taken = { provider: Provider; outcome: SnapshotOutcome | null; because: string | null };

export function plannedLines({ provider, plan, because }: Planned): string[] {
  if (plan === null) return [`${provider}: ${because}`];
  const { inView, ask, check, cost } = plan;
  if (cost === null) return [`${provider}: all of ${countText(inView)} days are settled: nothing is asked for`];
  return [
    `${provider}: ${countText(ask.length)} of ${countText(inView)} days are asked for${spanOf(ask)}`,
    ...(check.length > 0
      ? [`  ${countText(check.length)} more are open: their totals tell whether they are asked for too`]
      : []),
    `  at least ${costText(cost)}`,
  ];
}

function spanOf(dates: readonly CostDate[]): string {
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined) return '';
  return first === last ? `, ${first}` : `, ${first} to ${last}`;
}

function costText({ requests, readBytes, amount }: CostOfAsking): string {
  const read = readBytes === null ? '' : ` that read ${bytesText(readBytes)}`;
  return `${countText(requests)} request${requests === 1 ? '' : 's'}${read}: ${dollarsText(Number(amount))}`;
}

export function plannedData({ provider, plan, because }: Planned) {
  return plan === null
    ? { provider, because }
    : { provider, daysInView: plan.inView, ask: plan.ask, check: plan.check, cost: plan.cost };
}

export function dayLine(day: DayOutcome): string {
  switch (day.kind) {
    case 'taken':
      return `${day.date} taken, ${countText(day.day.rows)} rows, ${sumsText(day.day.sums)}`;
    case 'restated':
      return `${day.date} restated to ${sumsText(day.day.sums)}: ${changesText(day.revision)}`;
    case 'settled':
      return `${day.date} is final: ${sumsText(day.day.sums)}`;
    case 'unchanged':
      return `${day.date} is as it was`;
    case 'overtaken':
      return `${day.date} was taken by another run after this one asked`;
    case 'troubled':
      return `${day.date} was not taken (${day.trouble}): ${day.because}`;
  }
}

function sumsText(sums: readonly { currency: string; billed: string }[]): string {
  return sums.length === 0
    ? 'nothing charged'
    : sums.map(({ currency, billed }) => `${billed} ${currency}`).join(' and ');
}

export function doneWell({ outcome }: Taken): boolean {
  return outcome !== null && outcome.unreached.length === 0 && outcome.days.every(({ kind }) => kind !== 'troubled');
}

export function doneLines({ provider, outcome, because }: Taken, { green, yellow }: Colors): string[] {
  if (outcome === null) return [`${yellow(provider)}: ${because}`];
  const { days, caughtUp, unreached, spent } = outcome;
  const worthTelling = days.filter(({ kind }) => kind === 'restated' || kind === 'settled');
  const well = doneWell({ provider, outcome, because });
  const kinds = countsOf(days)
    .map(([kind, count]) => `${countText(count)} ${kind}`)
    .join(', ');
  return [
    `${(well ? green : yellow)(provider)}: ${kinds || 'no day was asked for'}; ${costText(spent)}`,
    ...worthTelling.map((day) => `  ${dayLine(day)}`),
    ...troublesOf(days).map((one) => `  ${troubleText(one)}`),
    ...(caughtUp.length > 0 ? [`  ${countText(caughtUp.length)} days were copied to a bucket that lacked them`] : []),
    ...unreached.map((one) => `  ${one.because}`),
  ];
}

function countsOf(days: readonly DayOutcome[]): [string, number][] {
  const names: Record<DayOutcome['kind'], string> = {
    taken: 'taken',
    restated: 'restated',
    settled: 'final now',
    unchanged: 'unchanged',
    overtaken: 'taken by another run',
    troubled: 'not taken',
  };
  const counts = new Map<string, number>();
  for (const { kind } of days) counts.set(names[kind], (counts.get(names[kind]) ?? 0) + 1);
  return [...counts];
}

export function doneData({ provider, outcome, because }: Taken) {
  if (outcome === null) return { provider, because };
  return {
    provider,
    days: outcome.days.map((day) => ({ date: day.date, kind: day.kind, ...detailsOf(day) })),
    caughtUp: outcome.caughtUp,
    unreached: outcome.unreached,
    spent: outcome.spent,
  };
}

function detailsOf(day: DayOutcome) {
  if (day.kind === 'troubled') return { trouble: day.trouble, because: day.because };
  if (day.kind === 'restated') return { sums: day.day.sums, changes: day.revision.changes };
  return day.kind === 'taken' || day.kind === 'settled' ? { sums: day.day.sums, rows: day.day.rows } : {};
}
