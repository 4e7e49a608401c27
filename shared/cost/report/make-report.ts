// A month's report, made of the days that are kept: every figure that the text, the CSV and the page show. Pure.
import type { Currency } from '../../model/cost.ts';
import type { CostDay, CostState } from '../../model/cost-day.ts';
import type { CostPlan } from '../../model/cost-plan.ts';
import type { Provider } from '../../model/site.ts';
import { type CostMonth, dateOf, datesOf, monthOf } from '../calendar.ts';
import { closedDays } from '../closed-day.ts';
import { compareAmounts, percentOf } from '../money.ts';
import { ASSUMPTIONS } from '../savings/assumptions.ts';
import { checkClaims } from '../savings/claims.ts';
import { findSavings } from '../savings/find-savings.ts';
import type { EstateShape } from '../savings/opportunities.ts';
import { type CostBasis, currenciesOf, dailyAmounts, type Spent, spentOn } from '../spent.ts';
import { findAnomalies } from '../watch/find-anomalies.ts';
import { anomalyText } from '../watch/notification-text.ts';
import { environmentShares, serviceShares } from './allocation.ts';
import { budgetState } from './budgets.ts';
import { coverageFindings, coverageOf } from './coverage.ts';
import { forecastMonth } from './forecast.ts';
import { ownCost } from './own-cost.ts';
import type { Anomaly, CategoryRow, CostReport, Coverage, CurrencyReport, DayPoint } from './report-shape.ts';
import { savingsWindow } from './savings-window.ts';
import { categoryRows, sidesOf, together, toldByAll } from './sides.ts';
import { type KnownDays, monthToDate } from './to-date.ts';

export type ReportInput = {
  application: string;
  plan: CostPlan;
  /** Who stands by, and what production is called. */
  estate: EstateShape;
  month: CostMonth;
  now: Date;
  basis: CostBasis;
  /** The month's days and those of about four months before it. */
  days: readonly CostDay[];
  states: readonly CostState[];
  /** What could not be read, in sentences. */
  unread: readonly string[];
};

export function makeReport(input: ReportInput): CostReport {
  const { application, plan, month, now, basis, days, states, unread } = input;
  const today = dateOf(now);
  const coverage = plan.sources.map(({ provider }) =>
    coverageOf(provider, days, states.find((state) => state.provider === provider) ?? null, { month, today }),
  );
  const ofMonth = days.filter(({ date }) => monthOf(date) === month);
  const currencies = currenciesOf(spentOn(ofMonth, basis)).map((currency) => currencyReport(input, coverage, currency));
  return {
    schema: 1,
    application,
    month,
    at: now.toISOString(),
    basis,
    coverage,
    findings: [
      ...unread,
      ...coverage.flatMap((one) => coverageFindings(one, month, today)),
      ...currencies.flatMap((one) => currencyFindings(one, plan)),
      ...Object.keys(plan.savings)
        .filter((name) => !(name in ASSUMPTIONS))
        .map((name) => `cost.savings.${name} is no assumption: there are ${Object.keys(ASSUMPTIONS).join(', ')}`),
      ...(currencies.length > 1 ? [`bills come in ${currencies.length} currencies, which are never added`] : []),
    ],
    currencies,
  };
}

/** Everything of one currency. */
function currencyReport(input: ReportInput, coverage: readonly Coverage[], currency: Currency): CurrencyReport {
  const { plan, month, basis, days, states } = input;
  const known = new Set(coverage.filter((one) => one.known > 0).map(({ provider }) => provider));
  const providers = coverage.map(({ provider }) => provider);
  const closed = closedDays(days, states);
  const of = (some: readonly CostDay[]) => spentOn(some, basis).filter((one) => one.currency === currency);
  const ofMonth = days.filter(({ date }) => monthOf(date) === month);
  const spent = of(ofMonth);
  const compared = toldByAll(closed.filter(({ date }) => monthOf(date) === month));
  const total = sidesOf(spent, known);
  const transfer = sidesOf(
    spent.filter((one) => one.transfer),
    known,
  );
  const categories = categoryRows(spent, known, compared);
  const series = providers
    .map((provider) => closed.filter((day) => day.provider === provider))
    .filter((own) => own.length > 0)
    .map((own) => dailyAmounts(own, of(own)));
  return {
    currency,
    total,
    categories,
    comparedDays: compared.size,
    environments: environmentShares(spent, plan.allocation),
    services: serviceShares(spent, plan.allocation),
    toDate: monthToDate(of(closed), knownDays(closed, providers), month),
    forecast: forecastMonth(series, month),
    transfer: {
      ...transfer,
      sharePercent: transfer.all === null || total.all === null ? null : percentOf(transfer.all, total.all, 1),
    },
    own: ownCost(
      spent,
      known,
      plan.environments.named.map(({ name }) => name),
    ),
    budgets: plan.budgets
      .filter(({ monthly }) => monthly.currency === currency)
      .map((budget) => budgetState(budget, { days, closed, providers, month, basis }).row),
    anomalies: anomaliesIn(input, closed, currency),
    savings: savingsOf(input, closed, categories, currency),
    daily: dailyPoints(ofMonth, spent, month, closed),
  };
}

function knownDays(days: readonly CostDay[], providers: readonly Provider[]): KnownDays {
  return new Map(
    providers.map((provider) => [
      provider,
      new Set(days.filter((day) => day.provider === provider).map(({ date }) => date)),
    ]),
  );
}

function dailyPoints(
  days: readonly CostDay[],
  spent: readonly Spent[],
  month: CostMonth,
  closed: readonly CostDay[],
): DayPoint[] {
  const of = (provider: Provider) => {
    const own = days.filter((day) => day.provider === provider);
    return dailyAmounts(
      own,
      spent.filter((one) => one.provider === provider),
    );
  };
  const [aws, gcp] = [of('aws'), of('gcp')];
  return datesOf(month).map((date) => ({
    date,
    ...together(aws.get(date) ?? null, gcp.get(date) ?? null),
    estimated: days.filter((day) => day.date === date && day.estimated).map(({ provider }) => provider),
    open: days.filter((day) => day.date === date && !closed.includes(day)).map(({ provider }) => provider),
  }));
}

function anomaliesIn({ plan, month, basis }: ReportInput, closed: readonly CostDay[], currency: Currency): Anomaly[] {
  return findAnomalies(closed, basis, plan.anomalies.atLeast)
    .filter((one) => one.currency === currency && monthOf(one.lastDate) >= month && monthOf(one.date) <= month)
    .map((one) => ({
      provider: one.provider,
      service: one.service,
      environment: one.environment,
      date: one.date,
      direction: one.direction,
      amount: one.first.amount,
      usual: one.first.usual,
      because: anomalyText(one),
    }));
}

function savingsOf(
  { plan, estate, month, basis }: ReportInput,
  closed: readonly CostDay[],
  categories: readonly CategoryRow[],
  currency: Currency,
): CurrencyReport['savings'] {
  const providers = plan.sources.map(({ provider }) => provider);
  const window = savingsWindow(closed, providers, basis, { month, currency });
  if (window === null || compareAmounts(window.base.total, '0') <= 0) return null;
  const found = findSavings(window.base, estate, plan.savings);
  return {
    ...found,
    base: window.base.total,
    basis: window.said,
    claims: checkClaims({ base: window.base, categories, ...found }),
  };
}

/** Untagged cost makes every share by environment uncertain by as much. */
const MUCH_UNTAGGED_PERCENT = '5';

function currencyFindings({ currency, environments, budgets }: CurrencyReport, plan: CostPlan): string[] {
  const untagged = environments.find(({ name }) => name === null)?.sharePercent ?? '0';
  const over = budgets.filter(({ crossedPercent }) => crossedPercent !== null && crossedPercent >= 100);
  return [
    ...over.map(({ name, spentPercent }) => `the budget ${name} is used up: ${spentPercent} % of it is spent`),
    ...(compareAmounts(untagged, MUCH_UNTAGGED_PERCENT) > 0
      ? [
          `${untagged} % of what is spent in ${currency} has no environment that the strategy knows: tag it with \`${plan.environments.tag}\`, or name its values under cost.environments`,
        ]
      : []),
    ...(plan.anomalies.atLeast.every((one) => one.currency !== currency)
      ? [`anomalies in ${currency} are not looked for: give an amount in ${currency} under cost.anomalies.at_least`]
      : []),
  ];
}
