// How a source is asked again that answered "not so fast", and when that is given up.
import type { Chance, Clock } from '../ports/clock.ts';
import { CostUnavailable } from '../ports/cost-source.ts';

export type Patience = {
  clock: Pick<Clock, 'sleep'>;
  chance: Pick<Chance, 'fraction'>;
  say: (sentence: string) => void;
};

/** With half a second to one and a half before the second, and twice that each time: at most 23 s in all. */
const tries = 5;
const firstWaitSeconds = 1;

/** A throttled request was not worked on, so that asking again is not paid for twice. Nothing else is asked again. */
export async function askPatiently<T>(what: string, patience: Patience, ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CostUnavailable) || error.reason !== 'throttled' || tried === tries) throw error;
      const waitSeconds = firstWaitSeconds * 2 ** (tried - 1) * (0.5 + patience.chance.fraction());
      const again = `try ${tried} of ${tries}, again in ${waitSeconds.toFixed(1)} s`;
      patience.say(`${error.source}: ${what} was throttled: ${again}`);
      await patience.clock.sleep(waitSeconds);
    }
  }
}
