// `causeway cost`: what the estate costs, from the snapshots of both providers' bills.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Provider } from '../../shared/model/site.ts';
import { addCommand, onTerminal, respond, withStrategy } from './command.ts';
import type { CostReportFlags } from './cost-report.ts';
import type { SnapshotFlags } from './cost-snapshot.ts';
import type { Terminal } from './terminal.ts';

export function addCost(program: Command, terminal: Terminal): void {
  const cost = onTerminal(program.command('cost'), terminal.io).description(
    'what the estate costs in both clouds, where it drifts, and what would save some',
  );
  addReport(cost, terminal);
  addSnapshot(cost, terminal);
}

function addReport(cost: Command, terminal: Terminal): void {
  const command = addCommand(cost, terminal.io, {
    name: 'report',
    summary:
      'a month in both clouds side by side: categories, drift from the targets, forecast, budgets, what is unusual, savings. Reads snapshots, asks no provider',
    examples: [
      'cost report                                   # this month so far',
      'cost report --month 2026-10 --html october.html',
      'cost report --csv > costs.csv',
      "cost report --json | jq '.currencies[0].total'",
    ],
    codes: [
      'shown, and nothing needs you',
      'shown, and something needs you: days are missing, a budget is used up, something is untagged; it is said first',
      'wrong usage, nothing is known of the month yet, or no bucket answered',
    ],
  });
  withStrategy(command)
    .option('--month <month>', 'such as 2026-10 (default: this month, in UTC)', monthOf)
    .option('--billed', 'as invoiced, instead of commitments and discounts spread over what they were used for')
    .addOption(new Option('--csv', 'print one figure a row, for a spreadsheet').conflicts('json'))
    .addOption(new Option('--html <file>', 'write one page that needs no network').conflicts(['json', 'csv']))
    .action(async (flags: CostReportFlags) => {
      const { runCostReport } = await import('./cost-report.ts');
      await runCostReport(terminal, flags);
    });
}

function monthOf(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('A month is written 2026-10.');
}

function addSnapshot(cost: Command, terminal: Terminal): void {
  const command = addCommand(cost, terminal.io, {
    name: 'snapshot',
    summary:
      'take what the schedule would take now, or fill in a range of days; says first what asking for it costs. Days that are settled are left alone',
    examples: [
      'cost snapshot --dry-run                               # which days are due, what asking costs',
      'cost snapshot --provider aws',
      'cost snapshot --from 2026-08-01 --to 2026-11-01       # August to October',
      'cost snapshot --from 2026-08-01 --to 2026-09-01 --again   # settled days too',
    ],
    codes: [
      'every day that was asked for is kept, at every site; with --dry-run: it is shown',
      'a day could not be taken, or a bucket could not be reached; it is said which, and why',
      'wrong usage, or no bucket or no bill answered',
    ],
  });
  withStrategy(command)
    .option('--from <day>', 'the first day, such as 2026-08-01 (default: what is due)', dateArgument)
    .option('--to <day>', 'the day after the last (default: today, which is not over)', dateArgument)
    .option('--provider <name>', 'aws or gcp (default: every one whose bill the strategy reads)', providerArgument)
    .option('--again', 'with --from: settled days too')
    .option('--dry-run', 'show what would be asked for and what that would cost, and ask for nothing')
    .action((flags: SnapshotFlags) =>
      respond(terminal, flags, async () => {
        const { costSnapshot } = await import('./cost-snapshot.ts');
        return costSnapshot(terminal, flags);
      }),
    );
}

function dateArgument(text: string): string {
  const parsed = new Date(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)) {
    return text;
  }
  throw new InvalidArgumentError('A day is written 2026-08-01.');
}

function providerArgument(text: string): Provider {
  const read = Provider.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError('aws or gcp.');
}
