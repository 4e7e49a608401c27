// Days and months in UTC, as bills cut them.
import type { CostDate } from '../model/cost.ts';

const DAY_MILLIS = 86_400_000;

/** `2026-11`. */
export type CostMonth = string;

/** The day that an instant is in. */
export function dateOf(instant: Date): CostDate {
  return instant.toISOString().slice(0, 10);
}

export function monthOf(date: CostDate): CostMonth {
  return date.slice(0, 7);
}

export function addDays(date: CostDate, days: number): CostDate {
  return dateOf(new Date(Date.parse(date) + days * DAY_MILLIS));
}

/** How many days `other` is after `one`; negative when it is before. */
export function daysBetween(one: CostDate, other: CostDate): number {
  return Math.round((Date.parse(other) - Date.parse(one)) / DAY_MILLIS);
}

/** 0 is Sunday. */
export function weekdayOf(date: CostDate): number {
  return new Date(Date.parse(date)).getUTCDay();
}

/** Every day from `from` to before `to`. */
export function datesFrom(from: CostDate, to: CostDate): CostDate[] {
  return Array.from({ length: Math.max(0, daysBetween(from, to)) }, (_, index) => addDays(from, index));
}

/** Months after (or before, when negative). */
export function addMonths(month: CostMonth, months: number): CostMonth {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

export function datesOf(month: CostMonth): CostDate[] {
  return datesFrom(`${month}-01`, `${addMonths(month, 1)}-01`);
}
