// `causeway failback divergence`: what is stranded, from the slot itself, and what to do about it.

import { type Divergence, readDivergence, type StrandedRow } from '../../shared/database/failback/divergence.ts';
import { type Return, refusalOf } from '../../shared/database/failback/precondition.ts';
import { type Answer, colorsOf, FINDING, GOOD } from './command.ts';
import { knowableOf, progressLine, type ReadingFlags, refusal, rowText, unknownAnswer } from './failback-answers.ts';
import { withSides } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';
import { columns } from './text.ts';

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
