// One stranded transaction carried out at the new writer: a savepoint for each row, so that a bad one never blocks the next.
import { type Session, sentence, sqlState } from '../session.ts';
import type { Change } from './change.ts';
import type { Verdict } from './decide-row.ts';
import type { Judge, Judged } from './judge.ts';
import type { StrandedPart } from './read-stranded.ts';
import { type Between, writeRecord } from './records.ts';
import { writeChange, writerOf } from './target-table.ts';

export type CarriedOut = { judged: Judged; verdict: Verdict };

/**
 * What a part of a transaction came to, and its records, in one transaction with the other parts. A deferred constraint speaks at the
 * commit, for all rows at once: then each row is asked by itself. Throws when it was not about a row; nothing has happened then.
 */
export async function carryOut(
  session: Session,
  between: Between,
  judge: Judge,
  part: StrandedPart,
  changes: Change[],
): Promise<CarriedOut[]> {
  const whole = part.first && part.last;
  const once = async (immediate: boolean): Promise<CarriedOut[]> => {
    if (part.first) await session.rows(immediate ? 'begin; set constraints all immediate' : 'begin');
    try {
      const done: CarriedOut[] = [];
      for (const change of changes) done.push(await bring(session, between, judge, part, change));
      if (part.last) await session.rows('commit');
      return done;
    } catch (error) {
      if (session.alive()) await session.rows('rollback');
      throw error;
    }
  };
  try {
    return await once(!whole);
  } catch (error) {
    if (!whole || !isRowsFault(error)) throw error;
    return once(true);
  }
}

async function bring(
  session: Session,
  between: Between,
  judge: Judge,
  { transaction }: StrandedPart,
  change: Change,
): Promise<CarriedOut> {
  await session.rows('savepoint stranded');
  const judged = await judge(transaction, change);
  const { verdict, rowXmin } = await write(session, judged);
  const { there } = judged;
  const written = there.kind === 'present' && there.written.kind === 'at' ? there.written.us : null;
  await writeRecord(session, between, {
    ...judged,
    ...verdict,
    transaction,
    newVersion: keeps(verdict) && there.kind === 'present' ? there.row : null,
    newAtUs: written,
    rowXmin,
  });
  await session.rows('release savepoint stranded');
  return { judged, verdict };
}

async function write(session: Session, judged: Judged): Promise<{ verdict: Verdict; rowXmin: string | null }> {
  const { verdict, target, change, at, keyAfter } = judged;
  if (verdict.outcome !== 'applied' || !target) return { verdict, rowXmin: null };
  try {
    await writeChange(session, target, change, at);
    return { verdict, rowXmin: keyAfter && (await writerOf(session, target, keyAfter)) };
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    await session.rows('rollback to savepoint stranded');
    return { verdict: { rule: 'refused', outcome: 'listed', because: sentence(error), replaces: null }, rowXmin: null };
  }
}

/** The version of the new writer is kept beside the stranded one wherever the two were at odds. */
function keeps({ outcome, rule, replaces }: Verdict): boolean {
  return replaces !== null || outcome === 'archived' || rule === 'insert-insert' || rule === 'time-unknown';
}

const NOT_ALLOWED = '42501';

/** Refused for what the row is: data, constraints, schema, and what triggers raise. All else is about the server or our rights. */
function isRowsFault(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && state !== NOT_ALLOWED && /^(22|23|42|0A|P0)/.test(state);
}
