// What DNS depends on as the situation stands: which sites traffic has left, beside what the user routes by.
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { TrafficView } from './compile.ts';

/** Shares in per cent from what the user routes by; where nobody wrote shares, sites that share traffic share it equally. */
export function firstShares({ sites, routing }: Strategy): Record<SiteName, number> {
  const { weighted, failover, latency, geolocation } = routing;
  const onlyFailover = !weighted && !latency && !geolocation ? failover : null;
  const weightOf = (site: SiteName) => {
    if (weighted) return weighted[site] ?? 0;
    return onlyFailover && onlyFailover.primary !== site ? 0 : 1;
  };
  const total = sites.reduce((sum, { name }) => sum + weightOf(name), 0);
  return Object.fromEntries(sites.map(({ name }) => [name, (weightOf(name) * 100) / total]));
}

/**
 * A site that never had a share by the strategy has not been left: it is a standby, and must stay one that can be gone to. Nor has the writer
 * been, whatever a move that was given up has left behind: clients are led to where they can write.
 */
export function presentView(strategy: Strategy, { writer, epoch, traffic }: Situation): TrafficView {
  const first = firstShares(strategy);
  const isLeft = (name: SiteName) => name !== writer && traffic[name] === 0 && (first[name] ?? 0) > 0;
  const away = strategy.sites.map(({ name }) => name).filter(isLeft);
  return { writer, away, epoch };
}
