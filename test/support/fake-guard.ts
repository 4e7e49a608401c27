// The lease's rules in memory, as the database keeps them: the model that the fake database and the simulation run on.
import type { GuardAnswer, GuardState } from '../../shared/ports/database.ts';

/** A refusal as a client of PostgreSQL sees it: SQLSTATE 25006, or 57P01 for a session that was ended. */
export class FakeSqlError extends Error {
  override readonly name = 'FakeSqlError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type FakeGuard = {
  state(): GuardState;
  /** Null while writes may pass. */
  whyShut(): string | null;
  clock(): string;
  /** Null when the epoch may have a heartbeat. */
  over(epoch: number): string | null;
  renew(epoch: number, renewal: number, clock: string, ttlSeconds: number): GuardAnswer;
  open(epoch: number, renewal: number, clock: string, ttlSeconds: number): GuardAnswer;
  /** `passed`: a later epoch is open here. */
  shut(epoch: number): 'shut' | 'passed';
  arm(): boolean;
  restart(): void;
};

type Held = {
  epoch: number;
  renewal: number;
  clock: string;
  fencedEpoch: number;
  server: number;
  /** Null: never armed. Seconds by the database's own clock. */
  until: number | null;
  from: number;
};

/** `localSeconds` is the database's own clock: it may be off, and drift, against everybody else's. */
export function createFakeGuard(localSeconds: () => number): FakeGuard {
  let server = 1;
  let readings = 0;
  const held: Held = { epoch: 0, renewal: 0, clock: '', fencedEpoch: 0, server: 0, until: null, from: 0 };

  const whyShut = (): string | null => {
    if (held.until === null) return null;
    const now = localSeconds();
    if (held.server === server && now >= held.from && now < held.until) return null;
    if (held.epoch > 0 && held.fencedEpoch >= held.epoch) return `epoch ${held.epoch} was fenced here`;
    if (held.epoch === 0) return 'no lease has been opened here, this is a standby';
    if (held.server !== server) return `the server has restarted since epoch ${held.epoch} was renewed`;
    return `the lease of epoch ${held.epoch} lapsed ${(now - held.until).toFixed(1)} s ago`;
  };

  const clockProblem = (clock: string, ttlSeconds: number): string | null => {
    const [of, at] = clock.split(':').map(Number);
    if (!(ttlSeconds > 0 && ttlSeconds <= 3600)) {
      return `a lease lasts more than 0 and at most 3600 seconds, not ${ttlSeconds}`;
    }
    if (of !== server) return 'the server has restarted since that clock was read: beat again';
    if ((at ?? 0) > localSeconds()) return "the server's clock was set back since it was read: beat again";
    return null;
  };

  const grant = (epoch: number, renewal: number, clock: string, ttlSeconds: number): GuardAnswer => {
    const problem = clockProblem(clock, ttlSeconds);
    if (problem) return { kind: 'refused', because: problem };
    const from = Number(clock.split(':')[1]);
    Object.assign(held, { epoch, renewal, clock, server, from, until: from + ttlSeconds });
    return { kind: 'set', remainingSeconds: Math.max(0, from + ttlSeconds - localSeconds()) };
  };

  const rises = (renewal: number, clock: string): boolean =>
    renewal > held.renewal || (renewal === held.renewal && clock === held.clock);

  return {
    whyShut,
    // Two readings are never the same text, even when no time has passed between them.
    clock: () => {
      readings += 1;
      return `${server}:${localSeconds()}:${readings}`;
    },
    state: () => {
      const open = whyShut() === null;
      const remainingSeconds = open && held.until !== null ? held.until - localSeconds() : 0;
      return { epoch: held.epoch, renewal: held.renewal, open, remainingSeconds, fencedEpoch: held.fencedEpoch };
    },
    over: (epoch) => {
      if (epoch <= held.fencedEpoch) return `epoch ${epoch} is fenced here`;
      return epoch < held.epoch ? `epoch ${epoch} is over here, this database is at ${held.epoch}` : null;
    },
    renew: (epoch, renewal, clock, ttlSeconds) => {
      let because: string | null = null;
      if (epoch <= held.fencedEpoch) because = `epoch ${epoch} is fenced here`;
      else if (epoch < held.epoch) because = `epoch ${epoch} is over here, this database is at ${held.epoch}`;
      else if (epoch > held.epoch) because = `epoch ${epoch} is not open here, this database is at ${held.epoch}`;
      else if (!rises(renewal, clock)) {
        because = `renewal ${renewal} does not rise, this database has had ${held.renewal}`;
      }
      return because === null ? grant(epoch, renewal, clock, ttlSeconds) : { kind: 'refused', because };
    },
    open: (epoch, renewal, clock, ttlSeconds) => {
      let because: string | null = null;
      if (epoch < 1) because = `an epoch is 1 or more, not ${epoch}`;
      else if (epoch <= held.fencedEpoch) because = `epoch ${epoch} is fenced here, up to ${held.fencedEpoch}`;
      else if (epoch < held.epoch) because = `epoch ${epoch} is over here, this database is at ${held.epoch}`;
      else if (epoch === held.epoch && !rises(renewal, clock)) {
        because = `renewal ${renewal} of epoch ${epoch} does not rise, this database has had ${held.renewal}`;
      }
      return because === null ? grant(epoch, renewal, clock, ttlSeconds) : { kind: 'refused', because };
    },
    shut: (epoch) => {
      held.fencedEpoch = Math.max(held.fencedEpoch, epoch);
      if (held.epoch > epoch) return 'passed';
      held.until = 0;
      return 'shut';
    },
    arm: () => {
      if (held.until !== null) return false;
      held.until = 0;
      return true;
    },
    restart: () => {
      server += 1;
    },
  };
}
