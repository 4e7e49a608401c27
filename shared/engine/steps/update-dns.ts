// update_dns: leads clients to the target. Done when the authoritative servers answer so, not when an API said yes.
import type { Run } from '../../model/run.ts';
import type { SiteName } from '../../model/site.ts';
import type { Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { TrafficView } from '../../traffic/compile.ts';
import type { TrafficMove } from '../../traffic/move.ts';
import { firstShares } from '../../traffic/present.ts';
import type { Executor } from '../executor.ts';

type Deps = { strategy: Strategy; move: (view: TrafficView, force: boolean) => TrafficMove };

export function createUpdateDns({ strategy, move }: Deps): Executor<'update_dns'> {
  const moveOf = (situation: Situation, run: Run) =>
    move(
      viewAfter(strategy, situation, run),
      situation.overrides.some((one) => one.what === 'traffic-cap'),
    );
  return {
    attemptSeconds: 60,
    patienceSeconds: 1800,
    claims: true,
    async observe({ situation, run, action }) {
      const state = await moveOf(situation, run).observe();
      if (state.kind === 'unknown')
        return { kind: 'waiting', blocker: `nobody knows where clients are led: ${state.because}` };
      if (state.kind === 'not-moved') return { kind: 'to-do' };
      // Whether the cap would have been kept without it nobody knows any more: the first move under it uses it up.
      const used = situation.overrides.find((one) => one.what === 'traffic-cap');
      const later = state.pending.length > 0 ? ` Still to follow: ${state.pending.join(' ')}` : '';
      return {
        kind: 'done',
        detail: `clients are led to ${action.site}: ${state.because}.${later}`,
        traffic: sharesAfter(strategy, situation, run),
        ...(used && { overrideUsed: used }),
      };
    },
    async apply({ situation, run }) {
      const applied = await moveOf(situation, run).apply();
      if (applied.kind === 'stale') throw new Error(`refused as stale: ${applied.because}`);
      if (applied.refused.length > 0 && applied.did.length === 0) throw new Error(applied.refused.join('; '));
    },
  };
}

/** A planned move to the site that the strategy calls the primary brings everything back to what the strategy says. */
function bringsHome(strategy: Strategy, { handOver, target }: Run): boolean {
  return handOver !== null && target === strategy.replication.primary;
}

/** Sites that traffic must have left when the run is done: those that it had left before, and the one that the run is about. */
function awayAfter(strategy: Strategy, situation: Situation, run: Run): SiteName[] {
  if (bringsHome(strategy, run)) return [];
  const trigger = strategy.scenarios.find((one) => one.name === run.scenario)?.trigger;
  const lost = run.handOver?.from ?? (trigger?.kind === 'site_down' ? trigger.site : null);
  return strategy.sites
    .map((site) => site.name)
    .filter((name) => name !== run.target && (name === lost || situation.traffic[name] === 0));
}

/** What DNS depends on once the run has moved traffic. */
export function viewAfter(strategy: Strategy, situation: Situation, run: Run): TrafficView {
  return { writer: situation.writer, away: awayAfter(strategy, situation, run), epoch: situation.epoch };
}

/** What was shared among all is shared among those that stay, in the same proportion. */
export function sharesAfter(strategy: Strategy, situation: Situation, run: Run): Record<SiteName, number> {
  if (bringsHome(strategy, run)) return firstShares(strategy);
  const away = awayAfter(strategy, situation, run);
  const staying = strategy.sites.map((site) => site.name).filter((name) => !away.includes(name));
  const total = staying.reduce((sum, name) => sum + (situation.traffic[name] ?? 0), 0);
  const share = (name: SiteName) => (total > 0 ? ((situation.traffic[name] ?? 0) * 100) / total : 100 / staying.length);
  return Object.fromEntries(strategy.sites.map(({ name }) => [name, away.includes(name) ? 0 : share(name)]));
}
