// One run: which days are due is found out, each is taken from the provider into one bucket, and the other gets the same.
import type { CostDate } from '../../model/cost.ts';
import type { CostState } from '../../model/cost-day.ts';
import type { SiteName } from '../../model/site.ts';
import type { CostOfAsking } from '../../ports/cost-source.ts';
import { addDays, dateOf } from '../calendar.ts';
import { clearDrafts } from './drafts.ts';
import { datesInView, inTurn, isRecent, type KnownDays, planDays, type Wanted } from './plan-days.ts';
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
  const shelves = createShelves(work.shelves);
  const today = dateOf(clock.now());
  const state = await stateOf(shelves, source.provider);
  const troubled = state?.troubled.map(({ date }) => date) ?? [];
  const inView = datesInView(wanted, today, troubled);
  const spreads = await spreadsOf(shelves, source.provider, inView);
  const run = createRun(work, shelves);
  const caughtUp = await catchUp(run, spreads);
  const known: KnownDays = new Map(spreads.flatMap(({ date, latest }) => (latest ? [[date, latest] as const] : [])));
  const told = await run.ask(planDays(wanted, today, { inView, troubled, known }), known);
  await run.take(inTurn(told, wanted.kind === 'due' ? (state?.resumeDate ?? null) : null));
  for (const shelf of shelves.reached()) {
    await run.spare(() => shelf.ask((bucket) => clearDrafts(bucket, source.provider, clock.now())));
  }
  await keepState(run, state, findingsOf(run, today));
  return { days: run.outcomes(), caughtUp, unreached: shelves.unreached(), spent: source.spent() };
}

function findingsOf({ work, shelves, noted, newestDate }: Run, today: CostDate): RunFindings {
  const days = noted();
  // Of what was never there nobody needs to be reminded.
  const worthKeeping = (day: DayOutcome & { kind: 'troubled' }) =>
    day.trouble !== 'not-there-yet' || isRecent(day.date, today);
  return {
    at: work.clock.now().toISOString(),
    well: days.filter(({ kind }) => kind !== 'troubled').map(({ date }) => date),
    troubled: days
      .flatMap((day) => (day.kind === 'troubled' && worthKeeping(day) ? [day] : []))
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
