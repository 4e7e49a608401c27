// The first pass: what there is to do and what it would cost, found out from the listings alone. Nothing is changed.
import { classify, type Difference, type Side } from './classify.ts';
import { type MergedKey, mergeKeys, type Streams } from './merge.ts';
import { count, isWanted, type Tally } from './tally.ts';

export type SurveyOptions = {
  /** The sides that the run may write to. */
  writesTo: readonly Side[];
  /** Counted on from where an earlier call stopped; changed as the survey goes. */
  tally: Tally;
  /** Asked between keys. */
  mayGoOn: () => boolean;
  /** Told of every key that the run would do something about; a promise is waited for. */
  found: (merged: MergedKey, difference: Difference) => void | Promise<void>;
};

/** `position`: the last key that was counted; null when there was none. */
export type Passed = { ended: boolean; position: string | null };

/** Throws what the buckets and the store throw: a listing that is not whole is no listing. */
export async function survey(streams: Streams, from: string | null, options: SurveyOptions): Promise<Passed> {
  const { writesTo, tally, mayGoOn, found } = options;
  let position = from;
  const end = await mergeKeys(streams, (merged) => {
    const difference = classify(merged);
    const wanted = isWanted(difference, writesTo);
    count(tally, merged, difference, wanted);
    position = merged.key;
    const told = wanted ? found(merged, difference) : undefined;
    return told ? told.then(mayGoOn) : mayGoOn();
  });
  return { ended: end === 'ended', position };
}
