// What the phases of `causeway failback` have in common: what can be read, refusals, progress, and rows on one line.
import type { Row } from '../../shared/database/failback/change.ts';
import { type Knowable, sourceOf } from '../../shared/database/failback/precondition.ts';
import { readApplied } from '../../shared/database/failback/sides.ts';
import { replicationNames } from '../../shared/engine/surround.ts';
import { auditText, createAudit } from './audit.ts';
import { type Answer, colorsOf, FINDING } from './command.ts';
import type { Sides, SidesFlags } from './failback-sides.ts';
import { Unusable } from './failure.ts';
import { journalStores } from './open.ts';
import type { Terminal } from './terminal.ts';

export type ReadingFlags = SidesFlags & { slot?: string; appliedLsn?: string };

/** What every phase that changes something is told. */
export type DoingFlags = ReadingFlags & { yes?: true; reason?: string; by?: string };

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

/** Who does it and why. Throws `Unusable` before anything is done: what is not explained is not done. */
export function sayingOf(terminal: Terminal, { reason = '', by }: DoingFlags): { by: string; reason: string } {
  if (reason.trim() === '') {
    throw new Unusable('say why with --reason: it is what the journal and the next person on call will read');
  }
  return { by: by ?? terminal.user, reason: reason.trim() };
}

/** Journals what was done, and answers the sentence about what the journal misses. */
export async function journal(
  terminal: Terminal,
  { estate, situation }: Sides,
  command: string,
  saying: { by: string; reason: string },
): Promise<string> {
  const audit = createAudit(terminal, journalStores(estate), estate.incarnation);
  await audit.append({ kind: 'operator-commanded', command, ...saying }, situation.epoch);
  return auditText(await audit.settle());
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
