// A site's database, as its own keeper sees it. Only that keeper calls these; sites talk through the register.
import type { SiteName } from '../model/site.ts';
import type { Heartbeat } from '../model/situation.ts';

/** The guard in the database: what lets clients write, or refuses them. Times are the database's own. */
export type GuardState = {
  epoch: number;
  renewal: number;
  open: boolean;
  /** Seconds left by the database's clock; 0 when shut. */
  remainingSeconds: number;
  fencedEpoch: number;
};

export type GuardAnswer = { kind: 'set'; remainingSeconds: number } | { kind: 'refused'; because: string };

/** Each call throws `DatabaseUnavailable` when the answer is not known; the effect may then have happened. */
export type LeaseGuard = {
  state(): Promise<GuardState>;
  /**
   * Writes this epoch's next heartbeat row and reads the database's clock *before* the renewal becomes visible to anyone.
   * `clock` is opaque to the caller: hand it back to `renew` or `open`. An epoch that is not open here yet gets no row, and number 0.
   * Throws `EpochOver` when the epoch is over or fenced here.
   */
  beat(epoch: number): Promise<{ clock: string; heartbeat: Heartbeat }>;
  /** Sets the guard to `clock + ttl`. Refused unless that epoch is open here, is not fenced, and the renewal rises. */
  renew(epoch: number, renewal: number, clock: string, ttlSeconds: number): Promise<GuardAnswer>;
  /** Opens the guard at a new epoch. Refused when that epoch or a later one was fenced or opened before with a higher renewal. */
  open(epoch: number, renewal: number, clock: string, ttlSeconds: number): Promise<GuardAnswer>;
};

/** What a fence found when it stood: nobody can commit writes of that epoch any more. */
export type FenceReport = {
  heartbeat: Heartbeat | null;
  lsn: string;
  endedBackends: number;
  rolledBackPrepared: number;
};

export type Fencing = {
  /**
   * Shuts the guard for this and all earlier epochs, ends every client backend whose transaction began before, rolls back prepared
   * transactions, and polls until none is left. Throws `DatabaseUnavailable` when it could not see the end within the deadline.
   */
  fence(epoch: number, deadlineSeconds: number): Promise<FenceReport>;
};

/** The standby's side of replication. */
export type StandbyState = {
  /** The last heartbeat row that replication has applied here; null: none yet. */
  applied: Heartbeat | null;
  /** A subscription's worker is running (or a physical replica is streaming). */
  applying: boolean;
  subscriptionEnabled: boolean;
};

export type DatabaseHealth = {
  /** A real write to causeway.probe and a read of it. Throws `DatabaseUnavailable`. */
  probe(): Promise<void>;
  standby(): Promise<StandbyState>;
};

/** Promotion, step by step; each is safe to run again. */
export type Promotion = {
  /**
   * Waits until what was received is applied: until `last` is there, which a fence wrote after everything else; or the applied position has
   * stood still; or the deadline.
   */
  drain(deadlineSeconds: number, last: Heartbeat | null): Promise<StandbyState>;
  /** Looks where the applied position stands, so that a drain which comes soon need not see anew that it stands still. */
  watch(): Promise<void>;
  /** Disables the subscription and detaches it from a slot that can no longer be reached. */
  detach(): Promise<void>;
  /** Moves every sequence past anything the source can have given out. Answers how many were moved. */
  advanceSequences(): Promise<number>;
  /** Makes the publication and slot that coming back will need. Answers the slot's name. */
  prepareReverse(epoch: number): Promise<string>;
};

/** The writer that a replica is to read from, and the epoch whose promotion made the slot for it there. */
export type Upstream = { writer: SiteName; epoch: number };

export type FollowingState = {
  /** The slot at the writer that this database reads; null: it reads none, or promotion has detached it. */
  slot: string | null;
  /** Slots here that replicas of this database read, or have read while it was the writer. Each keeps what was not read from it. */
  kept: { slot: string; active: boolean }[];
};

/**
 * Becoming a replica of a new writer without a copy: right for an old writer that has nothing which the new one misses. Whether that is so
 * the caller must have proved; the database cannot know it.
 */
export type Following = {
  state(): Promise<FollowingState>;
  /**
   * Reads on from the slot of that promotion, and takes no echoes of what this site wrote. Refused while the guard is open here, and while
   * another slot is read. Safe to run again. Throws `DatabaseUnavailable` when the writer cannot be reached from here.
   */
  follow(upstream: Upstream): Promise<{ kind: 'follows' } | { kind: 'refused'; because: string }>;
  /**
   * Drops the slots here that nobody reads now: they would fill the disk. What they hold is gone then, the proof of a divergence too.
   * Answers their names.
   */
  releaseSlots(): Promise<string[]>;
};

export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** The database's own refusal: that epoch is over or fenced here, and will be for ever. Not to be tried again. */
export class EpochOver extends Error {
  override readonly name = 'EpochOver';
}
