// Anomalous days that belong together: a cost that rises and stays is one thing to tell, and not one each day. Pure.
import type { Amount, CostDate } from '../../model/cost.ts';
import { absoluteAmount, compareAmounts, multiplyAmount, subtractAmount } from '../money.ts';
import { type DailyAmounts, isFar, type Judgement, judgeDay, usualUntil } from './judge-day.ts';

type Anomaly = Extract<Judgement, { kind: 'anomaly' }>;

export type Episode = {
  direction: 'up' | 'down';
  /** The first day, by which it is told. */
  date: CostDate;
  first: Anomaly;
  lastDate: CostDate;
  days: number;
  /** It goes on from one that was told already, and has grown since. */
  again: boolean;
};

/**
 * It is over when it has gone back for so many days that could be judged: a working week does not end at the weekend. Or when it has stayed
 * for so many that are usual by now: weekdays get used to a new level one by one, and later where days of them are not known.
 */
const DAYS_BACK = 7;
const DAYS_STAYED = 28;
/** Twice as far off as what it was told by, in money and in proportion, is news again. */
const GROWN = '2';

/** Every episode that the days hold, the oldest first. Days must be in order; those that cannot be judged neither go on nor end one. */
export function episodesOf(amounts: DailyAmounts, dates: readonly CostDate[], atLeast: Amount): Episode[] {
  const episodes: Episode[] = [];
  let quiet = { back: 0, stayed: 0 };
  for (const date of dates) {
    const judged = judgeDay(amounts, date, atLeast);
    if (judged.kind === 'unknown') continue;
    const last = episodes.at(-1);
    const current = quiet.back < DAYS_BACK && quiet.stayed < DAYS_STAYED ? last : undefined;
    if (judged.kind === 'usual') {
      if (last) quiet[hasStayed(amounts, date, last) ? 'stayed' : 'back'] += 1;
      continue;
    }
    quiet = { back: 0, stayed: 0 };
    if (current && current.direction === judged.direction && !isGrown(current.first, judged)) {
      current.lastDate = date;
      current.days += 1;
    } else {
      episodes.push({
        direction: judged.direction,
        date,
        first: judged,
        lastDate: date,
        days: 1,
        again: current?.direction === judged.direction,
      });
    }
  }
  return episodes;
}

/** Whether a day that is usual by now is still where the episode brought it, seen from before the episode. */
function hasStayed(amounts: DailyAmounts, date: CostDate, { date: first, direction }: Episode): boolean {
  const amount = amounts.get(date);
  const before = usualUntil(amounts, date, first);
  if (amount === undefined || before === null) return false;
  const order = compareAmounts(amount, before);
  return (direction === 'up' ? order > 0 : order < 0) && isFar(amount, before);
}

/** Compared by multiplying, since the usual may be nothing: off/usual of the one against off/usual of the other. */
function isGrown(first: Anomaly, now: Anomaly): boolean {
  const off = (one: Anomaly) => absoluteAmount(subtractAmount(one.amount, one.usual));
  const inMoney = compareAmounts(off(now), multiplyAmount(off(first), GROWN)) >= 0;
  const inProportion =
    compareAmounts(
      multiplyAmount(off(now), absoluteAmount(first.usual)),
      multiplyAmount(multiplyAmount(off(first), GROWN), absoluteAmount(now.usual)),
    ) >= 0;
  return inMoney && inProportion;
}
