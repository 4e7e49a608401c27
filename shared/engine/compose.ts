// Composition: the engine's parts put together over the ports that a site's wiring provides. No cloud is known here.
import { createGroupCommit } from '../authority/group-commit.ts';
import type { Takeable } from '../authority/lease-watch.ts';
import type { Register } from '../authority/register.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { Run } from '../model/run.ts';
import type { Situation } from '../model/situation.ts';
import { siteOf } from '../model/strategy.ts';
import { updateAlarmBoard } from './alarm-board.ts';
import { createAlertWatch } from './alert-watch.ts';
import { createAwaitedLease } from './awaited-lease.ts';
import { createDecider } from './decider.ts';
import { openBoards } from './evidence-boards.ts';
import { createExecutors } from './executors.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { createLeaseAlarm } from './lease-alarm.ts';
import { errorFields } from './log.ts';
import { createLookout } from './lookout.ts';
import { createOpeningNote } from './opening-note.ts';
import { createPerformer, type Performer } from './perform.ts';
import { exerciseCalls } from './readiness/exercises.ts';
import { createReadinessCheck } from './readiness/readiness-check.ts';
import { createReadinessTelling } from './readiness/readiness-telling.ts';
import { createRecorder } from './recorder.ts';
import { createRecords } from './records.ts';
import { createRenewer } from './renewer.ts';
import type { RespondDeps } from './respond.ts';
import { siteStores } from './site-stores.ts';
import { createSituationRegister } from './situation-register.ts';
import { createSituationView } from './situation-view.ts';
import { createTurn } from './speaking-turn.ts';
import { createStopProof } from './stop-proof.ts';
import type { Surroundings } from './surroundings.ts';
import type { Tell } from './tell.ts';
import { tellOfMove } from './tell-of-move.ts';
import { createTrafficFollowUp } from './traffic-follow-up.ts';
import { createMoves, type MoveOf } from './traffic-moves.ts';
import { createYieldRole } from './yield-role.ts';

export type Engine = {
  keeper: Keeper;
  register: Register<Situation>;
  tell: Tell;
  moveOf: MoveOf;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** How many decisions in a row have found nothing to do and nobody under suspicion. */
  calmBeats: () => number;
  respondDeps: Pick<RespondDeps, 'journal' | 'updateBoard' | 'clock'>;
  /** Writes what the journal and the outbox still hold; called before a function's process may be frozen. */
  settle: () => Promise<void>;
};

/** What may be put together otherwise: by a test that takes a mechanism away. */
export type EngineParts = { createView: typeof createSituationView };

export function composeEngine(
  around: Surroundings,
  { createView }: EngineParts = { createView: createSituationView },
): Engine {
  const { strategy, site, clock, chance, log, incarnation } = around;
  const by = `${site} keeper ${incarnation}`;
  const stores = siteStores(around);
  const provider = siteOf(strategy, site).provider;

  const register = createGroupCommit(
    createSituationRegister([...around.stores.values()], `${site}-${incarnation}`, clock, chance),
    chance,
  );
  const turn = createTurn(site, incarnation, strategy.authority.beatSeconds);
  const view = createView({ strategy, register, clock, mayFinish: turn.ours });
  const onCommitted = view.note;

  const { journal, onTrouble, tell, settle } = createRecords(around, stores, by, () => view.latest()?.epoch ?? null);
  const moveOf = createMoves(around, view);
  const stopProof = createStopProof({
    databaseOf: around.managedDatabaseOf,
    clock,
    onUnknown: (writer, error) =>
      log('DEBUG', `whether the database of ${writer} is stopped could not be found out`, errorFields(error)),
  });
  const mayTake = (situation: Situation): Takeable => view.mayTake(situation, stopProof.isProved(situation));
  const awaited = createAwaitedLease({ site, clock, latest: view.latest, mayTake });
  const patient = awaited.patient(register);

  const { database } = around;
  const opening = createOpeningNote(clock, strategy.authority.ttlSeconds);
  const yieldRole =
    database && createYieldRole({ site, by, register, fencing: database.fencing, clock, chance, journal, onCommitted });
  const executors = createExecutors({
    strategy,
    by,
    register,
    chance,
    clock,
    mayTake,
    journal,
    taker: database && { ...database, opening },
    yieldRole,
    follow: database,
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
      opening,
      say: (sentence) => log('INFO', sentence),
      managed: strategy.replication.method === 'managed' ? () => around.managedDatabaseOf(site) : null,
    },
  });
  const onEnded = (run: Run) => tellOfMove({ strategy, tell, onTrouble }, run);
  const recorder = createRecorder({
    register: patient,
    chance,
    journal,
    // What has become ready by it is begun at once, and not at the next look.
    onCommitted: (situation) => {
      onCommitted(situation);
      if (turn.ours()) performer.tick(situation);
    },
    onEnded,
  });
  const performer: Performer = createPerformer({
    site,
    by,
    register: patient,
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
  const boards = openBoards(around, stores);
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
    decider: createDecider({ strategy, by, register, clock, chance, journal, onCommitted, onEnded }),
    performer,
    untilTakeable: awaited.untilTakeable,
    followTraffic: createTrafficFollowUp({
      strategy,
      register: patient,
      move: moveOf,
      tell,
      clock,
      chance,
      onCommitted,
    }).look,
    retryTelling: tell.retry,
    alertWatch: createAlertWatch({ strategy, register: patient, clock, chance, tell, onCommitted }),
    database: database &&
      yieldRole && {
        renewer: createRenewer({
          yieldRole,
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
      for (const table of report?.mended ?? []) log('WARNING', `the table ${table} had no guard, and has one now`);
    },
    checkReadiness: createReadinessCheck({
      strategy,
      site,
      incarnation,
      board: boards.readiness,
      database: database?.readiness ?? null,
      calls: exerciseCalls(around),
      telling: createReadinessTelling({ strategy, site, register: patient, tell, journal, clock, chance, onCommitted }),
      situation: view.latest,
      isOurTurn: turn.ours,
      clock,
      log,
    }).round,
    publish: boards.bulletins.publish,
    hear: boards.bulletins.read,
    alarms: boards.alarms,
    clock,
    onTrouble,
    onBeat: (beat) => {
      log(beat.kind === 'not-renewed' ? 'WARNING' : 'DEBUG', `beat: ${beat.kind}`, { beat });
      // Not waited for: telling people must not hold up the next try.
      void leaseAlarm.note(beat, view.latest()).catch((error) => onTrouble('telling of the lease', error));
    },
    onDecided: ({ decision, situation, assessments }) => {
      const silence = view.silence();
      const writer = assessments.get(situation.writer);
      if (silence && writer && !situation.run && !situation.lease.fenced)
        void leaseAlarm.watch(silence, writer).catch((error) => onTrouble('telling of the lease', error));
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
        await updateAlarmBoard({ store: stores.beside(site), provider, clock, chance }, change);
      },
    },
    settle,
  };
}
