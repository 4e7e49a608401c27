// Time and chance, as arguments: the simulation and the tests bring their own.

export type Clock = {
  /** Wall-clock time: for records that people read, never for authority. */
  now(): Date;
  /** Seconds on a clock of this process that never jumps: the only one that leases are waited out with. */
  elapsedSeconds(): number;
  /** Resolves after that many seconds, or at once when the signal is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
};

export type Chance = {
  /** A number in [0, 1). */
  fraction(): number;
  /** An id that nobody else draws. */
  id(): string;
};
