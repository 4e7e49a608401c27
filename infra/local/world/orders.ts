// What the drill orders a region to do: one JSON object a line on its standard input, the counterpart of `report-line.ts`.
import * as z from 'zod';

/** The services of a region that can be made to fail. */
export const Api = z.enum(['store', 'dns', 'database', 'cluster', 'kubernetes']);
export type Api = z.infer<typeof Api>;

export const Order = z.discriminatedUnion('kind', [
  /** A region's functions begin when they are told to: the register must hold a situation before a keeper asks for it. */
  z.object({ kind: z.literal('start-functions') }),
  /** SIGKILL for PostgreSQL, with nobody to start it again; and its start with the data that it has. */
  z.object({ kind: z.literal('kill-database') }),
  z.object({ kind: z.literal('start-database') }),
  /** SIGSTOP for every process that keeps the site, the functions and the one beside the application, and SIGCONT. */
  z.object({ kind: z.literal('freeze-keepers') }),
  z.object({ kind: z.literal('thaw-keepers') }),
  /** SIGKILL for every process that keeps the site: schedules and the container platform start new ones. */
  z.object({ kind: z.literal('kill-keepers') }),
  /** The site's functions are over: their schedule is off, and those that run are killed. */
  z.object({ kind: z.literal('end-functions') }),
  /** SIGKILL for the functions that replicate objects, in the middle of what they do: the next event starts new ones. */
  z.object({ kind: z.literal('kill-object-functions') }),
  /** The process beside the application is over, and nobody starts it again. */
  z.object({ kind: z.literal('end-renewer') }),
  z.object({ kind: z.literal('end-lookout') }),
  /** Every connection to that service is cut, until it is mended. */
  z.object({ kind: z.literal('break'), api: Api }),
  z.object({ kind: z.literal('mend'), api: Api }),
]);
export type Order = z.infer<typeof Order>;

/** The region answers each with a report line of the same number. */
export const OrderLine = z.object({ number: z.int(), order: Order });
export type OrderLine = z.infer<typeof OrderLine>;
