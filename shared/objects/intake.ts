// A batch of storage events: each record ends by itself, and a message with one that did not comes again, or is kept as the keys that it told of.
import type { Chance, Clock } from '../ports/clock.ts';
import { backOffSeconds, eventFailingSeconds, eventWaitingSeconds } from './backoff.ts';
import { type Delivery, eachOnce, endRecords, type PutOff, type RecordDeps } from './heard-records.ts';

export type Handled = { kind: 'done' } | { kind: 'again'; afterSeconds: number; because: string };

export type IntakeDeps = RecordDeps & { chance: Chance };

/** Answers for each delivery, in their order; never rejects. */
export type Intake = (deliveries: readonly Delivery[], untilSeconds: number) => Promise<Handled[]>;

export function createIntake(deps: IntakeDeps): Intake {
  return async (deliveries, untilSeconds) => {
    const ended = await endRecords(deps, deliveries, untilSeconds);
    return Promise.all(
      deliveries.map((delivery, index) => {
        const open = (ended[index] ?? []).filter((one) => one.kind === 'put-off');
        return conclude(deps, delivery, open);
      }),
    );
  };
}

/** The whole message comes again when one of its records must; until that has gone on for too long. */
async function conclude(deps: IntakeDeps, delivery: Delivery, open: readonly PutOff[]): Promise<Handled> {
  const [worst] = [...open].sort((one, other) => other.atLeastSeconds - one.atLeastSeconds);
  if (!worst) return { kind: 'done' };
  const waitedSeconds = Math.max(0, deps.clock.now().getTime() - firstMillisOf(delivery, deps.clock)) / 1000;
  const afterSeconds = Math.max(backOffSeconds(waitedSeconds, deps.chance), worst.atLeastSeconds);
  const limitSeconds = open.some(({ tried }) => tried) ? eventFailingSeconds : eventWaitingSeconds;
  if (waitedSeconds > limitSeconds && (await isKept(deps, open, afterSeconds))) return { kind: 'done' };
  return { kind: 'again', afterSeconds, because: worst.because };
}

/** Whether each of its keys has gone to the queue `again`, where it is counted how long it fails. A dead letter that could not be written has none. */
async function isKept({ again, noted }: IntakeDeps, open: readonly PutOff[], delaySeconds: number): Promise<boolean> {
  const keys = open.flatMap(({ key }) => (key === null ? [] : [key]));
  if (keys.length < open.length) return false;
  try {
    await again.push(eachOnce(keys), { delaySeconds: Math.ceil(delaySeconds) });
    return true;
  } catch (error) {
    const because = `${again.name} did not take ${keys.length} keys, whose events come again: ${error instanceof Error ? error.message : String(error)}`;
    noted({ kind: 'trouble', because });
    return false;
  }
}

function firstMillisOf({ firstMillis, heard }: Delivery, clock: Clock): number {
  const times = heard.flatMap((one) => (one.kind === 'hint' ? [one.hint.timeMillis] : []));
  return firstMillis ?? Math.min(clock.now().getTime(), ...times);
}
