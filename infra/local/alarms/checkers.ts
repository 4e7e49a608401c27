// Managed checkers: several probers of one endpoint, each with its own rhythm and its own opinion.

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import { callHttp } from '../http-call.ts';

export type Checkers = {
  /** Share of the checkers with an opinion that find the endpoint healthy; null before any has one. */
  healthyFraction(): number | null;
  close(): Promise<void>;
};

export type CheckersOptions = {
  url: string;
  /** How many look. Route 53 has sixteen or more, Cloud Monitoring's uptime checks three or more. */
  count: number;
  intervalSeconds: number;
  /** Equal results in a row that change a checker's opinion; the first result makes one. */
  threshold: number;
  /** One look: true is healthy. */
  check(url: string): Promise<boolean>;
  /** Told after each look. */
  onLook(): void;
  clock: Clock;
  chance: Chance;
};

/** Each checker starts at a chance moment of the first interval. */
export function startCheckers(options: CheckersOptions): Checkers {
  const closing = createClosing();
  const opinions = Array.from({ length: options.count }, (): boolean | null => null);
  const look = async (index: number): Promise<void> => {
    const { clock, chance, intervalSeconds } = options;
    await clock.sleep(chance.fraction() * intervalSeconds, closing.signal);
    let streak = { result: true, length: 0 };
    while (!closing.signal.aborted) {
      const startedSeconds = clock.elapsedSeconds();
      const result = await options.check(options.url);
      streak = { result, length: streak.result === result ? streak.length + 1 : 1 };
      if (opinions[index] === null || streak.length >= options.threshold) opinions[index] = result;
      options.onLook();
      const tookSeconds = clock.elapsedSeconds() - startedSeconds;
      await clock.sleep(Math.max(0, intervalSeconds - tookSeconds), closing.signal);
    }
  };
  const running = opinions.map((_, index) => look(index));
  return {
    healthyFraction: () => {
      const known = opinions.filter((opinion) => opinion !== null);
      return known.length === 0 ? null : known.filter((opinion) => opinion).length / known.length;
    },
    close: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
}

/** As Route 53 looks: healthy is any status from 200 to 399 within the time. */
export async function checkEndpoint(url: string, timeoutSeconds: number): Promise<boolean> {
  const { hostname, port, pathname, search } = new URL(url);
  const reply = await callHttp({
    method: 'GET',
    host: hostname,
    port: Number(port || 80),
    path: `${pathname}${search}`,
    headers: { 'user-agent': 'health-check' },
    body: null,
    timeoutSeconds,
  });
  return reply.kind === 'answered' && reply.status >= 200 && reply.status < 400;
}
