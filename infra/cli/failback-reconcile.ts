// `causeway failback reconcile`: who wins, foretold and then carried out; what lost is kept, and what nobody can decide is listed.
import { readTriggered } from '../../shared/database/failback/own-triggers.ts';
import { type Return, refusalOf } from '../../shared/database/failback/precondition.ts';
import { foretell, type ReconcileOptions, reconcile } from '../../shared/database/failback/reconcile.ts';
import type { Between } from '../../shared/database/failback/records.ts';
import type { DecidedChange, Reconciliation } from '../../shared/database/failback/tally.ts';
import { type Answer, colorsOf, FINDING, GOOD } from './command.ts';
import {
  type DoingFlags,
  journal,
  knowableOf,
  progressLine,
  refusal,
  rowText,
  sayingOf,
  unknownAnswer,
} from './failback-answers.ts';
import { type Sides, withSides } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';
import { columns } from './text.ts';

export type ReconcileFlags = DoingFlags & { rows: number };

export function showReconcile(terminal: Terminal, flags: ReconcileFlags): Promise<Answer> {
  const saying = flags.yes ? sayingOf(terminal, flags) : null;
  return withSides(terminal, flags, async (sides) => {
    const { found } = sides;
    const refused = refusalOf(found);
    if (refused !== null) return refusal(terminal, refused);
    const knowable = await knowableOf(sides, flags);
    if (knowable.kind === 'unknown') return unknownAnswer(terminal, knowable);
    const options: ReconcileOptions = {
      source: knowable.source,
      between: betweenOf(sides),
      oldOrigin: found.old.origin,
      tracksCommits: found.new.tracksCommits,
      rowLimit: flags.rows,
      progress: progressLine(terminal, flags),
    };
    if (!saying) {
      const foretold = await foretell(sides.old, sides.new, options);
      return dryAnswer(terminal, found, foretold, await readTriggered(sides.new, foretold.touched));
    }
    const done = await reconcile(sides.old, sides.new, options);
    const said = await journal(terminal, sides, `failback reconcile (${countsText(done)})`, saying);
    return doneAnswer(terminal, found, done, said);
  });
}

export function betweenOf({ found, estate }: Sides): Between {
  return {
    oldSite: found.oldSite,
    oldEpoch: found.old.epoch,
    newSite: found.newSite,
    newEpoch: found.epoch,
    run: `operator-${estate.incarnation}`,
  };
}

function dryAnswer(terminal: Terminal, found: Return, foretold: Reconciliation, triggered: string[]): Answer {
  const colors = colorsOf(terminal.io);
  const { oldSite, newSite } = found;
  const data = { outcome: 'not-confirmed', ...dataOf(foretold), triggered };
  if (foretold.changes === 0) {
    const text = `${colors.green('good')}: nothing is stranded, so that there is nothing to reconcile\nnext: causeway failback rejoin`;
    return { text, data: { ...data, outcome: 'nothing' }, code: GOOD };
  }
  const text = [
    `foretold: ${countsText(foretold)}`,
    ...columns(foretold.rows.map(rowCells)),
    '',
    ...clockLines(found, foretold),
    `constraints and triggers of ${newSite} have not been asked: a row that they refuse will be listed`,
    ...(triggered.length > 0
      ? [`these tables have triggers of their own, which fire as for any client's write: ${triggered.join(', ')}`]
      : []),
    `${colors.yellow('not-confirmed')}: nothing was changed: add --yes and --reason to bring the changes of ${oldSite} to ${newSite}`,
  ];
  return { text: text.join('\n'), data, code: FINDING };
}

function doneAnswer(terminal: Terminal, found: Return, done: Reconciliation, said: string): Answer {
  const colors = colorsOf(terminal.io);
  const { listed } = done.outcomes;
  const again = done.decidedBefore > 0 ? ` (${done.decidedBefore} had been decided before)` : '';
  const text = [
    `${colors.green('done')}: ${countsText(done)}${again}`,
    ...columns(done.rows.map(rowCells)),
    ...clockLines(found, done),
    `both versions of each are kept at ${found.newSite}: select * from causeway.reconciled where old_epoch = ${found.old.epoch}`,
    ...(listed > 0 ? [colors.yellow(`${listed} are for a person: the same with "and outcome = 'listed'"`)] : []),
    `next: causeway failback rejoin${said}`,
  ];
  return { text: text.join('\n'), data: { outcome: 'done', ...dataOf(done) }, code: listed > 0 ? FINDING : GOOD };
}

function countsText({ changes, transactions, outcomes }: Reconciliation): string {
  const { applied, same, archived, listed } = outcomes;
  return `${changes} change(s) in ${transactions} transaction(s): ${applied} applied, ${same} there already, ${archived} lost and archived, ${listed} listed for a person`;
}

function clockLines({ oldSite, newSite }: Return, { clockAheadUs }: Reconciliation): string[] {
  const compared = `the last write wins by commit timestamps, which two machines' clocks gave: ${oldSite}'s and ${newSite}'s`;
  if (clockAheadUs === null) return [compared];
  const seconds = (Number(clockAheadUs) / 1e6).toFixed(1);
  return [
    compared,
    `some won over a row that ${newSite} wrote after ${oldSite} could not write any more: the clock of ${oldSite} was ahead by at least ${seconds} s. What they replaced is in the archive`,
  ];
}

/** Numbers of JSON do not hold microseconds: they go out as text. */
function dataOf({ clockAheadUs, ...rest }: Reconciliation) {
  return { ...rest, clockAheadUs: clockAheadUs === null ? null : String(clockAheadUs) };
}

function rowCells({ outcome, kind, table, key, because }: DecidedChange): string[] {
  return [outcome, kind, table, key === null ? '' : rowText(key), because];
}
