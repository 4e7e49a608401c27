// DNS zones as a provider's API shows them, and as the world sees them.
import type { SiteName } from '../model/site.ts';

/** Neutral record set: what one provider keeps for (name, type, setIdentifier). */
export type ZoneRecord = {
  /** Fully qualified, lower case, without the final dot. */
  name: string;
  type: 'A' | 'CNAME' | 'TXT';
  /** Null for the simple policy. Cloud DNS keeps a whole policy in one record set: it is always null there. */
  setIdentifier: string | null;
  ttlSeconds: number | null;
  /**
   * The provider's own record in canonical JSON (keys sorted), exactly as it must be named to be deleted. Plans compare these texts:
   * equal text means nothing to do.
   */
  native: string;
};

/** One atomic batch. Every deletion must equal what is stored, so that a batch planned on an old view fails as a whole. */
export type ZoneChange = {
  additions: ZoneRecord[];
  deletions: ZoneRecord[];
  comment: string;
};

export type ApplyResult = { kind: 'accepted'; changeId: string } | { kind: 'conflict'; because: string };

/** Throws `TrafficUnavailable` when the API did not answer (the change may have been made) or throttled. */
export type DnsZone = {
  readonly provider: 'route53' | 'clouddns';
  /** All record sets of the zone whose name is `name` or below it, all pages. */
  list(name: string): Promise<ZoneRecord[]>;
  apply(change: ZoneChange): Promise<ApplyResult>;
};

/** What an authoritative server answered. */
export type DnsAnswer = {
  name: string;
  type: string;
  ttlSeconds: number;
  data: string;
};

export type Resolver = {
  /** Asks the authoritative servers of the provider, over UDP and then TCP when truncated. CNAMEs are followed within the zone. */
  ask(server: string, name: string, type: 'A' | 'CNAME' | 'TXT'): Promise<DnsAnswer[]>;
};

/** A managed health check that looks at a beacon from the provider's data plane. */
export type BeaconCheck = {
  /** Unique with `away`: whose check it is. */
  application: string;
  /** The site that traffic must leave while the beacon is lit. */
  away: SiteName;
  /** Public URL of the beacon; http or https. */
  url: string;
  /** The text that only a lit beacon holds. */
  searchFor: string;
};

/** `unsettled`: too few checkers have looked yet, and until then a new check counts as lit. */
export type BeaconSight = { state: 'lit' | 'dark' | 'unsettled'; because: string };

/** Throws `TrafficUnavailable` when the API did not answer or throttled. */
export type BeaconChecks = {
  /** Makes the checks that are missing, mends those that differ, and answers the id for each site. */
  ensure(checks: BeaconCheck[]): Promise<Record<SiteName, string>>;
  /** What the checkers saw last: an observation for people and for publishing, never a reason to fail over. */
  observe(id: string): Promise<BeaconSight>;
};

export class TrafficUnavailable extends Error {
  override readonly name = 'TrafficUnavailable';
}
