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
  /**
   * For how long the lease is known to have stood still while it could have been renewed: up to the last answer, and not up to now. Where
   * the register did not answer here for a while, it may have answered nobody, its writer among them: the time before that does not count.
   * Null before the first answer.
   */
  silence(): Silence | null;
};

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  clock: Clock;
  /** Whether this process acts for its site, and may finish what a dead proposer has begun. */
  mayFinish: () => boolean;
};

/** A register that did not answer for so many beats was away, and not only slow. */
const awayBeats = 3;

export function createSituationView({ strategy, register, clock, mayFinish }: Deps): SituationView {
  let latest: Situation | null = null;
  let watch: LeaseWatch = null;
  let answeredSeconds = Number.NEGATIVE_INFINITY;
  let answeringSinceSeconds = 0;

  function note(situation: Situation) {
    if (latest && situation.version < latest.version) return;
    latest = situation;
    const nowSeconds = clock.elapsedSeconds();
    if (nowSeconds - answeredSeconds > awayBeats * strategy.authority.beatSeconds) answeringSinceSeconds = nowSeconds;
    answeredSeconds = nowSeconds;
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
        forSeconds: answeredSeconds - Math.max(watch.sinceSeconds, answeringSinceSeconds),
      },
    mayTake: (situation, stopProved) =>
      mayTake(watch, situation, clock.elapsedSeconds(), strategy.authority, stopProved),
  };
}
