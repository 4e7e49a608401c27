// `causeway cost report`: reads the days that are kept in either bucket, and shows the month as text, JSON, CSV or a page.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addMonths, type CostMonth, dateOf, monthOf } from '../../shared/cost/calendar.ts';
import { type KeptDays, readDays } from '../../shared/cost/read-days.ts';
import { makeReport } from '../../shared/cost/report/make-report.ts';
import { reportCsv } from '../../shared/cost/report/report-csv.ts';
import { reportDates } from '../../shared/cost/report/report-days.ts';
import type { CostReport } from '../../shared/cost/report/report-shape.ts';
import type { EstateShape } from '../../shared/cost/savings/opportunities.ts';
import type { CostPlan } from '../../shared/model/cost-plan.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING, GOOD, respond } from './command.ts';
import { costReportText } from './cost-report-text.ts';
import { Unusable } from './failure.ts';
import { type Estate, openEstate } from './open.ts';
import type { Terminal } from './terminal.ts';

export type CostReportFlags = CommonFlags & { month?: string; billed?: true; csv?: true; html?: string };

export async function runCostReport(terminal: Terminal, flags: CostReportFlags): Promise<void> {
  await respond(terminal, flags, async () => {
    const report = await readReport(terminal, flags);
    return { text: await shownAs(report, terminal, flags), data: report, code: codeOf(report) };
  });
}

async function readReport(terminal: Terminal, flags: CostReportFlags): Promise<CostReport> {
  const estate = openEstate(terminal, flags);
  const plan = planOf(estate);
  const now = terminal.clock.now();
  const month = flags.month ?? monthOf(dateOf(now));
  if (month > monthOf(dateOf(now))) throw new Unusable(`${month} has not begun: give a month up to this one`);
  const stores = plan.buckets.map(({ site, bucket }) => estate.recordBucket(siteOf(estate.strategy, site), bucket));
  const providers = plan.sources.map(({ provider }) => provider);
  const kept = await readDays(stores, providers, reportDates(month, dateOf(now)));
  if (!kept.days.some(({ date }) => monthOf(date) === month)) throw nothingKnown(month, kept);
  return makeReport({
    application: estate.strategy.application,
    plan,
    estate: shapeOf(estate, plan),
    month,
    now,
    basis: flags.billed ? 'billed' : 'effective',
    days: kept.days,
    states: kept.states,
    unread: kept.unread,
  });
}

function planOf({ strategy }: Estate): CostPlan {
  if (strategy.cost) return strategy.cost;
  throw new Unusable(
    'the strategy says nothing of costs: give it a section `cost:` with buckets and sources, and `causeway validate` says what is missing',
  );
}

/** Which provider writes and which stands by, and whether an environment is called production. */
function shapeOf({ strategy }: Estate, plan: CostPlan): EstateShape {
  const writer = siteOf(strategy, strategy.replication.primary).provider;
  const providers = strategy.replication.replicas.map(({ site }) => siteOf(strategy, site).provider);
  return {
    standby: providers.find((provider) => provider !== writer) ?? null,
    production: plan.environments.named.find(({ name }) => name === 'production')?.name ?? null,
  };
}

function nothingKnown(month: CostMonth, { states, unread }: KeptDays): Unusable {
  const troubles = states.flatMap(({ provider, troubled }) =>
    troubled.slice(0, 1).map(({ date, because }) => `${provider}, ${date}: ${because}`),
  );
  const why = [...unread, ...troubles];
  const fill = `\`causeway cost snapshot --from ${month}-01 --to ${addMonths(month, 1)}-01\` asks the providers for it`;
  return new Unusable(
    `nothing is known of ${month} yet: no day of it is kept. ${fill}; the scheduled function does so every day${why.length === 0 ? '' : `. What it met:\n${why.join('\n')}`}`,
  );
}

async function shownAs(report: CostReport, { io }: Terminal, flags: CostReportFlags): Promise<string> {
  // The line end of the last row is the terminal's.
  if (flags.csv) return reportCsv(report).slice(0, -1);
  if (flags.html === undefined) return costReportText(report, colorsOf(io));
  const path = resolve(io.cwd, flags.html);
  const { reportPage } = await import('./cost-page/page.ts');
  try {
    await writeFile(path, reportPage(report), 'utf8');
  } catch (cause) {
    throw new Unusable(`the page could not be written to ${path}: give a file in a folder that is there and yours`, {
      cause,
    });
  }
  return [`Written to ${path}.`, ...report.findings.map((one) => `! ${one}`)].join('\n');
}

/** Something for somebody: what is said first, or a service that costs more than it should. */
function codeOf({ findings, currencies }: CostReport): Answer['code'] {
  const rises = currencies.some(({ anomalies }) => anomalies.some(({ direction }) => direction === 'up'));
  return findings.length > 0 || rises ? FINDING : GOOD;
}
