// What an operator may command. Every command says who and why, and is journaled.
import * as z from 'zod';
import { SiteName } from './site.ts';
import { Override } from './situation.ts';

const said = {
  /** Unique to the command: sending it twice is giving it once. */
  id: z.string().min(1),
  by: z.string().min(1),
  reason: z.string().min(1, 'say why: the reason is what the journal and the next person on call will read'),
};

export const OperatorCommand = z.discriminatedUnion('command', [
  z.object({ command: z.literal('pause'), ...said }),
  z.object({ command: z.literal('resume'), ...said }),
  z.object({ command: z.literal('override'), ...said, what: Override.shape.what }),
  z.object({ command: z.literal('abandon'), ...said, run: z.string().min(1) }),
  z.object({
    command: z.literal('switchover'),
    ...said,
    to: SiteName,
    /** How long nobody may write at most, before the writer takes its role back. */
    deadlineSeconds: z.number().min(5).max(120).default(20),
  }),
]);
export type OperatorCommand = z.infer<typeof OperatorCommand>;
