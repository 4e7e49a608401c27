// How much of a month is known of each provider: what is missing is named, and what may still change is marked. Pure.
import type { CostDate } from '../../model/cost.ts';
import type { CostDay, CostState } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import { datesText } from '../amount-text.ts';
import { addDays, type CostMonth, datesOf, daysBetween, monthOf } from '../calendar.ts';
import type { Coverage } from './report-shape.ts';

/** A provider tells a day within so many days of its end: until then nobody has to look after it. */
const TOLD_WITHIN_DAYS = 2;

/** `today`: a day that is not over is never missing. */
export function coverageOf(
  provider: Provider,
  days: readonly CostDay[],
  state: CostState | null,
  { month, today }: { month: CostMonth; today: CostDate },
): Coverage {
  const own = days.filter((day) => day.provider === provider && monthOf(day.date) === month);
  const told = new Set(own.map(({ date }) => date));
  const takenAt = own.map((day) => day.takenAt).reduce((last, one) => (one > last ? one : last), '');
  return {
    provider,
    takenAt: takenAt === '' ? null : takenAt,
    known: told.size,
    missing: datesOf(month).filter((date) => date < today && !told.has(date)),
    estimated: own.filter(({ estimated }) => estimated).map(({ date }) => date),
    troubles: (state?.troubled ?? [])
      .filter(({ date }) => monthOf(date) === month)
      .map(({ date, because, sinceTime }) => `${date}, since ${sinceTime}: ${because}`),
  };
}

/** Days that should have been told by now. */
function overdue({ missing }: Coverage, today: CostDate): CostDate[] {
  return missing.filter((date) => daysBetween(date, today) > TOLD_WITHIN_DAYS);
}

/** What a reader has to know before the figures of a provider. */
export function coverageFindings(coverage: Coverage, month: CostMonth, today: CostDate): string[] {
  const { provider, known, missing, troubles } = coverage;
  const late = overdue(coverage, today);
  const last = missing.at(-1);
  const fill = `\`causeway cost snapshot --provider ${provider} --from ${missing[0]} --to ${last && addDays(last, 1)}\` asks for them`;
  const nothing = `nothing is known of ${provider} in ${month}, and it is in no sum: ${missing.length === 0 ? 'no day of it is over yet' : fill}`;
  const days = late.length === 1 ? 'a day' : `${late.length} days`;
  const gap = `${days} of ${provider} ${late.length === 1 ? 'is' : 'are'} missing, and not counted as nothing: ${datesText(late)}. ${fill}`;
  return [
    ...(known === 0 ? [nothing] : late.length > 0 ? [gap] : []),
    ...troubles.map((trouble) => `a day of ${provider} could not be taken: ${trouble}`),
  ];
}
