// Rows as they come from the server, parsed into values.
import * as z from 'zod';

const Valued = z.array(z.object({ value: z.unknown() })).length(1);

/** The column `value` of the only row. */
export function oneValue(rows: unknown[]): unknown {
  return Valued.parse(rows)[0]?.value;
}
