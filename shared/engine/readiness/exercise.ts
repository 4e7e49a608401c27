// Making the exercises of a round: a few at a time, each within its own limit, so that one API that is slow or refuses hides no other.
import type { Exercise } from '../../model/readiness.ts';
import type { Situation } from '../../model/situation.ts';
import type { Clock } from '../../ports/clock.ts';
import { StoreUnavailable } from '../../ports/object-store.ts';
import { within } from '../within.ts';
import type { ExerciseCall } from './exercises.ts';

const limitSeconds = 6;
/** Each heavy SDK is loaded by its first call: not all at once, beside a beat that must go on. */
const atOnce = 4;
/** A look that is due once a minute may come a little early. */
const earlySeconds = 5;

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** What was called a short while ago, and answered, is kept as it is until it is due. Never throws. */
export async function makeExercises(
  calls: ExerciseCall[],
  before: Exercise[],
  situation: Situation,
  clock: Clock,
): Promise<Exercise[]> {
  const waiting = calls.entries();
  const done = new Map<number, Exercise>();
  const worker = async () => {
    for (const [index, call] of waiting) {
      const last = before.find(({ name }) => name === call.name);
      done.set(index, last && isFresh(last, call, clock) ? last : await exercise(call, last, situation, clock));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return [...done].toSorted(([one], [other]) => one - other).map(([, made]) => made);
}

function isFresh({ sight }: Exercise, { everySeconds }: ExerciseCall, clock: Clock): boolean {
  if (sight.kind !== 'seen') return false;
  const ageSeconds = (clock.now().getTime() - Date.parse(sight.at)) / 1000;
  return ageSeconds >= 0 && ageSeconds < everySeconds - earlySeconds;
}

async function exercise(
  { name, ground, call }: ExerciseCall,
  last: Exercise | undefined,
  situation: Situation,
  clock: Clock,
): Promise<Exercise> {
  const at = () => clock.now().toISOString();
  try {
    const late = () => new NoAnswer(`no answer within ${limitSeconds} s`);
    const facts = await within(limitSeconds, clock, call(situation), late);
    return { name, ground, sight: { kind: 'seen', at: at(), facts } };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const seenAt = last === undefined ? null : last.sight.kind === 'seen' ? last.sight.at : last.sight.seenAt;
    return { name, ground, sight: { kind: isRefusal(error) ? 'refused' : 'unknown', at: at(), because, seenAt } };
  }
}

/** Ports throw their own `...Unavailable` for what nobody knows, and any other error for a no that is final. */
function isRefusal(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return error.reason === 'refused';
  return error instanceof Error && !error.name.endsWith('Unavailable') && !(error instanceof NoAnswer);
}
