// Composition: the engine's parts put together over the ports that a site's wiring provides. No cloud is known here.
import { createAcceptor } from '../authority/acceptor.ts';
import { createGroupCommit } from '../authority/group-commit.ts';
import type { Takeable } from '../authority/lease-watch.ts';
import { createRegister, type Register } from '../authority/register.ts';
import type { Sweep } from '../database/sweep.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { SiteName } from '../model/site.ts';
import { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import { siteOf } from '../model/strategy.ts';
import { createOutbox } from '../notification/outbox.ts';
import type { Capacity } from '../ports/capacity.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { DatabaseHealth, Fencing, LeaseGuard, Promotion } from '../ports/database.ts';
import type { ManagedDatabase } from '../ports/managed-database.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { HealthProbe } from '../ports/probe.ts';
import type { DnsZone, Resolver } from '../ports/traffic.ts';
import { createBeacon } from '../traffic/beacon.ts';
import type { TrafficView } from '../traffic/compile.ts';
import { moveTraffic, type TrafficMove } from '../traffic/move.ts';
import { beaconPlace } from '../traffic/publish.ts';
import { readAlarmBoard, updateAlarmBoard } from './alarm-board.ts';
import { createAlertWatch } from './alert-watch.ts';
import { createBulletinBoard } from './bulletin-board.ts';
import { createDecider } from './decider.ts';
import { createExecutors } from './executors.ts';
import { createJournal } from './journal.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { createLeaseAlarm } from './lease-alarm.ts';
import { errorFields, type Log } from './log.ts';
import { createLookout } from './lookout.ts';
import { createPerformer } from './perform.ts';
import { createRecorder } from './recorder.ts';
import { createRenewer } from './renewer.ts';
import type { RespondDeps } from './respond.ts';
import { createSituationView } from './situation-view.ts';
import { createTurn } from './speaking-turn.ts';
import { createStopProof } from './stop-proof.ts';
import { createTell, type Tell } from './tell.ts';
import { createTrafficFollowUp } from './traffic-follow-up.ts';

/** A site's own database behind its ports. */
export type SiteDatabasePorts = {
  guard: LeaseGuard;
  fencing: Fencing;
  health: DatabaseHealth;
  promotion: Promotion;
  sweep: Sweep;
};

export type Surroundings = {
  strategy: Strategy;
  site: SiteName;
  /** Unique to this process. */
  incarnation: string;
  /** The register's stores by name, as the strategy declares them. */
  stores: Map<string, ObjectStore>;
  /** The public bucket of a site. */
  beaconStore: (site: SiteName) => ObjectStore;
  zones: DnsZone[];
  resolver: Resolver;
  capacityOf: (site: SiteName) => Promise<Capacity | null>;
  managedDatabaseOf: (site: SiteName) => Promise<ManagedDatabase | null>;
  database: SiteDatabasePorts | null;
  notifiers: Record<string, Notifier>;
  probe: HealthProbe;
  clock: Clock;
  chance: Chance;
  log: Log;
};

export type Engine = {
  keeper: Keeper;
  register: Register<Situation>;
  tell: Tell;
  moveOf: (view: TrafficView, force: boolean) => TrafficMove;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** How many decisions in a row have found nothing to do and nobody under suspicion. */
  calmBeats: () => number;
  respondDeps: Pick<RespondDeps, 'journal' | 'updateBoard' | 'clock'>;
  /** Writes what the journal and the outbox still hold; called before a function's process may be frozen. */
  settle: () => Promise<void>;
};

export const registerKey = 'register/situation.json';

export function createSituationRegister(
  stores: ObjectStore[],
  proposer: string,
  clock: Clock,
  chance: Chance,
): Register<Situation> {
  return createRegister({
    acceptors: stores.map((store) => createAcceptor(store, registerKey, { clock, chance })),
    proposer,
    parse: (value) => Situation.parse(value),
    clock,
    chance,
    deadlineSeconds: 10,
  });
}

export function composeEngine(around: Surroundings): Engine {
  const { strategy, site, clock, chance, log, incarnation } = around;
  const by = `${site} keeper ${incarnation}`;
  const storeNamed = (name: string) => {
    const store = around.stores.get(name);
    if (!store)
      throw new Error(
        `the strategy names no register store "${name}": it declares ${[...around.stores.keys()].join(', ')}`,
      );
    return store;
  };
  const storeBeside = (of: SiteName) =>
    storeNamed(strategy.authority.stores.find((one) => one.site === of)?.name ?? `(beside ${of})`);
  const own = storeBeside(site);
  const provider = siteOf(strategy, site).provider;

  const appender = createJournal({
    stores: strategy.authority.stores.filter((one) => one.site !== null).map((one) => storeNamed(one.name)),
    appender: `${site}-${incarnation}`,
    clock,
    onTrouble: (trouble) => log('WARNING', 'the journal is behind', { trouble }),
  });
  const journal = async (event: JournalEvent, epoch: number | null) => {
    log(event.kind === 'trouble-met' ? 'WARNING' : 'INFO', event.kind, { event, epoch });
    await appender.append(event, epoch);
  };
  const onTrouble = (where: string, error: unknown) => log('ERROR', `trouble while ${where}`, errorFields(error));

  const register = createGroupCommit(
    createSituationRegister([...around.stores.values()], `${site}-${incarnation}`, clock, chance),
    chance,
  );
  const turn = createTurn(site, incarnation, strategy.authority.beatSeconds);
  const view = createSituationView({ strategy, register, clock, mayFinish: turn.ours });
  const onCommitted = view.note;

  const outbox = createOutbox({
    // The witness's store belongs to neither side, so that both find there what the other has sent.
    store: storeNamed(strategy.authority.stores.find((one) => one.site === null)?.name ?? own.name),
    notifiers: around.notifiers,
    fallbacks: fallbacksOf(strategy),
    clock,
    chance,
    by,
    maxAttempts: 10,
    claimSeconds: 30,
    firstRetrySeconds: 5,
    maxRetrySeconds: 120,
  });
  const tell = createTell(outbox, ({ channel, dedupKey, outcome, detail }) => {
    void journal(
      { kind: 'notified', channel, dedupKey, outcome: `${outcome}: ${detail}` },
      view.latest()?.epoch ?? null,
    );
  });

  const beacons = Object.fromEntries(
    strategy.sites.map(({ name }) => {
      const place = beaconPlace(strategy, name);
      return [name, createBeacon({ store: around.beaconStore(place.site), key: place.key })];
    }),
  );
  const moveOf = (traffic: TrafficView, force: boolean) =>
    moveTraffic({
      strategy,
      view: traffic,
      zones: around.zones,
      beacons,
      resolver: around.resolver,
      servers: strategy.dns.nameServers,
      currentEpoch: async () => {
        const read = await view.read();
        if (read.kind === 'value') return read.value.epoch;
        throw new Error(
          `the register's epoch could not be read: ${read.kind === 'unknown' ? read.because : 'it was never written'}`,
        );
      },
      force,
    });

  const stopProof = createStopProof({
    databaseOf: around.managedDatabaseOf,
    clock,
    onUnknown: (writer, error) =>
      log('DEBUG', `whether the database of ${writer} is stopped could not be found out`, errorFields(error)),
  });
  const mayTake = (situation: Situation): Takeable => view.mayTake(situation, stopProof.isProved(situation));

  const { database } = around;
  const executors = createExecutors({
    strategy,
    register,
    chance,
    mayTake,
    journal,
    move: moveOf,
    capacityOf: around.capacityOf,
    probe: around.probe,
    tell,
    promote: database && {
      strategy,
      register,
      chance,
      clock,
      guard: database.guard,
      health: database.health,
      promotion: database.promotion,
      say: (sentence) => log('INFO', sentence),
      managed: strategy.replication.method === 'managed' ? () => around.managedDatabaseOf(site) : null,
    },
  });
  const recorder = createRecorder({ register, chance, journal, onCommitted });
  const performer = createPerformer({
    site,
    by,
    register,
    recorder,
    executors,
    clock,
    chance,
    onCommitted,
    read: async () => {
      await view.read();
      return view.latest();
    },
    onTrouble,
  });
  const board = createBulletinBoard({
    own,
    all: [
      ...strategy.sites.map(({ name }) => ({ name, store: storeBeside(name) })),
      ...strategy.lookouts.map(({ name, store }) => ({ name, store: storeNamed(store) })),
    ],
    clock,
  });

  let silentBoards = '';
  // Said when it changes, and not at every beat that it lasts.
  const noteBoards = (read: PromiseSettledResult<unknown>[]) => {
    const silent = read.flatMap((one) => (one.status === 'rejected' ? [errorFields(one.reason).error] : []));
    const who = read.map((one) => one.status).join();
    if (who !== silentBoards && silent.length > 0) log('WARNING', 'alarm boards could not be read', { silent });
    silentBoards = who;
  };
  let calm = 0;
  const leaseAlarm = createLeaseAlarm({ strategy, site, tell, clock });
  const keeper = createKeeper({
    turn,
    strategy,
    site,
    ground: provider,
    incarnation,
    view,
    lookout: createLookout({ strategy, probe: around.probe, clock }),
    decider: createDecider({ strategy, by, register, clock, chance, journal, onCommitted }),
    performer,
    followTraffic: createTrafficFollowUp({ strategy, register, move: moveOf, tell, clock, chance, onCommitted }).look,
    retryTelling: tell.retry,
    alertWatch: createAlertWatch({ strategy, register, clock, chance, tell, onCommitted }),
    database: database && {
      renewer: createRenewer({
        strategy,
        site,
        by,
        register,
        view,
        ...database,
        isOurTurn: turn.ours,
        clock,
        chance,
        journal,
      }),
      health: database.health,
    },
    sweep: async () => {
      const report = await database?.sweep.sweep();
      if (!report) return;
      for (const table of report.mended) log('WARNING', `the table ${table} had no guard, and has one now`);
      for (const finding of report.findings) log('WARNING', 'the sweep found what is not well', { finding });
    },
    publish: board.publish,
    hear: board.read,
    alarms: async () => {
      const read = await Promise.allSettled(
        strategy.sites.map((one) => readAlarmBoard(storeBeside(one.name), one.provider)),
      );
      noteBoards(read);
      return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    },
    clock,
    onTrouble,
    onBeat: (beat) => {
      log(beat.kind === 'not-renewed' ? 'WARNING' : 'DEBUG', `beat: ${beat.kind}`, { beat });
      // Not waited for: telling people must not hold up the next try.
      void leaseAlarm.note(beat, view.latest()).catch((error) => onTrouble('telling of the lease', error));
    },
    onDecided: ({ decision, situation }) => {
      calm = decision.rule === 'all-well' || decision.rule === 'paused' ? calm + 1 : 0;
      log('DEBUG', `${decision.rule}: ${decision.because}`, { epoch: situation.epoch, version: situation.version });
    },
  });

  return {
    keeper,
    register,
    tell,
    moveOf,
    journal,
    calmBeats: () => calm,
    respondDeps: {
      journal,
      clock,
      updateBoard: async (change) => {
        await updateAlarmBoard({ store: own, provider, clock, chance }, change);
      },
    },
    settle: async () => {
      await tell.flush().catch((error) => onTrouble('flushing the outbox', error));
      await appender.flush(5);
    },
  };
}

/** Every channel falls back on one of another kind, so that one provider's outage does not silence us. */
function fallbacksOf(strategy: Strategy): Record<string, string> {
  const [first] = strategy.channels;
  const other = strategy.channels.find((one) => one.kind !== first?.kind);
  if (!first || !other) return {};
  return Object.fromEntries(
    strategy.channels.filter((one) => one.kind !== other.kind).map((one) => [one.name, other.name]),
  );
}
