// What every parse function must answer with, as a schema, so that tests check ids, times and lengths and not only kinds.
import * as z from 'zod';
import { Rejection, Signal } from '../../../shared/model/signal.ts';

export const Parsed = z.object({
  signals: z.array(Signal),
  rejections: z.array(Rejection.extend({ explanation: z.string().min(10) })),
});
