// `causeway cost snapshot`: which days, what asking for them costs, and then each of them into both clouds.
import { addDays, dateOf } from '../../shared/cost/calendar.ts';
import type { Wanted } from '../../shared/cost/snapshot/plan-days.ts';
import { NoShelf } from '../../shared/cost/snapshot/shelves.ts';
import { planSnapshot, takeSnapshot } from '../../shared/cost/snapshot/snapshot.ts';
import { costPartBytes } from '../../shared/engine/cost-shelves.ts';
import type { CostSourcePlan } from '../../shared/model/cost-plan.ts';
import type { Provider } from '../../shared/model/site.ts';
import { CostUnavailable } from '../../shared/ports/cost-source.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING, GOOD, UNUSABLE } from './command.ts';
import {
  dayLine,
  doneData,
  doneLines,
  doneWell,
  type Planned,
  plannedData,
  plannedLines,
  type Taken,
} from './cost-snapshot-text.ts';
import { costShelves, costsOf, openBill } from './cost-sources.ts';
import { Unusable } from './failure.ts';
import { type Estate, openEstate } from './open.ts';
import { createProgressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { messageOf } from './text.ts';

export type SnapshotFlags = CommonFlags & {
  from?: string;
  to?: string;
  provider?: Provider;
  again?: true;
  dryRun?: true;
};

export async function costSnapshot(terminal: Terminal, flags: SnapshotFlags): Promise<Answer> {
  const estate = openEstate(terminal, flags);
  const { restateWindowDays } = costsOf(estate);
  const wanted = wantedOf(flags, restateWindowDays, dateOf(terminal.clock.now()));
  const planned: Planned[] = [];
  for (const source of sourcesOf(estate, flags)) planned.push(await plan(terminal, estate, source, wanted));
  if (planned.every(({ plan }) => plan === null)) {
    throw new Unusable(planned.flatMap(({ because }) => because ?? []).join('\n'));
  }
  const shown = planned.flatMap(plannedLines);
  if (flags.dryRun) return dryRun(terminal, planned, shown);
  if (!flags.json) terminal.io.out(shown.join('\n'));
  const taken: Taken[] = [];
  for (const one of planned) taken.push(await take(terminal, flags, one, wanted));
  const code = taken.every(doneWell) ? GOOD : taken.every(({ outcome }) => outcome === null) ? UNUSABLE : FINDING;
  return {
    text: taken.flatMap((one) => doneLines(one, colorsOf(terminal.io))).join('\n'),
    data: { outcome: terminal.stop.aborted ? 'stopped' : 'done', providers: taken.map(doneData) },
    code,
  };
}

function wantedOf({ from, to, again }: SnapshotFlags, windowDays: number, today: string): Wanted {
  if (from === undefined) {
    if (to !== undefined) throw new Unusable('--to needs --from: the first day of the range');
    if (again) throw new Unusable('--again needs --from: what is due is asked for again anyway');
    return { kind: 'due', windowDays };
  }
  const toDate = to ?? today;
  if (from >= toDate) {
    throw new Unusable(
      `no day is from ${from} to before ${toDate}: --to is the day after the last, such as ${addDays(from, 1)}`,
    );
  }
  if (from >= today) throw new Unusable(`${from} is not over (it is ${today} in UTC): there is nothing to take yet`);
  return { kind: 'range', range: { fromDate: from, toDate }, again: again ?? false };
}

function sourcesOf(estate: Estate, { provider }: SnapshotFlags): CostSourcePlan[] {
  const { sources } = costsOf(estate);
  const found = sources.filter((source) => provider === undefined || source.provider === provider);
  if (found.length > 0) return found;
  const names = sources.map((source) => source.provider).join(', ');
  throw new Unusable(`the strategy reads no bill of ${provider} (only of ${names}): add cost.sources.${provider}`);
}

async function plan(terminal: Terminal, estate: Estate, source: CostSourcePlan, wanted: Wanted): Promise<Planned> {
  const { provider } = source;
  const near = estate.strategy.sites.find((site) => site.provider === provider)?.name ?? estate.config.site;
  const [bill, shelves] = await Promise.all([
    openBill(terminal, estate, costsOf(estate), source),
    costShelves(terminal, estate, near),
  ]);
  const work = { source: bill, shelves, clock: terminal.clock };
  try {
    return { provider, work, plan: await planSnapshot(work, wanted), because: null };
  } catch (error) {
    if (!(error instanceof NoShelf || error instanceof CostUnavailable)) throw error;
    return { provider, work, plan: null, because: messageOf(error) };
  }
}

async function take(terminal: Terminal, flags: SnapshotFlags, planned: Planned, wanted: Wanted): Promise<Taken> {
  const { provider, work, plan } = planned;
  if (plan === null) return { provider, outcome: null, because: planned.because };
  const line = createProgressLine(terminal, flags);
  let done = 0;
  const noted: Parameters<typeof takeSnapshot>[0]['noted'] = (day) => {
    done += 1;
    line.show(() => `${provider}: ${dayLine(day)} (${done} of ${plan.ask.length + plan.check.length})`);
  };
  const late = () => terminal.stop.aborted;
  try {
    const outcome = await takeSnapshot(
      { ...work, chance: terminal.chance, late, partBytes: costPartBytes, noted },
      wanted,
    );
    return { provider, outcome, because: null };
  } catch (error) {
    if (!(error instanceof NoShelf)) throw error;
    return { provider, outcome: null, because: error.message };
  } finally {
    line.end();
  }
}

function dryRun({ io }: Terminal, planned: readonly Planned[], shown: readonly string[]): Answer {
  const well = planned.every(({ plan }) => plan !== null);
  const { green, yellow } = colorsOf(io);
  return {
    text: [...shown, '', `${(well ? green : yellow)('dry run')}: nothing was asked for`].join('\n'),
    data: { outcome: 'dry run', providers: planned.map(plannedData) },
    code: well ? GOOD : FINDING,
  };
}
