// The watch: after each run of the snapshots it looks at what is known, and tells people what they would want to know, once each.
import type { CostDay } from '../../model/cost-day.ts';
import type { CostNotice } from '../../model/cost-notice.ts';
import type { CostPlan } from '../../model/cost-plan.ts';
import { datesText } from '../amount-text.ts';
import { addDays, type CostMonth, dateOf, datesOf, monthOf } from '../calendar.ts';
import { closedDays } from '../closed-day.ts';
import { type KeptDays, readDays } from '../read-days.ts';
import { budgetState } from '../report/budgets.ts';
import { reportDates } from '../report/report-days.ts';
import type { CostBasis } from '../spent.ts';
import { anomalyFindings } from './anomaly-findings.ts';
import { budgetFindings } from './budget-findings.ts';
import { findAnomalies } from './find-anomalies.ts';
import type { WatchFinding } from './finding.ts';
import { noticeFinding } from './notice-findings.ts';
import { stallFindings } from './stall-findings.ts';
import { type ToldDeps, tellOnce } from './told.ts';

export type WatchDeps = ToldDeps & { application: string; plan: CostPlan };

export type Watched = {
  /** Ids of what was found, by what became of it. */
  told: string[];
  already: string[];
  /** What could not be read or told, in sentences. */
  trouble: string[];
};

/** What is spent effectively: a commitment that is paid upfront is not a month gone wild. */
const BASIS: CostBasis = 'effective';
/** The last days of a month are told in the first of the next. */
const LATE_DAYS = 5;

/** Does not reject for what it could not tell: that is in its answer, and is tried again by the next run. Rejects when no bucket answers. */
export async function watchCosts(deps: WatchDeps): Promise<Watched> {
  const { plan, stores, clock } = deps;
  const today = dateOf(clock.now());
  const providers = plan.sources.map(({ provider }) => provider);
  const kept = await readDays(stores, providers, reportDates(monthOf(today), today));
  const watched = await tellAll(deps, findingsIn(deps, kept, clock.now()));
  return { ...watched, trouble: [...kept.unread, ...watched.trouble] };
}

/** What providers say by themselves. */
export function tellNotices(deps: WatchDeps, notices: readonly CostNotice[]): Promise<Watched> {
  const { plan, application } = deps;
  return tellAll(
    deps,
    notices.flatMap((notice) => noticeFinding(notice, plan, application) ?? []),
  );
}

/** Everything that is to be told of these days, told before or not. Pure. */
export function findingsIn(
  { application, plan }: Pick<WatchDeps, 'application' | 'plan'>,
  { days, states }: Pick<KeptDays, 'days' | 'states'>,
  now: Date,
): WatchFinding[] {
  const today = dateOf(now);
  const providers = plan.sources.map(({ provider }) => provider);
  const closed = closedDays(days, states);
  const months = new Set([monthOf(addDays(today, -LATE_DAYS)), monthOf(today)]);
  const { notify: channels, atLeast } = plan.anomalies;
  const budgets = [...months].flatMap((month) =>
    plan.budgets.flatMap((budget) => {
      const state = budgetState(budget, { days, closed, providers, month, basis: BASIS });
      const missing = missingText(plan, days, month, today);
      return budgetFindings(state, { application, month, missing, foretell: month === monthOf(today) });
    }),
  );
  const anomalies = anomalyFindings(findAnomalies(closed, BASIS, atLeast), { application, channels, today });
  return [...budgets, ...anomalies, ...stallFindings(providers, states, { application, channels, now })].filter(
    (one) => one.channels.length > 0,
  );
}

function missingText({ sources }: CostPlan, days: readonly CostDay[], month: CostMonth, today: string): string {
  const gaps = sources.flatMap(({ provider }) => {
    const told = new Set(days.filter((day) => day.provider === provider).map(({ date }) => date));
    const missing = datesOf(month).filter((date) => date < today && !told.has(date));
    return missing.length === 0 ? [] : [`${provider} ${datesText(missing)}`];
  });
  return gaps.length === 0 ? '' : `Days that are not known, and not counted: ${gaps.join('; ')}.`;
}

async function tellAll(deps: WatchDeps, findings: readonly WatchFinding[]): Promise<Watched> {
  const watched: Watched = { told: [], already: [], trouble: [] };
  for (const finding of findings) {
    try {
      watched[await tellOnce(deps, finding)].push(finding.id);
    } catch (error) {
      watched.trouble.push(
        `${finding.id} could not be told: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return watched;
}
