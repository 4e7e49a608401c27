// Looking at a site from outside, as a client would.
import type { Health } from '../model/signal.ts';

export type Observation = {
  /** A refused connection or a bad status is unhealthy; a time-out of our own that cannot tell is unknown. */
  health: Health;
  because: string;
  latencySeconds: number;
};

/** Never throws: what goes wrong in looking is part of the observation. */
export type HealthProbe = {
  check(url: string, timeoutSeconds: number): Promise<Observation>;
};
