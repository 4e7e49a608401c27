// What the load generators write down. Times are seconds of one process's clock that never jumps.

/** `refused`: surely not done. `unknown`: nobody can tell from outside, so it is never counted as either. */
type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** One request through DNS. */
export type DnsRequest = {
  client: string;
  kind: 'read' | 'write';
  sequence: number;
  startedAtSeconds: number;
  endedAtSeconds: number;
  outcome: Outcome;
  /** The address that was asked; null when the name did not resolve. */
  address: string | null;
  /** The site that answered; null when nobody did. */
  site: string | null;
  /** Acknowledged writes: `host:port` of the database that took it. */
  acceptedBy: string | null;
  /** Answered reads: whether the order was there. */
  found: boolean | null;
  because: string;
};

/** One transaction straight at a site's database. */
export type DirectWrite = {
  site: string;
  marker: string;
  startedAtSeconds: number;
  /** Null: it never came to a COMMIT. */
  commitSentAtSeconds: number | null;
  endedAtSeconds: number;
  outcome: Outcome;
  sqlState: string | null;
  because: string;
};
