// Episodes in the register: the intent to tell people once, and the memory of having told them, whoever of the keepers does it.
import type { Register } from '../authority/register.ts';
import { next, onExisting, to } from '../authority/situation-changes.ts';
import type { AlertEpisode, Situation } from '../model/situation.ts';
import type { Chance } from '../ports/clock.ts';

export type Episodes = {
  /** At most one of each alert at a time about the same. A change that is not committed is tried again by the next look. */
  begin(episode: AlertEpisode): Promise<void>;
  markTold(id: string): Promise<void>;
  end(id: string): Promise<void>;
};

type Deps = { register: Register<Situation>; chance: Chance; onCommitted: (situation: Situation) => void };

export function createEpisodes({ register, chance, onCommitted }: Deps): Episodes {
  async function commit(change: (episodes: AlertEpisode[]) => AlertEpisode[]): Promise<void> {
    const result = await register.change(
      chance.id(),
      onExisting((current) => to({ ...next(current), episodes: change(current.episodes) })),
    );
    if (result.kind === 'committed') onCommitted(result.value);
  }

  return {
    begin: (episode) => commit((all) => (all.some((one) => isSame(one, episode)) ? all : [...all, episode])),
    markTold: (id) => commit((all) => all.map((one) => (one.id === id ? { ...one, told: true } : one))),
    end: (id) => commit((all) => all.filter((one) => one.id !== id)),
  };
}

/** An alert about nothing in particular is about the same each time. */
function isSame(one: AlertEpisode, other: AlertEpisode): boolean {
  if (one.alert !== other.alert) return false;
  return other.about.length === 0 || other.about.some((what) => one.about.includes(what));
}
