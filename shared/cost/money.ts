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

/** Below zero: `one` is less than `other`. */
export function compareAmounts(one: Amount, other: Amount): number {
  return new Big(one).cmp(other);
}

function plain(value: Big): Amount {
  // Big knows a negative zero; money does not.
  return value.eq(0) ? '0' : value.toFixed();
}
