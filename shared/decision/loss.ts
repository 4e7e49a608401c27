// How much a takeover would lose, estimated from heartbeats in the old writer's own times: no clock of the other side is looked at.
import type { Heartbeat } from '../model/situation.ts';

export type LossEstimate =
  | { kind: 'estimated'; lossSeconds: number; because: string }
  /** Nothing to measure from; an operator must decide. */
  | { kind: 'unknown'; because: string };

/**
 * `recorded` is the last heartbeat that the old writer put into the register, `applied` the last one that arrived here.
 * What was written after the last recorded heartbeat cannot be seen from here; it is at most one beat when the writer was healthy.
 */
export function estimateLoss(recorded: Heartbeat | null, applied: Heartbeat | null): LossEstimate {
  if (!recorded) return { kind: 'unknown', because: 'the old writer never recorded a heartbeat' };
  if (!applied) return { kind: 'unknown', because: 'no heartbeat of the old writer has ever arrived here' };
  if (applied.epoch < recorded.epoch) {
    return {
      kind: 'unknown',
      because: `the last heartbeat that arrived is of epoch ${applied.epoch}, the writer was at ${recorded.epoch}`,
    };
  }
  const behindSeconds = (Date.parse(recorded.writtenAt) - Date.parse(applied.writtenAt)) / 1000;
  return {
    kind: 'estimated',
    lossSeconds: Math.max(0, behindSeconds),
    because: `heartbeat ${applied.number} of ${recorded.number} has arrived`,
  };
}
