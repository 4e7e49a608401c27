// What the comparison asks of everybody who takes part: a pair of databases on two sites, and what can happen to the first site.
import type { DatabaseTarget } from '../../../infra/local/app/query.ts';
import type { ProcessGroup } from '../../../infra/local/process-group.ts';
import type { FailoverRecords } from './parts.ts';

/** `first` is the writer when a round begins. */
export type NodeName = 'first' | 'second';

export type Pair = {
  /** Both databases, as a client reaches them whatever is cut between the sites. */
  nodes(): Record<NodeName, DatabaseTarget>;
  /** SIGKILL for everything at the first site: manager, PostgreSQL, and whatever else runs there. */
  killSite(): Promise<void>;
  /** SIGKILL for what manages PostgreSQL at the first site, for good; PostgreSQL itself lives on. */
  killManager(): Promise<void>;
  /** SIGSTOP and SIGCONT for everything at the first site. */
  freeze(): void;
  thaw(): void;
  /** Drops what travels between the first site and everybody but its clients. */
  cut(): Promise<void>;
  /** Nothing answers at the first site, and nothing refuses: its packets are dropped. */
  silence(): Promise<void>;
  /** What it says about what it did since the failure, in sentences; empty when it says nothing. */
  story(failedAt: Date): Promise<string[]>;
  /** What it recorded of the failover, to be split into its parts; null when it records nothing that could be. */
  records(): Promise<FailoverRecords | null>;
  /** Ends everything and removes what was made. */
  stop(): Promise<void>;
};

export type StartOptions = {
  progress: (line: string) => void;
  /** Told how to find the process groups, so that none outlives the bench. */
  keep: (groups: () => ProcessGroup[]) => void;
};

export type Contestant = {
  name: string;
  /** Null when it can run here; else what is missing and how to install it. */
  missing(): string | null;
  /** Programs and versions, of the moment. */
  versions(): string;
  start(options: StartOptions): Promise<Pair>;
};
