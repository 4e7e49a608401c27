// `causeway failback divergence`: what is stranded, from the slot itself, and what to do about it.

import type { Row } from '../../shared/database/failback/change.ts';
import { type Divergence, readDivergence, type StrandedRow } from '../../shared/database/failback/divergence.ts';
import { type Knowable, type Return, refusalOf, sourceOf } from '../../shared/database/failback/precondition.ts';
import { readApplied } from '../../shared/database/failback/sides.ts';
import { replicationNames } from '../../shared/engine/surround.ts';
import { type Answer, colorsOf, FINDING, GOOD } from './command.ts';
import { type Sides, type SidesFlags, withSides } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';
import { columns } from './text.ts';

export type ReadingFlags = SidesFlags & { slot?: string; appliedLsn?: string };
export type DivergenceFlags = ReadingFlags & { rows: number };

export function showDivergence(terminal: Terminal, flags: DivergenceFlags): Promise<Answer> {
  return withSides(terminal, flags, async (sides) => {
    const { found } = sides;
    const refused = refusalOf(found);
    if (refused !== null) return refusal(terminal, refused);
    const knowable = await knowableOf(sides, flags);
    if (knowable.kind === 'unknown') return unknownAnswer(terminal, knowable);
    const progress = progressLine(terminal, flags);
    const divergence = await readDivergence(sides.old, knowable.source, { rowLimit: flags.rows, progress });
    return divergenceAnswer(terminal, found, divergence);
  });
}

export async function knowableOf({ found, new: fresh }: Sides, flags: ReadingFlags): Promise<Knowable> {
  return sourceOf(found, await readApplied(fresh, replicationNames.subscription), {
    publication: replicationNames.publication,
    firstSlot: replicationNames.slot,
    slot: flags.slot ?? null,
    appliedLsn: flags.appliedLsn ?? null,
  });
}

export function refusal(terminal: Terminal, because: string): Answer {
  const text = `${colorsOf(terminal.io).yellow('refused')}: ${because}`;
  return { text, data: { outcome: 'refused', because }, code: FINDING };
}

export function unknownAnswer(terminal: Terminal, { because, wayOut }: { because: string; wayOut: string }): Answer {
  const text = `${colorsOf(terminal.io).red('not known')}: ${because}\n${wayOut}`;
  return { text, data: { outcome: 'unknown', because, wayOut }, code: FINDING };
}

/** A line on standard error each time that many more changes were read: standard output is the answer's. */
export function progressLine({ io }: Terminal, { json }: { json?: true }): (changes: number) => void {
  let said = 0;
  return (changes) => {
    if (json || changes < said + PROGRESS_CHANGES) return;
    said = changes;
    io.err(`${changes} changes so far`);
  };
}

const PROGRESS_CHANGES = 20_000;

function divergenceAnswer(terminal: Terminal, { oldSite, newSite, old, epoch }: Return, found: Divergence): Answer {
  const colors = colorsOf(terminal.io);
  const who = `${oldSite} wrote until epoch ${old.epoch}; ${newSite} writes at epoch ${epoch}`;
  if (found.changes === 0) {
    const because = `nothing is stranded: ${newSite} had everything that ${oldSite} accepted`;
    const text = [who, `${colors.green('good')}: ${because}`, 'next: causeway failback rejoin'].join('\n');
    return { text, data: { outcome: 'nothing', because, ...found }, code: GOOD };
  }
  const because = `${found.changes} change(s) in ${found.transactions} transaction(s) never reached ${newSite}`;
  const counts = found.tables.map(({ table, ...kinds }) => [table, ...Object.values(kinds).map(String)]);
  const text = [
    who,
    `${colors.yellow('stranded')}: ${because}, committed ${found.firstCommittedAt} to ${found.lastCommittedAt} by the clock of ${oldSite}`,
    '',
    ...columns([['table', 'insert', 'update', 'delete', 'truncate'], ...counts]),
    '',
    ...columns(found.rows.map(rowCells)),
    ...(found.rows.length < found.changes
      ? [`and ${found.changes - found.rows.length} more: --rows shows more of them`]
      : []),
    '',
    'next: causeway failback reconcile   (shows who would win; changes nothing without --yes)',
  ];
  return { text: text.join('\n'), data: { outcome: 'stranded', because, ...found }, code: FINDING };
}

function rowCells({ committedAt, kind, table, key, before, row }: StrandedRow): string[] {
  const values = row ?? before;
  const named = key === null ? '' : rowText(key);
  return [committedAt, kind, table, named, values === null || kind === 'delete' ? '' : rowText(values)];
}

const SHOWN_LENGTH = 60;

/** `id=1 note=one`: long values cut, for one line on a terminal; --json has them whole. */
export function rowText(row: Row): string {
  const texts = Object.entries(row).map(([column, value]) => `${column}=${value === null ? 'NULL' : cut(value)}`);
  return texts.join(' ');
}

function cut(value: string): string {
  const line = JSON.stringify(value).slice(1, -1);
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}
