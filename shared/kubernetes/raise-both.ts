// Raising nodes and workload at once, so that trouble with one does not hold up the other.
import { CapacityUnavailable } from '../ports/capacity.ts';

/**
 * Runs both to their end. One failure is thrown as it is; two are thrown together, as `CapacityUnavailable` when either outcome is
 * not known.
 */
export async function raiseBoth(work: { nodes(): Promise<void>; workload(): Promise<void> }): Promise<void> {
  const results = await Promise.allSettled([work.nodes(), work.workload()]);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length === 0) return;
  if (reasons.length === 1) throw reasons[0];
  const text = `neither the nodes nor the workload could be raised: ${reasons.map(String).join('; ')}`;
  const cause = new AggregateError(reasons, text);
  throw reasons.some((reason) => reason instanceof CapacityUnavailable)
    ? new CapacityUnavailable(text, { cause })
    : cause;
}
