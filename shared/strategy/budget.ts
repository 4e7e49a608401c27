// The worst case that a strategy's own timings add up to, before anything has been promoted.
import type { Strategy } from '../model/strategy.ts';

type BudgetPart = { name: string; seconds: number; because: string };

export type Budget = {
  parts: BudgetPart[];
  totalSeconds: number;
  rtoSeconds: number;
  /** What is left of the RTO for promotion, scaling and start-up; negative when the RTO is out of reach. */
  leftSeconds: number;
};

/**
 * Detection, lease, health check and DNS one after the other, in seconds. The lease runs out while detection is under way,
 * so that a real failover is faster than this sum: it is a bound, and no forecast.
 */
export function worstCase({ authority, healthChecks, routing, dns, objectives }: Strategy): Budget {
  const { beatSeconds, confirmWindowSeconds, ttlSeconds, marginSeconds } = authority;
  const checkSeconds = routing.failover?.healthCheckIntervalSeconds ?? healthChecks.intervalSeconds;
  const parts: BudgetPart[] = [
    {
      name: 'detection',
      seconds: 2 * beatSeconds + healthChecks.timeoutSeconds + confirmWindowSeconds,
      because: 'a beat until it is seen, the probe time-out, the confirm window, a beat until it is decided',
    },
    {
      name: 'lease',
      seconds: ttlSeconds + marginSeconds + beatSeconds,
      because: 'the same renewal must have been seen for TTL and margin, and the taker looks once a beat',
    },
    { name: 'health check', seconds: checkSeconds, because: 'the check that turns DNS over looks once in that time' },
    { name: 'DNS TTL', seconds: dns.ttlSeconds, because: 'clients may keep the old answer that long' },
  ];
  const totalSeconds = round(parts.reduce((sum, part) => sum + part.seconds, 0));
  const { rtoSeconds } = objectives;
  return { parts, totalSeconds, rtoSeconds, leftSeconds: round(rtoSeconds - totalSeconds) };
}

/** `detection 22s + lease 27s = 49s`. */
export function sumText({ parts, totalSeconds }: Budget): string {
  return `${parts.map(({ name, seconds }) => `${name} ${round(seconds)}s`).join(' + ')} = ${totalSeconds}s`;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
