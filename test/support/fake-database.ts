// A site's database in memory: its ports, its clients, its replication and its misfortunes. Time comes from the clock that it is given.

import type { DatabaseFacts } from '../../shared/model/readiness.ts';
import type { Heartbeat } from '../../shared/model/situation.ts';
import { epochSlot } from '../../shared/model/slots.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import {
  type DatabaseHealth,
  DatabaseUnavailable,
  EpochOver,
  type FenceReport,
  type Fencing,
  type Following,
  type LeaseGuard,
  type Promotion,
  type StandbyState,
} from '../../shared/ports/database.ts';
import type { DatabaseReadiness } from '../../shared/ports/database-readiness.ts';
import { createFakeGuard, type FakeGuard, FakeSqlError } from './fake-guard.ts';

/** A row that was committed: by whose client, when on the simulation's clock, and where it was first written. */
type FakeRow = { id: number; text: string; at: number; origin: string };

export type FakeTransaction = {
  /** Refused without the lease (25006). Answers the row's id, from a sequence. */
  write(text: string): number;
  read(): FakeRow[];
  savepoint(): void;
  rollBackToSavepoint(): void;
  commit(): void;
  /** The check at commit passes, and what it answers makes the commit durable: there is a little time between the two. */
  startCommit(): () => void;
  prepare(id: string): void;
};

type Trouble =
  | 'unreachable' // calls fail before anything happened
  | 'answers-lost' // calls happen, and fail
  | null;

export type FakeDatabase = {
  name: string;
  guard: LeaseGuard;
  fencing: Fencing;
  health: DatabaseHealth;
  promotion: Promotion;
  following: Following;
  readiness: DatabaseReadiness;
  /** Changes what it says of its readiness, from now on. */
  pretend(change: (facts: DatabaseFacts) => DatabaseFacts): void;
  begin(): FakeTransaction;
  commitPrepared(id: string): void;
  rows(): FakeRow[];
  arm(): void;
  /** What the keeper's calls meet; clients are not touched by it. */
  setTrouble(trouble: Trouble): void;
  /** Ends every session; the guard is shut until renewed. Prepared transactions and everything committed stay. */
  restart(): void;
  /** The machine is gone for everybody until `restart`. */
  lose(): void;
  /** Subscribes to another database, from its beginning. Its changes arrive with `applyNext`. */
  follow(source: FakeDatabase): void;
  /** Applies one change of the source, in its order; false when there is none, or it cannot be reached. */
  applyNext(): boolean;
  /** The database that this one is subscribed to; null: none, or promotion has detached it. */
  source(): string | null;
  /** For the database that follows this one: the change at that position of the log, where its slots stand, and whether anybody answers. */
  feed(position: number): Change | null;
  slots: Map<string, FakeSlot>;
  reachable(): boolean;
  /** Its machine stops in the middle of everything, and goes on with it after `thaw`. Its clock goes on meanwhile. */
  freeze(): void;
  thaw(): void;
  /** Whom it follows or has followed, and up to where it has what was written there. */
  upstream(): { source: FakeDatabase; position: number; enabled: boolean } | null;
  /** What was written here at that position of the log, whether anybody answers or not. */
  written(position: number): Change | null;
  /** What a client would find at this moment, without asking. */
  look(): { accepting: boolean; epoch: number; fencedEpoch: number; guardOpen: boolean; remainingSeconds: number };
};

/** How far a replica has read, and whether it reads now. */
type FakeSlot = { position: number; isRead: () => boolean };

type Change = { kind: 'row'; row: FakeRow } | { kind: 'heartbeat'; heartbeat: Heartbeat; sequence: number };

type Open = { rows: FakeRow[]; savedAt: number; ended: boolean };

export type FakeDatabaseOptions = {
  name: string;
  clock: Clock;
  /** How its own clock stands to the simulation's: seconds ahead, and how fast it goes. */
  skew?: { offsetSeconds: number; rate: number };
  /** The other site's database, as this one finds it on the network; null: no way there. */
  peer?: (site: string) => FakeDatabase | null;
  /** The lease's rules, for a test that breaks one of them. */
  makeGuard?: (localSeconds: () => number) => FakeGuard;
  /** False for a test that breaks the fence: whoever is at work is left alone. */
  fenceEndsBackends?: boolean;
};

const HEADROOM = 1000;
const firstSlot = 'causeway';
const CHANGE_BYTES = 300;

const even = { offsetSeconds: 0, rate: 1 };

export function createFakeDatabase(options: FakeDatabaseOptions): FakeDatabase {
  const {
    name,
    clock,
    skew = even,
    peer = () => null,
    makeGuard = createFakeGuard,
    fenceEndsBackends = true,
  } = options;
  const localSeconds = () => clock.elapsedSeconds() * skew.rate + skew.offsetSeconds;
  const guard = makeGuard(localSeconds);
  const open = new Set<Open>();
  const prepared = new Map<string, FakeRow[]>();
  const rows: FakeRow[] = [];
  /** What this database wrote itself, in order: all that travels (`origin = none`). */
  const log: Change[] = [];
  let own: Heartbeat | null = null;
  let applied: { heartbeat: Heartbeat; sequence: number } | null = null;
  let sealed: { epoch: number; report: FenceReport } | null = null;
  let source: { database: FakeDatabase; slot: string; enabled: boolean; position: number } | null = null;
  const slots = new Map<string, FakeSlot>();
  let sequence = 0;
  let lost = false;
  let trouble: Trouble = null;
  /** What waits for the thaw; null while it runs. */
  let frozen: (() => void)[] | null = null;
  let pretended = (facts: DatabaseFacts) => facts;
  /** Since when it has been seen of each slot that nobody reads it. */
  const idleSince = new Map<string, number>();

  const lsn = () => `0/${(log.length + 1).toString(16).toUpperCase()}`;

  /** Every call of the keeper passes here. */
  const called = async <T>(what: string, effect: () => T): Promise<T> => {
    if (frozen) await new Promise<void>((resolve) => frozen?.push(resolve));
    if (lost || trouble === 'unreachable') throw new DatabaseUnavailable(`could not ${what}: ${name} is not reachable`);
    const result = effect();
    if (trouble === 'answers-lost') throw new DatabaseUnavailable(`could not ${what}: the answer of ${name} was lost`);
    return result;
  };

  const requireLease = (what: string) => {
    const why = guard.whyShut();
    if (why !== null) throw new FakeSqlError('25006', `causeway: ${what} refused, ${why}`);
  };

  const nextHeartbeat = (epoch: number, number: number): Heartbeat => ({
    epoch,
    number,
    writtenAt: new Date(Date.UTC(2026, 0, 1) + Math.round(localSeconds() * 1000)).toISOString(),
    lsn: lsn(),
  });

  const publish = (heartbeat: Heartbeat): Heartbeat => {
    own = heartbeat;
    log.push({ kind: 'heartbeat', heartbeat, sequence });
    return heartbeat;
  };

  const leaseGuard: LeaseGuard = {
    state: () => called('read the guard', () => guard.state()),
    beat: (epoch) =>
      called(`write a heartbeat of epoch ${epoch}`, () => {
        const reading = guard.clock();
        const over = guard.over(epoch);
        if (over !== null) throw new EpochOver(`no heartbeat of epoch ${epoch}: ${over}`);
        const isOpenHere = guard.state().epoch === epoch;
        const number = own?.epoch === epoch ? own.number + 1 : 1;
        const heartbeat = isOpenHere ? publish(nextHeartbeat(epoch, number)) : nextHeartbeat(epoch, 0);
        return { clock: reading, heartbeat };
      }),
    renew: (...lease) => called(`renew epoch ${lease[0]}`, () => guard.renew(...lease)),
    open: (...lease) =>
      called(`open the guard at epoch ${lease[0]}`, () => {
        const answer = guard.open(...lease);
        if (answer.kind === 'set' && own?.epoch !== lease[0]) publish(nextHeartbeat(lease[0], 0));
        return answer;
      }),
  };

  const endEverybody = (): number => {
    const ended = open.size;
    for (const transaction of open) transaction.ended = true;
    open.clear();
    return ended;
  };

  const fencing: Fencing = {
    fence: (epoch) =>
      called(`fence epoch ${epoch}`, () => {
        if (sealed?.epoch === epoch && guard.state().epoch <= epoch) {
          return { ...sealed.report, endedBackends: 0, rolledBackPrepared: 0 };
        }
        const passed = guard.shut(epoch) === 'passed';
        const counts = passed
          ? { endedBackends: 0, rolledBackPrepared: 0 }
          : { endedBackends: fenceEndsBackends ? endEverybody() : 0, rolledBackPrepared: prepared.size };
        if (!passed) prepared.clear();
        const atEpoch = guard.state().epoch === epoch;
        const heartbeat = atEpoch ? publish(nextHeartbeat(epoch, (own?.number ?? 0) + 1)) : own;
        const report = { heartbeat, lsn: lsn(), ...counts };
        if (!passed) sealed = { epoch, report };
        return report;
      }),
  };

  const subscribe = (database: FakeDatabase, slot: string) => {
    const kept = database.slots.get(slot);
    const mine = { database, slot, enabled: true, position: kept?.position ?? 0 };
    source = mine;
    if (kept) kept.isRead = () => source === mine && mine.enabled && !lost;
  };

  const standbyState = (): StandbyState => ({
    applied: applied?.heartbeat ?? null,
    applying: source?.enabled === true && source.database.reachable() && source.database.slots.has(source.slot),
    subscriptionEnabled: source?.enabled ?? false,
  });

  const health: DatabaseHealth = {
    probe: () => called('write to causeway.probe', () => undefined),
    standby: () => called('read the state of replication', standbyState),
  };

  const promotion: Promotion = {
    drain: () => called('drain the subscription', standbyState),
    watch: () => called('watch the subscription', () => undefined),
    detach: () =>
      called('detach the subscription', () => {
        if (source) source.enabled = false;
      }),
    advanceSequences: () =>
      called('move the sequences', () => {
        const target = Math.max((applied?.sequence ?? 0) + HEADROOM, ...rows.map(({ id }) => id));
        if (!applied || sequence >= target) return 0;
        sequence = target;
        return 1;
      }),
    prepareReverse: (epoch) =>
      called('make the publication and slot', () => {
        const slot = epochSlot(epoch);
        if (!slots.has(slot)) slots.set(slot, { position: log.length, isRead: () => false });
        return slot;
      }),
  };

  const following: Following = {
    state: () =>
      called('look what is followed', () => ({
        slot: source?.enabled ? source.slot : null,
        kept: [...slots].sort().map(([slot, { isRead }]) => ({ slot, active: isRead() })),
      })),
    follow: ({ writer, epoch }) =>
      called(`follow ${writer}`, () => {
        const slot = epochSlot(epoch);
        if (guard.whyShut() === null) return { kind: 'refused', because: 'the guard is open here' };
        if (source?.enabled && source.slot !== slot) {
          return { kind: 'refused', because: `this database reads the slot ${source.slot} already, not ${slot}` };
        }
        const database = peer(writer);
        if (!source?.enabled && !database?.reachable())
          throw new DatabaseUnavailable(`could not follow ${writer}: it is not reachable from ${name}`);
        if (database && !source?.enabled) subscribe(database, slot);
        return { kind: 'follows' };
      }),
    releaseSlots: () =>
      called('drop slots that nobody reads', () => {
        const unread = [...slots].filter(([, { isRead }]) => !isRead()).map(([slot]) => slot);
        for (const slot of unread) slots.delete(slot);
        return unread.sort();
      }),
  };

  const slotFacts = (): DatabaseFacts['slots'] =>
    [...slots].map(([slot, { isRead, position }]) => {
      const active = isRead();
      if (active) idleSince.delete(slot);
      else if (!idleSince.has(slot)) idleSince.set(slot, clock.elapsedSeconds());
      const since = idleSince.get(slot);
      return {
        name: slot,
        ours: true,
        active,
        inactiveSeconds: since === undefined ? null : clock.elapsedSeconds() - since,
        walStatus: 'reserved',
        retainedBytes: (log.length - position) * CHANGE_BYTES,
        catalogAge: 0,
      };
    });

  const readiness: DatabaseReadiness = {
    look: () =>
      called('look at the readiness of the database', () =>
        pretended({
          version: 170_010,
          guard: { mode: 'enforce', dormant: guard.whyShut() === null && guard.state().epoch === 0 },
          inspected: [],
          slotLimitBytes: 1024 ** 3,
          slots: slotFacts(),
          publication: { all: false },
          subscription: source && {
            enabled: source.enabled,
            slot: source.enabled ? source.slot : null,
            working: standbyState().applying,
          },
          tables: [{ name: 'shop.orders', shape: '0123456789ab', published: true, subscribed: source ? 'r' : null }],
          parts: {},
          unlogged: [],
          sequences: [],
          untold: [],
        }),
      ),
  };

  const commitRows = (written: FakeRow[]) => {
    for (const row of written) {
      const committed = { ...row, at: clock.elapsedSeconds() };
      rows.push(committed);
      log.push({ kind: 'row', row: committed });
    }
  };

  const begin = (): FakeTransaction => {
    if (lost) throw new FakeSqlError('08006', `${name} is not reachable`);
    const mine: Open = { rows: [], savedAt: 0, ended: false };
    open.add(mine);
    const alive = () => {
      if (mine.ended) throw new FakeSqlError('57P01', 'terminating connection due to administrator command');
    };
    const end = () => {
      mine.ended = true;
      open.delete(mine);
    };
    const finish = () => {
      alive();
      end();
      if (mine.rows.length > 0) requireLease('COMMIT');
    };
    return {
      write: (text) => {
        alive();
        requireLease('INSERT');
        sequence += 1;
        mine.rows.push({ id: sequence, text, at: 0, origin: name });
        return sequence;
      },
      read: () => {
        alive();
        return [...rows, ...mine.rows];
      },
      savepoint: () => {
        alive();
        mine.savedAt = mine.rows.length;
      },
      rollBackToSavepoint: () => {
        alive();
        mine.rows.length = mine.savedAt;
      },
      commit: () => {
        finish();
        commitRows(mine.rows);
      },
      startCommit: () => {
        alive();
        if (mine.rows.length > 0) requireLease('COMMIT');
        return () => {
          alive();
          end();
          commitRows(mine.rows);
        };
      },
      prepare: (id) => {
        finish();
        prepared.set(id, mine.rows);
      },
    };
  };

  const apply = (change: Change) => {
    if (change.kind === 'row') rows.push(change.row);
    else applied = { heartbeat: change.heartbeat, sequence: change.sequence };
  };

  return {
    name,
    guard: leaseGuard,
    fencing,
    health,
    promotion,
    following,
    readiness,
    pretend: (change) => {
      pretended = change;
    },
    begin,
    commitPrepared: (id) => {
      const written = prepared.get(id);
      if (!written) throw new FakeSqlError('42704', `prepared transaction with identifier "${id}" does not exist`);
      prepared.delete(id);
      commitRows(written);
    },
    rows: () => [...rows],
    arm: () => {
      guard.arm();
    },
    setTrouble: (next) => {
      trouble = next;
    },
    restart: () => {
      endEverybody();
      guard.restart();
      lost = false;
    },
    lose: () => {
      endEverybody();
      lost = true;
    },
    follow: (database) => {
      guard.arm();
      database.slots.set(firstSlot, { position: 0, isRead: () => false });
      subscribe(database, firstSlot);
    },
    freeze: () => {
      frozen ??= [];
    },
    thaw: () => {
      const waiting = frozen ?? [];
      frozen = null;
      for (const goOn of waiting) goOn();
    },
    upstream: () => source && { source: source.database, position: source.position, enabled: source.enabled },
    written: (position) => log[position] ?? null,
    look: () => {
      const { epoch, fencedEpoch, open: isOpen, remainingSeconds } = guard.state();
      // A machine that stands still goes on with its guard as it is; a server that is lost comes back with it shut.
      const guardOpen = isOpen && !lost;
      return { accepting: guardOpen && !frozen, epoch, fencedEpoch, guardOpen, remainingSeconds };
    },
    applyNext: () => {
      const read = source?.enabled && !lost && !frozen ? source.database.slots.get(source.slot) : undefined;
      const change = read ? source?.database.feed(read.position) : null;
      if (!read || !change) return false;
      read.position += 1;
      if (source) source.position = read.position;
      apply(change);
      return true;
    },
    source: () => (source?.enabled ? source.database.name : null),
    slots,
    feed: (position) => (lost || frozen ? null : (log[position] ?? null)),
    reachable: () => !lost && !frozen,
  };
}
