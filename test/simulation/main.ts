// `npm run simulate`: many seeds, with progress, and one command that tells again the first that failed.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { bugs } from './bugs/bugs.ts';
import { type Report, simulateSeeds } from './crew.ts';
import type { Choice } from './run-seed.ts';
import { summarise, tellSummary } from './summary.ts';

const help = `npm run simulate -- [options]: the real engine in simulated worlds, one for each seed

  --seeds N         how many seeds (1000)
  --from S          the first of them (1)
  --workers W       how many at a time (the cores of this machine)
  --trace           tells every world, event by event, and not only one that fails
  --clocks MODE     within: clocks differ as much as the margin allows (the default)
                    beyond: they differ more; which promises are lost is counted, and is no failure
  --bug NAME        with a planted bug: ${Object.keys(bugs).join(', ')}
  --keep-going      does not stop at the first seed that fails
  --json            the summary as JSON on stdout

exit code: 0 every promise was kept; 1 one was broken (the command that tells that seed again is printed); 2 wrong usage`;

const options = {
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  workers: { type: 'string', default: String(availableParallelism()) },
  trace: { type: 'boolean', default: false },
  clocks: { type: 'string', default: 'within' },
  bug: { type: 'string' },
  'keep-going': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options });
    if (values.help) {
      console.log(help);
      return 0;
    }
    return await run(values, choose(values));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
}

function choose({ clocks, bug: named }: Values): Choice {
  const bug = named ?? null;
  if (clocks !== 'within' && clocks !== 'beyond') throw new Error(`--clocks is within or beyond, not ${clocks}`);
  if (bug !== null && !(bug in bugs)) throw new Error(`no bug "${bug}"`);
  return { clocks, bug };
}

async function run(values: Values, choice: Choice): Promise<number> {
  const [from, count, workers] = [
    whole('from', values.from),
    whole('seeds', values.seeds),
    whole('workers', values.workers),
  ];
  const reports: Omit<Report, 'trace'>[] = [];
  const failed: Report[] = [];
  const began = performance.now();
  const perSecond = () => (reports.length / (performance.now() - began)) * 1000;
  let toldAt = began;
  await simulateSeeds({
    from,
    count,
    workers,
    choice,
    withTrace: values.trace,
    onReport: (report) => {
      const { trace, ...rest } = report;
      reports.push(rest);
      if (values.trace && trace) console.error(`seed ${report.seed} (${report.hash})\n${trace.join('\n')}\n`);
      if (report.violation && choice.clocks === 'within') {
        failed.push(report);
        console.error(tellFailure(report, choice));
      }
      if (performance.now() - toldAt > 5000) {
        toldAt = performance.now();
        console.error(
          `${reports.length} of ${count} seeds, ${perSecond().toFixed(1)} a second, ${failed.length} failed`,
        );
      }
      return failed.length > 0 && !values['keep-going'];
    },
  });
  const [first] = failed;
  if (first?.trace && !values.trace)
    console.error(`\nwhat happened in seed ${first.seed}\n${first.trace.join('\n')}\n${tellFailure(first, choice)}`);
  const summary = summarise(reports);
  const seconds = (performance.now() - began) / 1000;
  const failures = failed.map(({ seed, violation }) => ({ seed, ...violation, replay: replay(seed, choice) }));
  if (values.json) console.log(JSON.stringify({ ...summary, seconds, choice, failures }, null, 2));
  else console.log(`${tellSummary(summary)}\n${seconds.toFixed(1)} s, ${perSecond().toFixed(1)} seeds a second`);
  return failed.length > 0 ? 1 : 0;
}

function tellFailure({ seed, violation }: Report, choice: Choice): string {
  return [
    `seed ${seed} broke a promise at ${violation?.atSeconds.toFixed(2)} s: ${violation?.invariant}`,
    `  ${violation?.because}`,
    `  tell it again: ${replay(seed, choice)}`,
  ].join('\n');
}

function replay(seed: number, { clocks, bug }: Choice): string {
  const rest = [clocks === 'beyond' ? ' --clocks beyond' : '', bug ? ` --bug ${bug}` : ''].join('');
  return `npm run simulate -- --seeds 1 --from ${seed} --trace${rest}`;
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} is a whole number from 1, not ${text}`);
  return number;
}
