// Amounts of money as people write them: `3000 USD`.
import * as z from 'zod';
import { amountOf } from '../cost/money.ts';
import type { Money } from '../model/cost-plan.ts';

const ALLOWED = 'an amount with its currency, such as 3000 USD or 19.50 EUR';

/** More than nothing, with its currency: amounts of different currencies are never added, so none is guessed. */
export const WrittenMoney = z
  .string({ error: ALLOWED })
  .regex(/^(?=.*[1-9].* )\d+(\.\d+)? [A-Z]{3}$/, { error: ALLOWED })
  .transform((written): Money => {
    const [amount = '', currency = ''] = written.split(' ');
    return { amount: amountOf(amount), currency };
  });
