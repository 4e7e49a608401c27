// Looking around: everything that can be known of an estate without changing it, read twice so that what lives is seen to move.
import { readCell } from '../../shared/authority/acceptor.ts';
import { type Ballot, compareBallots } from '../../shared/authority/ballot.ts';
import type { ReadResult } from '../../shared/authority/register.ts';
import type { ReportReading } from '../../shared/decision/readiness/case.ts';
import { readAlarmBoard } from '../../shared/engine/alarm-board.ts';
import { type BulletinBoard, createBulletinBoard } from '../../shared/engine/bulletin-board.ts';
import { createReadinessBoard } from '../../shared/engine/readiness/readiness-board.ts';
import { registerKey } from '../../shared/engine/situation-register.ts';
import type { AlarmBoard } from '../../shared/model/bulletin.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { type Estate, lookoutStores } from './open.ts';
import type { Terminal } from './terminal.ts';
import { messageOf } from './text.ts';

export type LookoutReading = Awaited<ReturnType<BulletinBoard['read']>>['lookouts'][number];
export type BoardReading = { site: SiteName; board: AlarmBoard | null; because: string };
export type StoreReading = {
  name: string;
  failureDomain: string;
  state: 'current' | 'behind' | 'empty' | 'unreachable';
  because: string;
};

export type Look = {
  at: Date;
  /** How long it was watched; 0 with `once`. */
  watchedSeconds: number;
  register: ReadResult<Situation>;
  /** The renewal has risen, or the epoch; null: not watched, or the register could not be read twice. */
  leaseRises: boolean | null;
  lookouts: LookoutReading[];
  boards: BoardReading[];
  stores: StoreReading[];
  /** What each site's keeper says of its readiness. */
  reports: ReportReading[];
};

/**
 * Never throws for what does not answer: that is part of what is seen. Takes a little more than a beat, or no time with `once`. A lease that
 * has not risen by then is watched on for half its TTL, from when on its own keepers call it late: a store that is slow may cost a beat.
 */
export async function lookAround(terminal: Terminal, estate: Estate, once: boolean): Promise<Look> {
  const { clock, stop } = terminal;
  const all = lookoutStores(estate);
  const { beatSeconds, ttlSeconds } = estate.strategy.authority;
  const watchSeconds = beatSeconds * 1.3;
  const own = all[0]?.store;
  if (!own) throw new Error('the strategy names no lookout, and no store beside a site: nobody could say anything');
  const board = createBulletinBoard({ own, all, clock, maxGapSeconds: ttlSeconds + 15 });
  const [before, first] = await Promise.all([estate.register.read(), board.read()]);
  let [register, second] = [before, first];
  let watchedSeconds = 0;
  const watch = async (seconds: number) => {
    await clock.sleep(seconds, stop);
    watchedSeconds += seconds;
    [register, second] = await Promise.all([estate.register.read(), board.read()]);
  };
  if (!once) await watch(watchSeconds);
  if (!once && hasRisen(before, register) === false) await watch(Math.max(beatSeconds, ttlSeconds / 2 - watchSeconds));
  const [boards, stores, reports] = await Promise.all([
    readBoards(estate),
    readStores(estate),
    readReports(terminal, estate),
  ]);
  return {
    at: clock.now(),
    watchedSeconds,
    register,
    leaseRises: once ? null : hasRisen(before, register),
    lookouts: second.lookouts,
    boards,
    stores,
    reports,
  };
}

/** What each site's keeper says of its own readiness; never throws for a store. */
export async function readReports({ clock }: Terminal, { stores }: Estate): Promise<ReportReading[]> {
  const all = stores.flatMap(({ declared, store }) => (declared.site === null ? [] : [{ site: declared.site, store }]));
  const [own] = all;
  return own ? createReadinessBoard({ own: own.store, all, clock }).read() : [];
}

function hasRisen(before: ReadResult<Situation>, after: ReadResult<Situation>): boolean | null {
  if (before.kind !== 'value' || after.kind !== 'value') return null;
  const [old, now] = [before.value, after.value];
  return now.epoch > old.epoch || (now.epoch === old.epoch && now.lease.renewal > old.lease.renewal);
}

async function readBoards({ strategy, stores }: Estate): Promise<BoardReading[]> {
  return Promise.all(
    strategy.sites.flatMap((site) =>
      stores
        .filter(({ declared }) => declared.site === site.name)
        .map(async ({ store }): Promise<BoardReading> => {
          try {
            return { site: site.name, board: await readAlarmBoard(store, site.provider), because: '' };
          } catch (error) {
            return { site: site.name, board: null, because: messageOf(error) };
          }
        }),
    ),
  );
}

/** Each store's own cell. One that is behind the newest ballot is caught up by the next write; it counts as a majority's minority until then. */
async function readStores({ stores }: Estate): Promise<StoreReading[]> {
  const cells = await Promise.allSettled(stores.map(({ store }) => readCell(store, registerKey)));
  const accepted = cells.map((one) => (one.status === 'fulfilled' ? (one.value.cell?.accepted ?? null) : null));
  const newest = accepted.reduce<Ballot | null>(
    (best, one) => (one && (!best || compareBallots(one, best) > 0) ? one : best),
    null,
  );
  return stores.map(({ declared: { name, failureDomain } }, index): StoreReading => {
    const one = cells[index];
    if (one?.status !== 'fulfilled') {
      return { name, failureDomain, state: 'unreachable', because: messageOf(one?.reason) };
    }
    const ballot = accepted[index] ?? null;
    if (!ballot) return { name, failureDomain, state: 'empty', because: 'holds no situation' };
    const behind = newest !== null && compareBallots(ballot, newest) < 0;
    return {
      name,
      failureDomain,
      state: behind ? 'behind' : 'current',
      because: behind ? `at ballot ${ballot.counter}, the newest is ${newest.counter}` : `at ballot ${ballot.counter}`,
    };
  });
}
