// Ballots and cells: what one store keeps for the register.
import * as z from 'zod';

/** The order in which proposals win. Counters first, then the proposer's name, so that no two are equal. */
export const Ballot = z.object({ counter: z.int().nonnegative(), proposer: z.string() });
export type Ballot = z.infer<typeof Ballot>;

/** Negative, zero or positive, as in sorting. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.counter !== b.counter) return a.counter - b.counter;
  return a.proposer < b.proposer ? -1 : a.proposer > b.proposer ? 1 : 0;
}

export function sameBallot(a: Ballot | null, b: Ballot | null): boolean {
  return a === null || b === null ? a === b : compareBallots(a, b) === 0;
}

/**
 * One acceptor's memory, kept as one object. The nonce makes every body unlike any other: an S3 ETag is the MD5 of the
 * content, so that two equal bodies would share the version that conditional writes rest on.
 */
export const Cell = z.object({
  schema: z.literal(1),
  promised: Ballot,
  accepted: Ballot.nullable(),
  value: z.unknown(),
  nonce: z.string(),
});
export type Cell = z.infer<typeof Cell>;
