// The keeper: the scheduled function of a site. It beats: probe, renew, fold, decide, perform; and it never carries an observation
// from one process to the next.
import { worstLag } from '../decision/lag.ts';
import { type HeardBulletin, sightingOfSilence, sightingsOfAlarms, sightingsOfBulletin } from '../decision/sighting.ts';
import { isPausing } from '../decision/switchover.ts';
import type { AlarmBoard, Bulletin, DatabaseView } from '../model/bulletin.ts';
import type { Ground, SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatabaseHealth } from '../ports/database.ts';
import type { AlertWatch } from './alert-watch.ts';
import type { Decided, Decider } from './decider.ts';
import { every } from './every.ts';
import { untilNextLook } from './lease-look.ts';
import type { Lookout } from './lookout.ts';
import type { Performer } from './perform.ts';
import type { Beat, Renewer } from './renewer.ts';
import type { SituationView } from './situation-view.ts';
import type { Turn } from './speaking-turn.ts';
import { viewDatabase } from './standby-view.ts';

/** All bulletins that could be read, and whether any store but our own answered: our network then works. */
export type Heard = { bulletins: HeardBulletin[]; reachedElsewhere: boolean };

export type KeeperDeps = {
  turn: Turn;
  strategy: Strategy;
  site: SiteName;
  ground: Ground;
  incarnation: string;
  view: SituationView;
  lookout: Lookout;
  /** How long this site still has to wait for a lease that its open run asks for; null: it waits for none. */
  untilTakeable: (situation: Situation) => number | null;
  decider: Decider;
  performer: Performer;
  alertWatch: AlertWatch;
  /** Writes the records that a move of traffic still lacks, and alarms people until they are there. */
  followTraffic: (situation: Situation) => Promise<void>;
  /** Asks again for the messages that this process could not send yet. */
  retryTelling: () => Promise<void>;
  /** Null at a site without a database: it can watch and perform, and never holds the role. */
  database: { renewer: Renewer; health: DatabaseHealth } | null;
  /** Puts the guard on tables that have none, and clears what writers left behind. */
  sweep: () => Promise<void>;
  /** Looks at this side's readiness when that is due, says it, and tells people of what is not ready. */
  checkReadiness: () => Promise<void>;
  publish: (bulletin: Bulletin) => Promise<void>;
  hear: () => Promise<Heard>;
  alarms: () => Promise<AlarmBoard[]>;
  clock: Clock;
  onTrouble: (where: string, error: unknown) => void;
  /** What each beat came to, for logs and for the alarm on a lease that is not renewed. */
  onBeat: (beat: Beat) => void;
  onDecided: (decided: Decided) => void;
};

export type Keeper = {
  /** Beats until the time is up or the signal is aborted; then finishes the steps that it has begun. */
  run(options: { lifetimeSeconds: number; signal: AbortSignal }): Promise<void>;
};

/** How old a managed check's word may be and still count: the check may have died with its cloud. */
export const alarmMaxAgeSeconds = 900;
/** How often tables that escaped the guard are looked for. */
const sweepSeconds = 60;
/** How often it is looked whether the records have followed the traffic. */
const followSeconds = 30;
/** While a run is open the steps are looked at this often. */
const runBeatSeconds = 1;
/** And this often while a planned move may keep everybody from writing: each look costs a read, and nobody else is served by it. */
const hurriedSeconds = 0.25;

export function createKeeper(deps: KeeperDeps): Keeper {
  const { strategy, clock, view, turn } = deps;
  const { beatSeconds } = strategy.authority;
  let beat = 0;
  let lastHeard: Heard | null = null;
  // While a site looks unwell it is looked at twice as often: the time until that is proved is time that nobody is served.
  let alarmed = false;

  /** One round of watching. It may take as long as a probe's time-out, so that the lease does not wait for it. */
  async function watchOnce(): Promise<void> {
    // Side by side: where a site drops packets, both wait for it, and a round that took both waits would be seen later.
    const [sites, heard, alarms] = await Promise.all([
      deps.lookout.look(lastHeard?.reachedElsewhere ?? false),
      deps.hear(),
      deps.alarms(),
    ]);
    alarmed = Object.values(sites).some((one) => one.health === 'unhealthy');
    const situation = view.latest();
    const database =
      situation && deps.database ? await viewDatabase(strategy, deps.site, situation, deps.database.health) : null;
    const bulletin: Bulletin = {
      schema: 1,
      lookout: deps.site,
      ground: deps.ground,
      incarnation: deps.incarnation,
      beat: beat++,
      writtenAt: clock.now().toISOString(),
      sites,
      database,
    };
    const publishing = turn.ours()
      ? deps.publish(bulletin).catch((error) => deps.onTrouble('publishing the bulletin', error))
      : null;
    lastHeard = heard;
    turn.hear(heard.bulletins, clock.elapsedSeconds());
    await decideOn(
      [{ bulletin, risenSecondsAgo: 0 }, ...heard.bulletins.filter((one) => one.bulletin.lookout !== deps.site)],
      alarms,
    );
    await publishing;
  }

  async function decideOn(bulletins: HeardBulletin[], alarms: AlarmBoard[]): Promise<void> {
    const situation = view.latest();
    if (!situation) return;
    const freshSeconds = 3 * beatSeconds;
    const silence = view.silence();
    const sightings = [
      ...(silence ? [sightingOfSilence(silence, deps.ground)] : []),
      ...bulletins.flatMap((one) => sightingsOfBulletin(one, freshSeconds)),
      ...alarms.flatMap((board) => sightingsOfAlarms(board, clock.now(), alarmMaxAgeSeconds)),
    ];
    const standbys = bulletins
      .filter((one) => one.risenSecondsAgo !== null && one.risenSecondsAgo <= freshSeconds)
      .flatMap((one): DatabaseView[] => (one.bulletin.database ? [one.bulletin.database] : []));
    const decided = await deps.decider.decide(situation, { sightings, standbys }, turn.ours());
    deps.onDecided(decided);
    deps.performer.watch(decided.situation);
    // Another process of this site is at it: two would fight for the same register, and neither be faster.
    if (!turn.ours()) return;
    deps.performer.tick(decided.situation);
    const lag = worstLag({
      replicas: replicasOf(strategy, situation.writer),
      standbys,
      boards: alarms,
      now: clock.now(),
      maxAgeSeconds: alarmMaxAgeSeconds,
    });
    await deps.alertWatch.look(decided.situation, lag);
  }

  async function renewOnce(): Promise<void> {
    if (deps.database) deps.onBeat(await deps.database.renewer.beat());
    else await view.read();
  }

  /** Whose lease it is renews it every beat; who may have to take it looks when a renewal is due. */
  function renewingSeconds(): number {
    const watchesAnother = turn.ours() && deps.database !== null && view.latest()?.writer !== deps.site;
    return watchesAnother ? untilNextLook(view.silence(), beatSeconds) : beatSeconds;
  }

  /** Until the steps are looked at again: at the very moment at which a lease that is waited for is void, if that comes first. */
  function performingSeconds(): number {
    const situation = view.latest();
    if (!situation?.run) return runBeatSeconds;
    if (isPausing(situation.run)) return hurriedSeconds;
    return Math.min(runBeatSeconds, deps.untilTakeable(situation) ?? runBeatSeconds);
  }

  async function performOnce(): Promise<void> {
    if (!view.latest()?.run || !turn.ours()) return;
    await view.read();
    // A read that found a change under way still leaves what was committed last: every effect is checked by a swap of its own.
    const situation = view.latest();
    if (situation) deps.performer.tick(situation);
  }

  return {
    async run({ lifetimeSeconds, signal }) {
      const untilSeconds = clock.elapsedSeconds() + lifetimeSeconds;
      const { onTrouble } = deps;
      const loop = (name: string, seconds: () => number, round: () => Promise<void>) =>
        every({ seconds, name, clock, untilSeconds, signal, onTrouble }, round);
      await Promise.all([
        loop('renewing the lease', renewingSeconds, renewOnce),
        loop('watching', () => (alarmed ? beatSeconds / 2 : beatSeconds), watchOnce),
        loop('performing', performingSeconds, performOnce),
        loop(
          'following traffic with its records',
          () => followSeconds,
          async () => {
            const situation = view.latest();
            if (situation && turn.ours()) await deps.followTraffic(situation);
          },
        ),
        loop('telling', () => beatSeconds, deps.retryTelling),
        loop(
          'sweeping the database',
          () => sweepSeconds,
          async () => {
            if (turn.ours()) await deps.sweep();
          },
        ),
        // Looked at every beat and due once a minute, so that whoever takes the turn over does not wait a minute for it.
        loop('checking readiness', () => beatSeconds, deps.checkReadiness),
      ]);
      await deps.performer.idle();
    },
  };
}

/** Every other site with a database, whichever the writer is now. */
function replicasOf(strategy: Strategy, writer: SiteName): SiteName[] {
  return strategy.sites.filter(({ name, database }) => database !== null && name !== writer).map(({ name }) => name);
}
