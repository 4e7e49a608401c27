// Who wins: one stranded change against the row as it is at the new writer. One ordered table; the first row that matches decides.
import * as z from 'zod';
import { type Change, instantText, type Row } from './change.ts';

/** `same`: there is nothing to do. `archived`: it lost, and is kept. `listed`: a person decides. */
export const Outcome = z.enum(['applied', 'same', 'archived', 'listed']);
export type Outcome = z.infer<typeof Outcome>;

/** When the row at the new writer was last written, as far as its database can tell. */
export type Written =
  /** By replication, or by nobody since the takeover: it is the version that the stranded change was made upon. */
  | { kind: 'before-takeover' }
  /** By an earlier stranded change that was applied. */
  | { kind: 'by-reconciling' }
  | { kind: 'at'; us: bigint }
  | { kind: 'unknown'; because: string };

/** What the new writer has where the change belongs. */
export type There =
  | { kind: 'no-place'; because: string }
  | { kind: 'absent' }
  | { kind: 'present'; row: Row; written: Written };

export type RowCase = {
  change: Change;
  committedAtUs: bigint;
  oldSite: string;
  newSite: string;
  /** False: nothing but its whole content tells a row of this table apart. */
  keyed: boolean;
  there: There;
  /** What became of the stranded change of the same row before this one; null: there was none. */
  earlier: Outcome | null;
};

export type Verdict = {
  rule: string;
  outcome: Outcome;
  because: string;
  /** Something newer stood there, and is kept in the archive. */
  replaces: Row | null;
};

type Rule = { name: string; when: (found: RowCase) => boolean; outcome: Outcome; because: (found: RowCase) => string };

const kindIs = ({ change }: RowCase, ...kinds: Change['kind'][]) => kinds.includes(change.kind);
const absent = ({ there }: RowCase) => there.kind === 'absent';
const writtenOf = ({ there }: RowCase): Written | null => (there.kind === 'present' ? there.written : null);
const untouched = (found: RowCase) => ['before-takeover', 'by-reconciling'].includes(writtenOf(found)?.kind ?? '');

/** Later by commit timestamp; at the very same microsecond the site whose name comes last in the alphabet wins. */
function isNewer(found: RowCase): boolean {
  const written = writtenOf(found);
  if (written?.kind !== 'at') return false;
  return found.committedAtUs === written.us ? found.oldSite > found.newSite : found.committedAtUs > written.us;
}

/** The whole row stands there already. */
function standsThere(found: RowCase): boolean {
  const { change, there } = found;
  if (change.kind !== 'update' || there.kind !== 'present' || lacks(found)) return false;
  return Object.entries(change.row).every(([column, value]) => there.row[column] === value);
}

/** Long values that the change left alone are not in the log. */
function lacks({ change }: RowCase): boolean {
  return change.kind === 'update' && change.relation.columns.some((column) => change.row[column] === undefined);
}

function times({ committedAtUs, oldSite, newSite, ...found }: RowCase): string {
  const written = writtenOf({ committedAtUs, oldSite, newSite, ...found });
  const there = written?.kind === 'at' ? instantText(written.us) : 'at a time that is not known';
  return `${oldSite} at ${instantText(committedAtUs)}, ${newSite} at ${there}`;
}

const RULES: readonly Rule[] = [
  {
    name: 'truncate',
    when: (found) => kindIs(found, 'truncate'),
    outcome: 'listed',
    because: ({ newSite }) => `a TRUNCATE would take rows with it that ${newSite} has written since: a person decides`,
  },
  {
    name: 'not-exact',
    when: ({ change }) => !change.exact,
    outcome: 'listed',
    because: () => 'a value begins with a byte-order mark, and did not come through the log unchanged',
  },
  {
    name: 'no-place',
    when: ({ there }) => there.kind === 'no-place',
    outcome: 'listed',
    because: ({ there }) => (there.kind === 'no-place' ? there.because : ''),
  },
  {
    name: 'no-identity',
    when: ({ change, keyed }) => !keyed && change.relation.identity === 'nothing',
    outcome: 'listed',
    because: () => 'the table has no replica identity, so that nothing tells whether this row is there already',
  },
  {
    name: 'after-listed',
    when: ({ earlier }) => earlier === 'listed',
    outcome: 'listed',
    because: () => 'it follows a change of the same row that was listed: what it was made upon is not there',
  },
  {
    name: 'insert-new',
    when: (found) => kindIs(found, 'insert') && absent(found),
    outcome: 'applied',
    because: ({ newSite }) => `${newSite} has no row of this key`,
  },
  {
    name: 'insert-insert',
    when: (found) => kindIs(found, 'insert'),
    outcome: 'listed',
    because: ({ newSite }) =>
      `${newSite} has a row of this key too: these are two different rows, and are never merged`,
  },
  {
    name: 'after-archived',
    when: (found) => absent(found) && found.earlier === 'archived',
    outcome: 'listed',
    because: () => 'it follows a change of the same row that lost, and no row of its key is there',
  },
  {
    name: 'keyless-missing',
    when: (found) => absent(found) && !found.keyed,
    outcome: 'listed',
    because: ({ newSite }) =>
      `the table has no key, and ${newSite} has no row that equals the old version: whether it was changed or deleted there nobody can tell`,
  },
  {
    name: 'deleted-on-both',
    when: (found) => kindIs(found, 'delete') && absent(found),
    outcome: 'same',
    because: ({ newSite }) => `${newSite} has no such row either`,
  },
  {
    name: 'update-of-deleted',
    when: absent,
    outcome: 'archived',
    because: ({ oldSite, newSite }) =>
      `${newSite} has deleted the row since it became the writer, which was after ${oldSite} could write: the deletion is the later`,
  },
  {
    name: 'update-same',
    when: standsThere,
    outcome: 'same',
    because: ({ newSite }) => `${newSite} has the very same values`,
  },
  {
    name: 'untouched',
    when: untouched,
    outcome: 'applied',
    because: ({ newSite }) => `nobody has changed the row at ${newSite} since`,
  },
  {
    name: 'time-unknown',
    when: (found) => writtenOf(found)?.kind === 'unknown',
    outcome: 'listed',
    because: (found) => {
      const written = writtenOf(found);
      return `${found.newSite} may have changed the row since, and when cannot be told: ${written?.kind === 'unknown' ? written.because : ''}`;
    },
  },
  {
    name: 'newer-but-not-whole',
    when: (found) => isNewer(found) && lacks(found),
    outcome: 'listed',
    because: (found) =>
      `it is newer (${times(found)}), but a long value that it left alone is not in the log, and ${found.newSite} has changed the row: putting the two together would merge them`,
  },
  {
    name: 'newer',
    when: isNewer,
    outcome: 'applied',
    because: (found) => `the last write wins: ${times(found)}`,
  },
  {
    name: 'older',
    when: () => true,
    outcome: 'archived',
    because: (found) => `the last write wins: ${times(found)}`,
  },
];

/** Pure; never throws. An older version that gives way to an applied change is what `replaces` holds, if a client had written it. */
export function decideRow(found: RowCase): Verdict {
  const rule = RULES.find(({ when }) => when(found));
  if (!rule) throw new Error('the last rule matches everything');
  const replaces = rule.name === 'newer' && found.there.kind === 'present' ? found.there.row : null;
  return { rule: rule.name, outcome: rule.outcome, because: rule.because(found), replaces };
}
