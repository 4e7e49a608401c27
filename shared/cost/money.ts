// Exact decimals: what the rest of cost reckons with, and never with floats.
import Big from 'big.js';
import type { Amount } from '../model/cost.ts';

/** As the providers write them, `6.123E-7` and `+0010.50` too. Throws on what is no number, with the text. */
export function amountOf(text: string): Amount {
  try {
    return plain(new Big(text.trim().replace(/^\+/, '')));
  } catch (cause) {
    throw new Error(`"${text}" is no amount of money`, { cause });
  }
}

export function addAmounts(...amounts: readonly Amount[]): Amount {
  return plain(amounts.reduce((sum, one) => sum.plus(one), new Big(0)));
}

export function subtractAmount(from: Amount, amount: Amount): Amount {
  return plain(new Big(from).minus(amount));
}

/** Exact: the product has all its digits. */
export function multiplyAmount(amount: Amount, by: Amount): Amount {
  return plain(new Big(amount).times(by));
}

/** Rounded to so many digits after the point, the half away from zero. Throws when `by` is nothing. */
export function divideAmount(amount: Amount, by: Amount, digits: number): Amount {
  const Rounded = Big();
  Rounded.DP = digits;
  Rounded.RM = Big.roundHalfUp;
  return plain(new Rounded(amount).div(by));
}

/** The half away from zero. */
export function roundAmount(amount: Amount, digits: number): Amount {
  return plain(new Big(amount).round(digits, Big.roundHalfUp));
}

/** What is beyond so many digits is cut off: never further from nothing than the amount is. */
export function truncateAmount(amount: Amount, digits: number): Amount {
  return plain(new Big(amount).round(digits, Big.roundDown));
}

/** What part of the whole that is, in per cent, rounded as `divideAmount` does. Null: there is no part of nothing. */
export function percentOf(part: Amount, whole: Amount, digits: number): Amount | null {
  return new Big(whole).eq(0) ? null : divideAmount(multiplyAmount(part, '100'), whole, digits);
}

export function absoluteAmount(amount: Amount): Amount {
  return plain(new Big(amount).abs());
}

/** Below zero: `one` is less than `other`. */
export function compareAmounts(one: Amount, other: Amount): number {
  return new Big(one).cmp(other);
}

/** The middle one, or half of the two in the middle: exact. Null: there are none. */
export function medianAmount(amounts: readonly Amount[]): Amount | null {
  const sorted = [...amounts].sort(compareAmounts);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : multiplyAmount(addAmounts(lower, upper), '0.5');
}

/** A running sum, for the many rows of a bill: `addAmounts` would read and write it anew for each. */
export type RunningSum = { add(amount: Amount): void; amount(): Amount };

export function openSum(): RunningSum {
  let sum = new Big(0);
  return {
    add(amount) {
      sum = sum.plus(amount);
    },
    amount: () => plain(sum),
  };
}

function plain(value: Big): Amount {
  // Big knows a negative zero; money does not.
  return value.eq(0) ? '0' : value.toFixed();
}
