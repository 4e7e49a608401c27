// What a cell's value holds: the value itself and the ids of the changes that made it.
import * as z from 'zod';

/** How many change ids stay in the value: long enough for a proposer whose answer was lost to find its own. */
const remembered = 24;

export const RegisterValue = z.object({ value: z.unknown(), changes: z.array(z.string()) });
export type RegisterValue = z.infer<typeof RegisterValue>;

export function withChange(value: unknown, id: string, before: RegisterValue | null): RegisterValue {
  return { value, changes: [...(before?.changes ?? []), id].slice(-remembered) };
}
