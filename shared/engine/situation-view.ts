// What this process knows of the situation: the last answer of the register, and since when the lease has stood still.
import { type LeaseWatch, mayTake, type Takeable, watchLease } from '../authority/lease-watch.ts';
import type { ReadResult, Register } from '../authority/register.ts';
import type { Silence } from '../decision/sighting.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';

export type SituationView = {
  /** Reads the register; the lease watch is fed with the moment at which the answer came. */
  read(): Promise<ReadResult<Situation>>;
  /** Notes a situation that a commit of our own has answered with. */
  note(situation: Situation): void;
  latest(): Situation | null;
  mayTake(situation: Situation, stopProved: boolean): Takeable;
  /** For how long the lease is known to have stood still: up to the last answer, and not up to now. Null before the first answer. */
  silence(): Silence | null;
};

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  clock: Clock;
  /** Whether this process acts for its site, and may finish what a dead proposer has begun. */
  mayFinish: () => boolean;
};

export function createSituationView({ strategy, register, clock, mayFinish }: Deps): SituationView {
  let latest: Situation | null = null;
  let watch: LeaseWatch = null;
  let answeredSeconds = 0;

  function note(situation: Situation) {
    if (latest && situation.version < latest.version) return;
    latest = situation;
    answeredSeconds = clock.elapsedSeconds();
    watch = watchLease(watch, situation, answeredSeconds);
  }

  return {
    async read() {
      const read = await register.read();
      const result = read.kind === 'unknown' && read.split && mayFinish() ? await register.finish() : read;
      if (result.kind === 'value') note(result.value);
      return result;
    },
    note,
    latest: () => latest,
    silence: () =>
      latest &&
      watch && {
        site: latest.writer,
        epoch: watch.epoch,
        renewal: watch.renewal,
        forSeconds: answeredSeconds - watch.sinceSeconds,
      },
    mayTake: (situation, stopProved) =>
      mayTake(watch, situation, clock.elapsedSeconds(), strategy.authority, stopProved),
  };
}
