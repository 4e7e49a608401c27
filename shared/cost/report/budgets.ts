// How far the month has used up each budget, and how far it is expected to. Pure; the watch tells people of the same rows.
import type { Amount } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { CostBudget } from '../../model/cost-plan.ts';
import type { Provider } from '../../model/site.ts';
import { type CostMonth, monthOf } from '../calendar.ts';
import { compareAmounts, percentOf } from '../money.ts';
import { type CostBasis, dailyAmounts, type Spent, spentOn, totalOf } from '../spent.ts';
import { forecastMonth } from './forecast.ts';
import type { BudgetRow, Forecast } from './report-shape.ts';

export type BudgetState = { budget: CostBudget; row: BudgetRow; forecast: Forecast };

export type BudgetInput = {
  /** Known and closed days, this month's and those before it. */
  days: readonly CostDay[];
  closed: readonly CostDay[];
  providers: readonly Provider[];
  month: CostMonth;
  basis: CostBasis;
};

/** What is known to be spent, open days and all: it only grows. Amounts in another currency than the budget's are not counted. */
export function budgetState(budget: CostBudget, { days, closed, providers, month, basis }: BudgetInput): BudgetState {
  const counts = (one: Spent) => isOf(budget, one);
  const spent = totalOf(
    spentOn(
      days.filter(({ date }) => monthOf(date) === month),
      basis,
    ).filter(counts),
  );
  const series = providers
    .filter((provider) => budget.provider === null || budget.provider === provider)
    .map((provider) => closed.filter((day) => day.provider === provider))
    .filter((own) => own.length > 0)
    .map((own) => dailyAmounts(own, spentOn(own, basis).filter(counts)));
  const forecast = forecastMonth(series, month);
  const monthly = budget.monthly.amount;
  const spentPercent = percentOf(spent, monthly, 1) ?? '0';
  const foretold = forecast.kind === 'forecast' ? forecast.amount : null;
  const crossed = budget.thresholdPercents.filter((percent) => reaches(spent, percent, monthly));
  return {
    budget,
    forecast,
    row: {
      name: budget.name,
      monthly,
      spent,
      spentPercent,
      forecast: foretold,
      forecastPercent: foretold === null ? null : percentOf(foretold, monthly, 1),
      crossedPercent: crossed.at(-1) ?? null,
      scope: scopeText(budget),
    },
  };
}

function isOf({ monthly, provider, environment, category }: CostBudget, one: Spent): boolean {
  return (
    one.currency === monthly.currency &&
    (provider === null || one.provider === provider) &&
    (environment === null || one.environment === environment) &&
    (category === null || one.category === category)
  );
}

/** Held against the exact amounts, not against what is rounded to be shown. */
function reaches(spent: Amount, percent: number, monthly: Amount): boolean {
  const whole = percentOf(spent, monthly, 12);
  return whole !== null && compareAmounts(whole, String(percent)) >= 0;
}

function scopeText({ provider, environment, category }: CostBudget): string {
  const named = [category, environment && `the environment ${environment}`, provider && `at ${provider}`];
  const parts = named.filter((part) => part !== null && part !== '');
  return parts.length === 0 ? 'everything' : parts.join(', ');
}
