// The first pass of a run: counted from where it stands, then held against the guards. Nothing is written anywhere.
import type { Checkpoint } from './checkpoint.ts';
import type { Difference } from './classify.ts';
import { type Refusal, refusals } from './guards.ts';
import { openStreams } from './listings.ts';
import type { MergedKey } from './merge.ts';
import { type Begun, meteredEnds, type PairWork } from './pair-work.ts';
import { survey } from './survey.ts';
import { emptyTally, type Tally } from './tally.ts';

export type SurveyHow = {
  untilSeconds: number;
  stop: AbortSignal;
  found: (merged: MergedKey, difference: Difference) => void | Promise<void>;
  progress: (tally: Tally) => void;
};

/** `left`: what there is to do from here on. `ended: false`: stopped before the end, so that nothing was guarded. */
export type Surveyed = { ended: boolean; checkpoint: Checkpoint; left: Tally; refusals: Refusal[] };

/** How many keys go by between two looks at the time. */
const LOOK_KEYS = 1000;

/** Throws what the listings and the baseline's store throw. */
export async function surveyRun(work: PairWork, { checkpoint, baseline }: Begun, how: SurveyHow): Promise<Surveyed> {
  const { scope, phase, position: from } = checkpoint;
  // What is left of a run that is at work is counted by itself: the checkpoint's tally stays that of the whole.
  const tally = phase === 'survey' ? structuredClone(checkpoint.tally) : emptyTally();
  const usage = structuredClone(checkpoint.usage);
  const ends = meteredEnds(work, scope, usage);
  const streams = openStreams(ends, work.store, baseline, { prefix: scope.prefix, startAfter: from });
  let keys = 0;
  const mayGoOn = () => {
    keys += 1;
    if (keys % LOOK_KEYS !== 0) return true;
    how.progress(tally);
    return !how.stop.aborted && work.clock.elapsedSeconds() < how.untilSeconds;
  };
  const { writesTo } = scope;
  const { ended, position } = await survey(streams, from, { writesTo, tally, mayGoOn, found: how.found });
  const counted = phase === 'survey' ? { ...checkpoint, tally, usage, position } : { ...checkpoint, usage };
  return { ended, checkpoint: counted, left: tally, refusals: ended ? refusals(tally, work.pair, work.limits) : [] };
}
