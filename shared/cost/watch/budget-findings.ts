// Budgets that have come to a threshold, or are expected to go beyond it: once each in a month. Pure.
import { moneyText } from '../amount-text.ts';
import type { CostMonth } from '../calendar.ts';
import { compareAmounts } from '../money.ts';
import type { BudgetState } from '../report/budgets.ts';
import type { WatchFinding } from './finding.ts';

/** `missing`: what is said of days that are not known; empty: none is. */
export type BudgetContext = { application: string; month: CostMonth; missing: string; foretell: boolean };

export function budgetFindings(state: BudgetState, context: BudgetContext): WatchFinding[] {
  return [...thresholdFinding(state, context), ...(context.foretell ? forecastFinding(state, context) : [])];
}

/** The highest that was crossed; those below it are told with it. */
function thresholdFinding({ budget, row }: BudgetState, context: BudgetContext): WatchFinding[] {
  const { crossedPercent: crossed, spent, monthly, spentPercent, scope } = row;
  if (crossed === null) return [];
  const { currency } = budget.monthly;
  const id = (percent: number) => `${placeOf(budget.name, context.month)}/${percent}`;
  const sentences = [
    `${moneyText(spent, currency)} of ${moneyText(monthly, currency)} for ${context.month} is spent, ${spentPercent} % (${scope}).`,
    foretoldText({ budget, row }),
    context.missing,
    '`causeway cost report` shows where it goes.',
  ];
  return [
    {
      id: id(crossed),
      covers: budget.thresholdPercents.filter((percent) => percent < crossed).map(id),
      near: null,
      channels: budget.notify,
      notification: {
        dedupKey: `cost/${id(crossed)}`,
        kind: 'message',
        severity: crossed >= 100 ? 'high' : 'medium',
        title: `${context.application}: ${crossed} % of the budget ${budget.name} is spent`,
        text: sentences.filter((one) => one !== '').join('\n'),
        source: 'cost',
      },
    },
  ];
}

/** Only with a forecast whose error is known, and while what is foretold has not happened yet. */
function forecastFinding({ budget, row, forecast }: BudgetState, context: BudgetContext): WatchFinding[] {
  const { forecastPercent: limit, monthly } = budget;
  const { forecastPercent, spentPercent, scope } = row;
  if (limit === null || forecastPercent === null || forecast.kind !== 'forecast' || forecast.error === null) return [];
  if (compareAmounts(forecastPercent, String(limit)) < 0 || compareAmounts(spentPercent, String(limit)) >= 0) return [];
  const id = `${placeOf(budget.name, context.month)}/forecast`;
  const { averagePercent, worstPercent, trials, horizonDays } = forecast.error;
  const sentences = [
    `${foretoldText({ budget, row })} The budget is ${moneyText(monthly.amount, monthly.currency)} for ${context.month} (${scope}); ${spentPercent} % of it is spent.`,
    `How sure that is: ${forecast.how}; foretold so ${trials} times in the past, ${horizonDays} days ahead, it was off by ${averagePercent} % on average and ${worstPercent} % at worst.`,
    context.missing,
    '`causeway cost report` shows where it goes.',
  ];
  return [
    {
      id,
      covers: [],
      near: null,
      channels: budget.notify,
      notification: {
        dedupKey: `cost/${id}`,
        kind: 'message',
        severity: 'medium',
        title: `${context.application}: the budget ${budget.name} is expected to come to ${forecastPercent} %`,
        text: sentences.filter((one) => one !== '').join('\n'),
        source: 'cost',
      },
    },
  ];
}

function foretoldText({ budget, row }: Pick<BudgetState, 'budget' | 'row'>): string {
  if (row.forecast === null) return '';
  return `For the whole month ${moneyText(row.forecast, budget.monthly.currency)} is foretold, ${row.forecastPercent} %.`;
}

function placeOf(name: string, month: CostMonth): string {
  return `budget/${encodeURIComponent(name)}/${month}`;
}
