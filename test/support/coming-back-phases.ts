// The phases of a coming back on two real databases, as the command runs them, with sessions that a test may spoil.
import { awaitCopies } from '../../shared/database/failback/await-copies.ts';
import type { Return } from '../../shared/database/failback/precondition.ts';
import { type ReconcileOptions, reconcile } from '../../shared/database/failback/reconcile.ts';
import { makeRecords, readComingBack, writeRejoined, writeRejoinPlan } from '../../shared/database/failback/records.ts';
import { beginRejoin, clearUp } from '../../shared/database/failback/rejoin.ts';
import { readRejoinFacts } from '../../shared/database/failback/rejoin-facts.ts';
import { planRejoin, type RejoinPlan } from '../../shared/database/failback/rejoin-plan.ts';
import { readApplied, readSide } from '../../shared/database/failback/sides.ts';
import type { Reconciliation } from '../../shared/database/failback/tally.ts';
import type { Session } from '../../shared/database/session.ts';
import { replicationNames } from '../../shared/engine/surround.ts';
import type { ComingBackWorld } from './coming-back-world.ts';
import { realClock } from './test-postgres.ts';

type Spoil = (session: Session) => Session;
const whole: Spoil = (session) => session;
const { subscription, publication, slot } = replicationNames;

type Work<T> = (old: Session, fresh: Session, options: ReconcileOptions) => Promise<T>;

/** Reconciles, or foretells it. */
export function reconcileWorld<T = Reconciliation>(
  world: ComingBackWorld,
  work: Work<T>,
  spoil: Spoil = whole,
): Promise<T> {
  return world.onOld((old) =>
    world.onNew(async (fresh) => {
      const applied = await readApplied(fresh, subscription);
      if (applied.kind !== 'known') throw new Error(applied.kind);
      return work(old, spoil(fresh), {
        source: { slot, publication, appliedLsn: applied.lsn },
        between: { oldSite: 'aws', oldEpoch: 1, newSite: 'gcp', newEpoch: 2, run: 'test' },
        oldOrigin: (await readSide(old, subscription)).origin,
        tracksCommits: true,
        rowLimit: 1000,
        progress: () => undefined,
      });
    }),
  );
}

export const reconciled = (world: ComingBackWorld, spoil: Spoil = whole) => reconcileWorld(world, reconcile, spoil);

async function lookAt(old: Session, fresh: Session): Promise<Return> {
  return {
    oldSite: 'aws',
    newSite: 'gcp',
    epoch: 2,
    run: null,
    old: await readSide(old, subscription),
    new: await readSide(fresh, subscription),
  };
}

export function planned(world: ComingBackWorld, everything = false): Promise<RejoinPlan> {
  return world.onOld((old) =>
    world.onNew(async (fresh) => {
      const found = await lookAt(old, fresh);
      const record = await readComingBack(fresh, 1);
      const facts = await readRejoinFacts(old, fresh, { found, record, schemas: ['shop'], publication, everything });
      return planRejoin(facts);
    }),
  );
}

/** Rejoins to the end; answers what was said on the way. */
export function rejoined(
  world: ComingBackWorld,
  { everything = false, spoilOld = whole, spoilNew = whole } = {},
): Promise<string[]> {
  return world.onOld((plainOld) =>
    world.onNew(async (plainNew) => {
      const [old, fresh] = [spoilOld(plainOld), spoilNew(plainNew)];
      const plan = await planned(world, everything);
      if (plan.kind === 'refused') throw new Error(plan.because);
      const said: string[] = [];
      const say = (sentence: string) => said.push(sentence);
      await makeRecords(fresh);
      await writeRejoinPlan(fresh, 1, { slot: plan.slot, copied: plan.copied.map(({ name }) => name) });
      const connection = world.new.database.connection('keeper');
      await beginRejoin(old, fresh, { plan, subscription, publication, connection, say });
      const sizes = new Map(plan.copied.map(({ name, bytes }) => [name, bytes]));
      const stop = AbortSignal.timeout(60_000);
      await awaitCopies(old, fresh, { subscription, slot: plan.slot, sizes, clock: realClock, stop, say });
      await clearUp(old, fresh, { plan, subscription, firstSlot: slot, epoch: 2 });
      await writeRejoined(fresh, 1);
      return said;
    }),
  );
}
