// Watching a lease stand still: the only way to take the role from a writer that does not answer.
// The timer lives in one process and starts when the read that showed the renewal number was answered. No clock of another
// machine is looked at; only the rate of this process's own clock is trusted, within the margin.
import type { Situation } from '../model/situation.ts';
import type { Stillness } from './situation-changes.ts';

export type LeaseWatch = { epoch: number; renewal: number; sinceSeconds: number } | null;

export type LeaseTimes = { ttlSeconds: number; marginSeconds: number };

/** Folds one answered read into the watch; `answeredAtSeconds` is this process's monotonic clock after the answer. */
export function watchLease(watch: LeaseWatch, situation: Situation, answeredAtSeconds: number): LeaseWatch {
  const { epoch, lease } = situation;
  if (watch && watch.epoch === epoch && watch.renewal === lease.renewal) return watch;
  return { epoch, renewal: lease.renewal, sinceSeconds: answeredAtSeconds };
}

export type Takeable =
  | { kind: 'yes'; seen: Stillness; because: string }
  | { kind: 'not-yet'; waitSeconds: number; because: string };

/** Whether the role may be taken now, and from what exactly. `stopProved`: the provider's API says that the old database is stopped. */
export function mayTake(
  watch: LeaseWatch,
  situation: Situation,
  nowSeconds: number,
  times: LeaseTimes,
  stopProved: boolean,
): Takeable {
  const needSeconds = times.ttlSeconds + times.marginSeconds;
  if (situation.lease.fenced) {
    return {
      kind: 'yes',
      seen: seenOf(situation),
      because: `the old writer was fenced by ${situation.lease.fenced.by}`,
    };
  }
  if (stopProved) {
    return { kind: 'yes', seen: seenOf(situation), because: "the old writer's database is stopped, says its provider" };
  }
  if (!watch || watch.epoch !== situation.epoch || watch.renewal !== situation.lease.renewal) {
    return { kind: 'not-yet', waitSeconds: needSeconds, because: 'the lease has only just been seen' };
  }
  const stoodSeconds = nowSeconds - watch.sinceSeconds;
  if (stoodSeconds >= needSeconds) {
    return {
      kind: 'yes',
      seen: { epoch: watch.epoch, renewal: watch.renewal },
      because: `renewal ${watch.renewal} of epoch ${watch.epoch} stood still for ${stoodSeconds.toFixed(1)} s (${times.ttlSeconds} s and ${times.marginSeconds} s margin)`,
    };
  }
  return {
    kind: 'not-yet',
    waitSeconds: needSeconds - stoodSeconds,
    because: `renewal ${watch.renewal} of epoch ${watch.epoch} has stood still for ${stoodSeconds.toFixed(1)} of ${needSeconds} s`,
  };
}

function seenOf(situation: Situation): Stillness {
  return { epoch: situation.epoch, renewal: situation.lease.renewal };
}
