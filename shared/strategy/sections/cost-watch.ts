// `cost.budgets` and `cost.anomalies`: what may be spent, what is unusual, and who is told.
import * as z from 'zod';
import { costCategories } from '../../model/cost.ts';
import type { CostBudget, CostPlan } from '../../model/cost-plan.ts';
import type { Known } from '../known.ts';
import { WrittenMoney } from '../money.ts';
import { channelReference } from '../references.ts';
import { named, oneOf, refuse, section, text, wholeNumber } from '../vocabulary.ts';

const THRESHOLDS_ALLOWED = 'a list of percentages, such as [50, 80, 100]';
const FORECAST_ALLOWED = 'a percentage such as 110, or never';

export function budgetsSection(known: Known) {
  const budget = section({
    monthly: WrittenMoney,
    provider: oneOf(['aws', 'gcp']).optional(),
    environment: text('the name of an environment').optional(),
    category: oneOf(costCategories).optional(),
    thresholds: z.array(wholeNumber(1, 1000), { error: THRESHOLDS_ALLOWED }).prefault([50, 80, 100]),
    forecast: z.union([wholeNumber(1, 1000), z.literal('never')], { error: FORECAST_ALLOWED }).default(110),
    notify: channels(known),
  }).transform(
    (written): Omit<CostBudget, 'name'> => ({
      monthly: written.monthly,
      provider: written.provider ?? null,
      environment: written.environment ?? null,
      category: written.category ?? null,
      thresholdPercents: [...new Set(written.thresholds)].sort((one, other) => one - other),
      forecastPercent: written.forecast === 'never' ? null : written.forecast,
      notify: written.notify,
    }),
  );
  return named(budget, 'budget')
    .prefault({})
    .transform((budgets) => Object.entries(budgets).map(([name, declared]): CostBudget => ({ name, ...declared })));
}

export function anomaliesSection(known: Known) {
  return section({
    at_least: z.union([WrittenMoney, z.array(WrittenMoney)], { error: 'an amount such as 20 USD, or a list of them' }),
    notify: channels(known),
  })
    .optional()
    .transform((written, context): CostPlan['anomalies'] => {
      if (!written) return { atLeast: [], notify: [] };
      const atLeast = [written.at_least].flat();
      const currencies = atLeast.map(({ currency }) => currency);
      const twice = currencies.find((currency, index) => currencies.indexOf(currency) !== index);
      if (twice !== undefined) {
        const message = `two amounts of ${twice}: which one is meant could not be told. Leave one.`;
        const found = `${twice} twice`;
        refuse(context, ['at_least'], { found, allowed: 'one amount of each currency', message, rule: 'same-twice' });
      }
      return { atLeast, notify: written.notify };
    });
}

function channels(known: Known) {
  return z.array(channelReference(known), { error: 'a list of channels' }).prefault([]);
}
