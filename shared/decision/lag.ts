// How far the replicas are behind: by the heartbeats that keepers compare, and by what managed checks said where no keeper can tell.
import type { AlarmBoard, DatabaseView } from '../model/bulletin.ts';
import type { LagSignal } from '../model/signal.ts';
import type { SiteName } from '../model/site.ts';

export type Lag = { seconds: number; because: string };

export type LagEvidence = {
  /** Sites that keep a replica of the writer's database. */
  replicas: SiteName[];
  /** Of fresh bulletins only. */
  standbys: DatabaseView[];
  boards: AlarmBoard[];
  now: Date;
  /** How old a managed check's word may be and still count. */
  maxAgeSeconds: number;
};

/**
 * The replica that is furthest behind. A heartbeat goes before an alarm, which may be minutes late. Null when anything about any replica is
 * unknown: missing data is not zero.
 */
export function worstLag(evidence: LagEvidence): Lag | null {
  const lags = evidence.replicas.map((site) => lagOf(site, evidence));
  return lags.reduce(
    (worst, one) => (worst && one ? (one.seconds > worst.seconds ? one : worst) : null),
    lags[0] ?? null,
  );
}

function lagOf(site: SiteName, { standbys, boards, now, maxAgeSeconds }: LagEvidence): Lag | null {
  const view = standbys.find((one) => one.site === site);
  if (view && view.lagSeconds !== null) return { seconds: view.lagSeconds, because: `${site}: ${view.because}` };
  const said = boards
    .flatMap((board) => board.lag)
    .filter((one) => one.site === site && ageSeconds(one, now) <= maxAgeSeconds)
    .reduce<LagSignal | null>((last, one) => (last && last.observedAt >= one.observedAt ? last : one), null);
  if (!said || said.lagSeconds === null) return null;
  return { seconds: said.lagSeconds, because: `${site}: ${said.vantage.name} said so at ${said.observedAt}` };
}

/** Not negative: a check whose clock is ahead speaks of now. */
function ageSeconds({ observedAt }: LagSignal, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(observedAt)) / 1000);
}
