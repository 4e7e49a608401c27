// The watchtower: a lookout without a site. It probes, and says every beat what it sees; it decides nothing and does nothing.
import type { Bulletin } from '../model/bulletin.ts';
import type { Ground } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import type { BulletinBoard } from './bulletin-board.ts';
import { every } from './every.ts';
import type { Lookout } from './lookout.ts';

export type WatchtowerDeps = {
  strategy: Strategy;
  /** The lookout's name in the strategy. */
  name: string;
  ground: Ground;
  /** Unique to this process. */
  incarnation: string;
  lookout: Lookout;
  board: BulletinBoard;
  clock: Clock;
  onTrouble: (where: string, error: unknown) => void;
};

export type Watchtower = {
  /** Watches until the time is up or the signal is aborted. */
  run(options: { lifetimeSeconds: number; signal: AbortSignal }): Promise<void>;
};

export function createWatchtower(deps: WatchtowerDeps): Watchtower {
  const { board, clock, onTrouble } = deps;
  let beat = 0;
  let reachedElsewhere = false;
  // While a site looks unwell it is looked at twice as often: the time until that is proved is time that nobody is served.
  let alarmed = false;

  async function watchOnce(): Promise<void> {
    // The others are read for one thing only: whether this lookout's own network works, without which its time-outs prove nothing.
    const [sites, read] = await Promise.all([deps.lookout.look(reachedElsewhere), board.read()]);
    reachedElsewhere = read.reachedElsewhere;
    alarmed = Object.values(sites).some((one) => one.health === 'unhealthy');
    const bulletin: Bulletin = {
      schema: 1,
      lookout: deps.name,
      ground: deps.ground,
      incarnation: deps.incarnation,
      beat: beat++,
      writtenAt: clock.now().toISOString(),
      sites,
      database: null,
    };
    await board.publish(bulletin).catch((error) => onTrouble('publishing the bulletin', error));
  }

  return {
    async run({ lifetimeSeconds, signal }) {
      const untilSeconds = clock.elapsedSeconds() + lifetimeSeconds;
      const { beatSeconds } = deps.strategy.authority;
      const seconds = () => (alarmed ? beatSeconds / 2 : beatSeconds);
      await every({ seconds, name: 'watching', clock, untilSeconds, signal, onTrouble }, watchOnce);
    },
  };
}
