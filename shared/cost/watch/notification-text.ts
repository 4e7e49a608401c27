// What people are told of money: in full sentences, with what it was held against and what to do.
import { moneyText } from '../amount-text.ts';
import { weekdayOf } from '../calendar.ts';
import type { FoundAnomaly } from './find-anomalies.ts';

const WEEKDAYS = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];

/** `compute at aws in production cost $83.10 on 2026-11-12; on Thursdays it usually costs $40.20 (...)`. */
export function anomalyText({
  provider,
  service,
  environment,
  date,
  currency,
  first,
  days,
  lastDate,
}: FoundAnomaly): string {
  const where = environment === null ? 'with no known environment' : `in ${environment}`;
  const usual = `on ${WEEKDAYS[weekdayOf(date)]} it usually costs ${moneyText(first.usual, currency)}`;
  const how = `the median of ${first.weekdays} weeks, which spread by ${moneyText(first.spread, currency)}`;
  const on = days > 1 ? ` It has gone on for ${days} days, to ${lastDate}.` : '';
  return `${service} at ${provider} ${where} cost ${moneyText(first.amount, currency)} on ${date}; ${usual} (${how}).${on}`;
}
