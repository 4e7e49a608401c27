// Records to follow: after a move that the beacon alone made, the records are written when the API answers, and until then an alarm says so.
import type { Register } from '../authority/register.ts';
import type { Notification } from '../model/notification.ts';
import type { AlertEpisode, Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { TrafficView } from '../traffic/compile.ts';
import type { TrafficMove } from '../traffic/move.ts';
import { presentView } from '../traffic/present.ts';
import { createEpisodes } from './episodes.ts';
import { isOver } from './run-changes.ts';
import { incidentDesk } from './steps/tell.ts';
import type { Tell } from './tell.ts';

export type TrafficFollowUp = {
  /** Looks at the move that is in force, and finishes it. Throws what the move and the register throw; the next look goes on. */
  look(situation: Situation): Promise<void>;
};

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  move: (view: TrafficView, force: boolean) => TrafficMove;
  tell: Pick<Tell, 'send'>;
  clock: Clock;
  chance: Chance;
  onCommitted: (situation: Situation) => void;
};

/** With a blank, which keeps it apart from the alerts that a strategy names. */
const alert = 'records to follow';

/** In force: clients are led right, and both zones say so. `unknown` says nothing either way. */
type Standing = { kind: 'in-force' | 'to-follow' | 'unknown'; because: string };

export function createTrafficFollowUp(deps: Deps): TrafficFollowUp {
  const { strategy, clock } = deps;
  const episodes = createEpisodes(deps);

  async function finish(view: TrafficView): Promise<Standing> {
    const move = deps.move(view, false);
    const before = await standingOf(move);
    if (before.kind === 'in-force') return before;
    const applied = await move.apply();
    // A newer epoch has decided: what is to follow for this one nobody asks any more.
    if (applied.kind === 'stale') return { kind: 'unknown', because: applied.because };
    const after = await standingOf(move);
    const refused = applied.refused.map((one) => `Refused: ${one}; \`causeway publish\` shows what is in the way.`);
    return { ...after, because: [after.because, ...refused].join(' ') };
  }

  async function send(kind: Notification['kind'], id: string, title: string, text: string): Promise<void> {
    const channel = incidentDesk(strategy)?.name;
    if (channel === undefined) return;
    const severity = kind === 'incident-opened' ? 'high' : 'info';
    const source = strategy.dns.name;
    await deps.tell.send(channel, {
      dedupKey: id,
      kind,
      severity,
      title: `${strategy.application}: ${title}`,
      text,
      source,
    });
  }

  async function begin(id: string, because: string): Promise<void> {
    await episodes.begin({ alert, id, since: clock.now().toISOString(), told: false, about: [] });
    await send(
      'incident-opened',
      id,
      'traffic was moved, and its DNS records are still to follow',
      `${because} This is tried again by itself, and told when it is done; \`causeway publish\` shows what is missing.`,
    );
    await episodes.markTold(id);
  }

  /** Opened and closed under one key. One that was never told ends without a word. */
  async function end({ id, told }: AlertEpisode, because: string): Promise<void> {
    if (told) await send('incident-resolved', id, 'the DNS records have followed the traffic', because);
    await episodes.end(id);
  }

  return {
    async look(situation) {
      if (situation.paused || isMoving(situation)) return;
      const view = presentView(strategy, situation);
      const id = moveInForce(situation, view);
      const ours = situation.episodes.filter((one) => one.alert === alert);
      for (const past of ours.filter((one) => one.id !== id)) await end(past, 'A later move has taken its place.');
      if (id === null) return;
      const standing = await finish(view);
      const episode = ours.find((one) => one.id === id);
      if (standing.kind === 'to-follow' && !episode?.told) await begin(id, standing.because);
      if (standing.kind === 'in-force' && episode) await end(episode, `${standing.because}, and both zones say so.`);
    },
  };
}

/** Null: nothing was ever moved, and what the records say is `causeway publish`'s. A role that was given back leads its name back, by no step of a run. */
function moveInForce({ previous }: Situation, { away, writer, epoch }: TrafficView): string | null {
  if (away.length > 0) return `traffic/e${epoch}/away-${away.join('-')}`;
  return previous === null ? null : `traffic/e${epoch}/writer-${writer}`;
}

/** A step that leads clients elsewhere is open: it does all this by itself. */
function isMoving({ run }: Situation): boolean {
  return run?.steps.some((step) => step.action.kind === 'update_dns' && !isOver(step)) ?? false;
}

async function standingOf(move: TrafficMove): Promise<Standing> {
  const state = await move.observe();
  if (state.kind === 'unknown') return { kind: 'unknown', because: state.because };
  if (state.kind === 'not-moved') return { kind: 'to-follow', because: `Clients are not led there: ${state.because}.` };
  return state.pending.length > 0
    ? { kind: 'to-follow', because: state.pending.join(' ') }
    : { kind: 'in-force', because: state.because };
}
