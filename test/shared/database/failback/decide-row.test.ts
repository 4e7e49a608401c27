// Who wins, row by row of the table: each sentence is what an operator reads, and what the archive keeps.
import { describe, expect, it } from 'vitest';
import type { Change, Relation, Row } from '../../../../shared/database/failback/change.ts';
import { decideRow, type RowCase, type There, type Written } from '../../../../shared/database/failback/decide-row.ts';

const relation: Relation = {
  schema: 'shop',
  table: 'orders',
  columns: ['id', 'note'],
  keyColumns: ['id'],
  identity: 'default',
};
const T = 1_800_000_000_000_000n;
const base = { relation, ordinal: 1, exact: true };
const insert: Change = { ...base, kind: 'insert', row: { id: '1', note: 'old' } };
const update: Change = { ...base, kind: 'update', before: null, row: { id: '1', note: 'old' } };
const partial: Change = { ...base, kind: 'update', before: null, row: { id: '1' } };
const remove: Change = { ...base, kind: 'delete', before: { id: '1' } };
const truncate: Change = { ...base, kind: 'truncate' };

const absent: There = { kind: 'absent' };
const present = (written: Written, row: Row = { id: '1', note: 'new' }): There => ({ kind: 'present', row, written });
const untouched = present({ kind: 'before-takeover' });
const ours = present({ kind: 'by-reconciling' });
const at = (us: bigint) => present({ kind: 'at', us });
const unknown = present({ kind: 'unknown', because: 'track_commit_timestamp is off there' });

const decide = (change: Change, there: There, more: Partial<RowCase> = {}) =>
  decideRow({
    change,
    committedAtUs: T,
    oldSite: 'aws',
    newSite: 'gcp',
    keyed: true,
    there,
    earlier: null,
    ...more,
  });

const when = 'aws at 2027-01-15T08:00:00.000000Z, gcp at';

describe('a stranded change', () => {
  it.each<[string, Change, There, Partial<RowCase>, string, string]>([
    ['a new row', insert, absent, {}, 'applied', 'gcp has no row of this key'],
    [
      'a row of the same key',
      insert,
      untouched,
      {},
      'listed',
      'gcp has a row of this key too: these are two different rows, and are never merged',
    ],
    [
      'a row of the same key that was just applied',
      insert,
      ours,
      {},
      'listed',
      'gcp has a row of this key too: these are two different rows, and are never merged',
    ],
    [
      'an equal row of the same key',
      insert,
      present({ kind: 'at', us: T }, { id: '1', note: 'old' }),
      {},
      'listed',
      'gcp has a row of this key too: these are two different rows, and are never merged',
    ],
    ['an untouched row', update, untouched, {}, 'applied', 'nobody has changed the row at gcp since'],
    [
      'a row that was just applied',
      update,
      ours,
      { earlier: 'applied' },
      'applied',
      'nobody has changed the row at gcp since',
    ],
    [
      'a row with the very same values',
      update,
      present({ kind: 'at', us: T + 5n }, { id: '1', note: 'old' }),
      {},
      'same',
      'gcp has the very same values',
    ],
    ['an older row', update, at(T - 1n), {}, 'applied', `the last write wins: ${when} 2027-01-15T07:59:59.999999Z`],
    ['a newer row', update, at(T + 1n), {}, 'archived', `the last write wins: ${when} 2027-01-15T08:00:00.000001Z`],
    [
      'a row of the same instant',
      update,
      at(T),
      {},
      'archived',
      `the last write wins: ${when} 2027-01-15T08:00:00.000000Z`,
    ],
    [
      'a row of unknown time',
      update,
      unknown,
      {},
      'listed',
      'gcp may have changed the row since, and when cannot be told: track_commit_timestamp is off there',
    ],
    [
      'a row that was deleted there',
      update,
      absent,
      {},
      'archived',
      'gcp has deleted the row since it became the writer, which was after aws could write: the deletion is the later',
    ],
    [
      'an older row, with a long value left alone',
      partial,
      at(T - 1n),
      {},
      'listed',
      `it is newer (${when} 2027-01-15T07:59:59.999999Z), but a long value that it left alone is not in the log, and gcp has changed the row: putting the two together would merge them`,
    ],
    [
      'an untouched row, with a long value left alone',
      { ...partial, before: { id: '0' } },
      untouched,
      {},
      'applied',
      'nobody has changed the row at gcp since',
    ],
    ['a deleted row', remove, absent, {}, 'same', 'gcp has no such row either'],
    ['an untouched row, deleted', remove, untouched, {}, 'applied', 'nobody has changed the row at gcp since'],
    [
      'an older row, deleted',
      remove,
      at(T - 1n),
      {},
      'applied',
      `the last write wins: ${when} 2027-01-15T07:59:59.999999Z`,
    ],
    [
      'a newer row, deleted',
      remove,
      at(T + 1n),
      {},
      'archived',
      `the last write wins: ${when} 2027-01-15T08:00:00.000001Z`,
    ],
    [
      'a row of unknown time, deleted',
      remove,
      unknown,
      {},
      'listed',
      'gcp may have changed the row since, and when cannot be told: track_commit_timestamp is off there',
    ],
    [
      'a truncation',
      truncate,
      absent,
      {},
      'listed',
      'a TRUNCATE would take rows with it that gcp has written since: a person decides',
    ],
    [
      'a value that did not come through',
      { ...insert, exact: false },
      absent,
      {},
      'listed',
      'a value begins with a byte-order mark, and did not come through the log unchanged',
    ],
    [
      'no table',
      insert,
      { kind: 'no-place', because: 'there is no table shop.orders' },
      {},
      'listed',
      'there is no table shop.orders',
    ],
    [
      'a row without any identity',
      { ...insert, relation: { ...relation, identity: 'nothing' } },
      absent,
      { keyed: false },
      'listed',
      'the table has no replica identity, so that nothing tells whether this row is there already',
    ],
    [
      'a row whose insert was listed',
      update,
      untouched,
      { earlier: 'listed' },
      'listed',
      'it follows a change of the same row that was listed: what it was made upon is not there',
    ],
    [
      'a missing row whose change lost',
      update,
      absent,
      { earlier: 'archived' },
      'listed',
      'it follows a change of the same row that lost, and no row of its key is there',
    ],
    [
      'a missing row of a table without a key',
      update,
      absent,
      { keyed: false },
      'listed',
      'the table has no key, and gcp has no row that equals the old version: whether it was changed or deleted there nobody can tell',
    ],
    [
      'a row that was applied, and deleted there since',
      update,
      absent,
      { earlier: 'applied' },
      'archived',
      'gcp has deleted the row since it became the writer, which was after aws could write: the deletion is the later',
    ],
  ])('meets %s', (_, change, there, more, outcome, because) => {
    expect(decide(change, there, more)).toMatchObject({ outcome, because });
  });

  it('wins a tie where its site comes last in the alphabet, and not elsewhere', () => {
    expect(decide(update, at(T), { oldSite: 'gcp', newSite: 'aws' }).outcome).toBe('applied');
    expect(decide(update, at(T), { oldSite: 'aws', newSite: 'gcp' }).outcome).toBe('archived');
  });

  it('keeps the version that it replaces only where a client had written it', () => {
    expect(decide(update, at(T - 1n)).replaces).toEqual({ id: '1', note: 'new' });
    expect(decide(update, untouched).replaces).toBeNull();
    expect(decide(update, ours, { earlier: 'applied' }).replaces).toBeNull();
  });
});
