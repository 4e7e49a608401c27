// One run: which days are due is found out, each is taken from the provider into one bucket, and the other gets the same.
import type { CostDate } from '../../model/cost.ts';
import type { CostDayTrouble, CostState } from '../../model/cost-day.ts';
import type { SiteName } from '../../model/site.ts';
import type { CostOfAsking } from '../../ports/cost-source.ts';
import { addDays, dateOf } from '../calendar.ts';
import { subtractAmount } from '../money.ts';
import { clearDrafts } from './drafts.ts';
import { datesInView, inTurn, isRecent, type KnownDays, planDays, rangeOf, type Wanted } from './plan-days.ts';
import { catchUp, createRun, type Run, type SnapshotWork } from './run.ts';
import { createShelves, spreadsOf, stateOf } from './shelves.ts';
import { type RunFindings, writeState } from './state.ts';
import type { DayOutcome } from './take-day.ts';

export type SnapshotOutcome = {
  /** Every day that was to be asked for, the oldest first. */
  days: DayOutcome[];
  /** Days that a bucket lacked and got from the other. */
  caughtUp: { site: SiteName; date: CostDate }[];
  unreached: { site: SiteName; because: string }[];
  spent: CostOfAsking;
};

/** Throws `NoShelf` when no bucket can be reached. Whatever else goes wrong is told, day by day, here and in the state that is kept. */
export async function takeSnapshot(work: SnapshotWork, wanted: Wanted): Promise<SnapshotOutcome> {
  const { source, clock } = work;
  const before = source.spent();
  const ahead = await lookAhead(work, wanted);
  const { shelves, state, spreads, known, plan } = ahead;
  const run = createRun(work, shelves);
  const caughtUp = await catchUp(run, spreads);
  const told = await run.ask(plan, known);
  await run.take(inTurn(told, wanted.kind === 'due' ? (state?.resumeDate ?? null) : null));
  for (const shelf of shelves.reached()) {
    await run.spare(() => shelf.ask((bucket) => clearDrafts(bucket, source.provider, clock.now())));
  }
  await keepState(run, state, findingsOf(run, ahead));
  return { days: run.outcomes(), caughtUp, unreached: shelves.unreached(), spent: spentSince(before, source.spent()) };
}

/** A source says what it was asked for since it was opened, which may be some runs ago. */
function spentSince(before: CostOfAsking, now: CostOfAsking): CostOfAsking {
  return {
    requests: now.requests - before.requests,
    readBytes: now.readBytes === null ? null : now.readBytes - (before.readBytes ?? 0),
    amount: subtractAmount(now.amount, before.amount),
    currency: 'USD',
  };
}

/** What a run would ask for, and what it would cost at least. Null: nothing. */
export type SnapshotPlan = { inView: number; ask: CostDate[]; check: CostDate[]; cost: CostOfAsking | null };

/** Reads the buckets and asks the provider for nothing that it charges. Throws `NoShelf` and `CostUnavailable`. */
export async function planSnapshot(work: LookWork, wanted: Wanted): Promise<SnapshotPlan> {
  const { inView, plan } = await lookAhead(work, wanted);
  const range = rangeOf([...plan.ask, ...plan.check]);
  return { inView: inView.length, ...plan, cost: range && (await work.source.estimate(range)) };
}

type Ahead = Awaited<ReturnType<typeof lookAhead>>;
type LookWork = Pick<SnapshotWork, 'source' | 'shelves' | 'clock'>;

async function lookAhead({ source: { provider }, clock, ...work }: LookWork, wanted: Wanted) {
  const shelves = createShelves(work.shelves);
  const today = dateOf(clock.now());
  const state = await stateOf(shelves, provider);
  const troubled = state?.troubled.map(({ date }) => date) ?? [];
  const inView = datesInView(wanted, today, troubled);
  const spreads = await spreadsOf(shelves, provider, inView);
  const known: KnownDays = new Map(spreads.flatMap(({ date, latest }) => (latest ? [[date, latest] as const] : [])));
  const plan = planDays(wanted, today, { inView, troubled, known });
  return { shelves, today, state, inView, spreads, known, plan };
}

function findingsOf({ work, shelves, noted, newestDate }: Run, { today, state, known }: Ahead): RunFindings {
  const days = noted();
  const well = days.filter(({ kind }) => kind !== 'troubled').map(({ date }) => date);
  // Of what was never there nobody needs to be reminded: a day before the first that was ever told, or one that only a person asked for.
  const [first = null] = [...known.keys(), ...well].sort();
  const isMissed = (day: { date: CostDate; trouble: CostDayTrouble }) =>
    day.trouble !== 'not-there-yet' || (isRecent(day.date, today) && (first === null || day.date > first));
  const neverThere = (state?.troubled ?? []).filter((day) => !isMissed(day)).map(({ date }) => date);
  return {
    at: work.clock.now().toISOString(),
    well: [...well, ...neverThere],
    troubled: days
      .flatMap((day) => (day.kind === 'troubled' && isMissed(day) ? [day] : []))
      .map(({ date, trouble, because }) => ({ date, trouble, because })),
    unreached: shelves.unreached(),
    newestDate: newestDate(),
    resumeDate: resumeAfter(days),
  };
}

/** Where the time was over; after that day, when all of the run was not enough for it alone. */
function resumeAfter(days: readonly DayOutcome[]): CostDate | null {
  const index = days.findIndex((day) => day.kind === 'troubled' && day.trouble === 'out-of-time');
  const stopped = days[index];
  if (!stopped) return null;
  return days.slice(0, index).some(({ kind }) => kind !== 'troubled') ? stopped.date : addDays(stopped.date, 1);
}

async function keepState(
  { shelves, spare, provider }: Run,
  known: CostState | null,
  findings: RunFindings,
): Promise<void> {
  for (const shelf of shelves.reached()) {
    await spare(() => writeState(shelf, provider, known, { ...findings, unreached: shelves.unreached() }));
  }
}
