// When a day of a bill is whole enough to be judged by: providers go on adding to it for some time.
import type { CostDay, CostState } from '../model/cost-day.ts';
import { addDays } from './calendar.ts';

/**
 * Both providers tell a day's usage within a day of its end, nearly always. Not the same as "not estimated": a provider calls every day of an
 * open month an estimate, and whoever waited for the invoice would hear of a runaway service a month late.
 */
const CLOSED_AFTER_HOURS = 48;

type TakenDay = Pick<CostDay, 'provider' | 'date' | 'takenAt' | 'estimated'>;

/**
 * Days that the provider was asked for again long enough after they had ended, and that could be taken then. Only a few late entries are to be
 * expected of them. A provider of which no run has told how it went is taken at what is kept.
 */
export function closedDays<Day extends TakenDay>(days: readonly Day[], states: readonly CostState[]): Day[] {
  return days.filter((day) =>
    isClosed(
      day,
      states.find(({ provider }) => provider === day.provider),
    ),
  );
}

function isClosed(day: TakenDay, state: CostState | undefined): boolean {
  if (!day.estimated) return true;
  if (state?.troubled.some(({ date }) => date === day.date)) return false;
  const askedAt = Math.max(Date.parse(day.takenAt), state === undefined ? 0 : Date.parse(state.lastRunTime));
  return askedAt - Date.parse(addDays(day.date, 1)) >= CLOSED_AFTER_HOURS * 3_600_000;
}
