// `causeway cost`: what the estate costs, from the snapshots of both providers' bills.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommand, onTerminal, withStrategy } from './command.ts';
import type { CostReportFlags } from './cost-report.ts';
import type { Terminal } from './terminal.ts';

export function addCost(program: Command, terminal: Terminal): void {
  const cost = onTerminal(program.command('cost'), terminal.io).description(
    'what the estate costs in both clouds, where it drifts, and what would save some',
  );
  addReport(cost, terminal);
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
