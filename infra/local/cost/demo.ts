// Three months of snapshots in seconds: the deployed functions' own wiring, in virtual days, over both clouds' wire protocols.
import { readFileSync } from 'node:fs';
import { wireCosts as wireAws } from '../../../aws/wiring-cost.ts';
import { wireCosts as wireGcp } from '../../../gcp/wiring-cost.ts';
import { parseConfig } from '../../../shared/config.ts';
import { addDays, dateOf, datesFrom } from '../../../shared/cost/calendar.ts';
import { systemChance } from '../../../shared/engine/system.ts';
import type { Snapped } from '../../../shared/engine/wire-costs.ts';
import type { Provider } from '../../../shared/model/site.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { overrideStrategy } from '../../../shared/strategy/override.ts';
import { runCommandLine } from '../../cli/program.ts';
import { type CostWorld, startCostWorld } from './cost-world.ts';

export type DemoOptions = {
  strategy: string;
  print: (line: string) => void;
  seed: number;
  /** The day on which it is looked back. */
  today: string;
  /** How many days before that the estate began. */
  days: number;
  /** Where the report goes. */
  page: string;
};

/** The window of a run is ten days: each day is seen at least once, and most twice. */
const runEveryDays = 8;
/** What is rightly said of a provider whose runs come so seldom: here it is the demonstration that is in a hurry. */
const ofRareRuns = 'is not known any more';
/** A rise of this estate is a few dollars. */
const smallEstate = { path: ['cost', 'anomalies', 'at_least'], value: '5 USD' };
/** After the providers have told all of the day before. */
const runAtHour = 14;
const invocationSeconds = 900;

/** Everything is gone afterwards, whatever happens. Answers what each cloud's runs came to. */
export async function runDemo(options: DemoOptions): Promise<Record<Provider, Snapped[]>> {
  const { print, seed, today, days } = options;
  const firstDate = addDays(today, -days);
  const clock = createDayClock(firstDate);
  const well = { explorer: () => null, bigQuery: () => null, buckets: { aws: () => null, gcp: () => null } };
  const world = await startCostWorld({
    strategy: overrideStrategy(options.strategy, [smallEstate]),
    seed,
    firstDate,
    endDate: today,
    now: clock.now,
    groupsPerPage: 50,
    faults: well,
    onTold: (title) => {
      if (!title.endsWith(ofRareRuns)) print(`  ${dateOf(clock.now())}  people are told: ${title}`);
    },
  });
  print(`A made-up estate (seed ${seed}) in both clouds since ${firstDate}; it is ${today}.`);
  try {
    const runs = await takeAll(options, world, clock, firstDate);
    await report(options, world, clock);
    return runs;
  } finally {
    await world.close();
  }
}

async function takeAll({ print, today }: DemoOptions, world: CostWorld, clock: DayClock, firstDate: string) {
  const lines: Record<Provider, string[]> = { aws: [], gcp: [] };
  const system = (site: Provider) => ({ clock, write: (line: string) => void lines[site].push(line) });
  const costs = {
    aws: wireAws(parseConfig(world.env('aws')), system('aws')),
    gcp: wireGcp(parseConfig(world.env('gcp')), system('gcp')).costs,
  };
  const runs: Record<Provider, Snapped[]> = { aws: [], gcp: [] };
  const dates = datesFrom(addDays(firstDate, 1), addDays(today, 1)).filter(
    (_, index, all) => index % runEveryDays === 0 || index === all.length - 1,
  );
  for (const date of dates) {
    clock.goTo(date);
    for (const site of ['aws', 'gcp'] as const) {
      const before = lines[site].length;
      runs[site].push(await costs[site].snapshot(invocationSeconds));
      for (const line of lines[site].slice(before)) tellOf(print, date, site, line);
    }
  }
  for (const site of ['aws', 'gcp'] as const) print(summaryOf(site, runs[site]));
  return runs;
}

/** What a person would want to hear of a function's log. */
function tellOf(print: (line: string) => void, date: string, site: Provider, line: string): void {
  const { severity, message }: { severity: string; message: string } = JSON.parse(line);
  if (severity === 'WARNING' || severity === 'ERROR' || message.includes('restated'))
    print(`  ${date}  ${site}: ${message}`);
}

function summaryOf(site: Provider, runs: readonly Snapped[]): string {
  const kinds = runs.flatMap(({ days }) => days.map(({ kind }) => kind));
  const count = (kind: string) => kinds.filter((one) => one === kind).length;
  const requests = runs.reduce((sum, run) => sum + run.requests, 0);
  return `${site}: ${runs.length} runs, ${count('taken')} days taken, ${count('restated')} restated, ${count('settled')} became final, ${count('troubled')} not told yet when asked; ${requests} requests`;
}

/** What an operator would type then: the month so far, and the page. */
async function report({ print, page }: DemoOptions, world: CostWorld, clock: DayClock): Promise<void> {
  for (const args of [[], ['--html', page]]) {
    print(`\n$ causeway cost report ${args.join(' ')}`.trimEnd());
    await runCommandLine(['cost', 'report', ...args], {
      io: {
        out: print,
        err: print,
        exit: () => undefined,
        color: false,
        readFile: (path) => readFileSync(path, 'utf8'),
        cwd: process.cwd(),
      },
      env: world.env('aws'),
      clock,
      chance: systemChance,
      user: 'demo',
      stop: new AbortController().signal,
      person: null,
    });
  }
}

type DayClock = Clock & { goTo(date: string): void };

/** Stands still within a day: whoever sleeps is not held up. */
function createDayClock(date: string): DayClock {
  let now = Date.parse(date);
  return {
    now: () => new Date(now),
    elapsedSeconds: () => now / 1000,
    sleep: async (seconds) => {
      now += seconds * 1000;
    },
    goTo(day) {
      now = Date.parse(day) + runAtHour * 3_600_000;
    },
  };
}
