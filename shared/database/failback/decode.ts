// pgoutput's messages as typed changes. The parsing is a library's; what it would make of the values (dates, numbers) is kept from it.
import { type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import * as z from 'zod';
import { type Change, lsnText, lsnValue, type Relation, type Row, type SourceTransaction } from './change.ts';

export type Decoded =
  | { kind: 'begin'; transaction: SourceTransaction }
  | { kind: 'commit' }
  | { kind: 'changes'; changes: UnnumberedChange[] }
  /** What describes the others: relations, types, origins. */
  | { kind: 'aside' };

type WithoutOrdinal<T> = T extends unknown ? Omit<T, 'ordinal'> : never;
export type UnnumberedChange = WithoutOrdinal<Change>;

// A column that is left out in a message comes as undefined.
const Tuple = z.record(z.string(), z.string().nullable().optional());

/** One for each reading of a slot: relations are told once, and remembered. Throws on what is no message of protocol version 1. */
export function createDecoder(): (data: Buffer) => Decoded {
  const parser = new PgoutputPlugin({ protoVersion: 1, publicationNames: [] });
  return (data) => {
    const message = parser.parse(data);
    switch (message.tag) {
      case 'begin':
        return { kind: 'begin', transaction: transactionOf(message) };
      case 'commit':
        return { kind: 'commit' };
      case 'relation':
        // The library remembers this very object: values then stay the text that was sent. A Date would lose microseconds.
        for (const column of message.columns) column.parser = (text: unknown) => text;
        return { kind: 'aside' };
      case 'origin':
      case 'type':
      case 'message':
        return { kind: 'aside' };
      case 'insert':
      case 'update':
      case 'delete':
        return { kind: 'changes', changes: [rowChange(message, data)] };
      case 'truncate':
        return {
          kind: 'changes',
          changes: message.relations.map((one) => ({ kind: 'truncate', relation: relationOf(one), exact: true })),
        };
    }
  };
}

function transactionOf({ commitLsn, commitTime }: Pgoutput.MessageBegin): SourceTransaction {
  if (commitLsn === null) throw new Error('a transaction without the position of its commit');
  return { commitLsn: lsnText(lsnValue(commitLsn)), committedAtUs: BigInt(commitTime.toString()) };
}

type RowMessage = Pgoutput.MessageInsert | Pgoutput.MessageUpdate | Pgoutput.MessageDelete;

function rowChange(message: RowMessage, data: Buffer): UnnumberedChange {
  const relation = relationOf(message.relation);
  const exact = isExact(message, data);
  switch (message.tag) {
    case 'insert':
      return { kind: 'insert', relation, exact, row: rowOf(message.new) };
    case 'update': {
      const before = message.old ?? message.key;
      return { kind: 'update', relation, exact, before: before && rowOf(before), row: rowOf(message.new) };
    }
    case 'delete':
      return { kind: 'delete', relation, exact, before: rowOf(message.old ?? message.key) };
  }
}

function relationOf({ schema, name, columns, keyColumns, replicaIdentity }: Pgoutput.MessageRelation): Relation {
  return { schema, table: name, columns: columns.map((one) => one.name), keyColumns, identity: replicaIdentity };
}

function rowOf(tuple: unknown): Row {
  const row: Row = {};
  for (const [name, value] of Object.entries(Tuple.parse(tuple))) if (value !== undefined) row[name] = value;
  return row;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The library's text decoder swallows a byte-order mark that a value begins with. A message that holds one is measured: when the
 * values that came out are shorter than what was sent, or that cannot be told, the change is not exact.
 */
function isExact(message: RowMessage, data: Buffer): boolean {
  if (!data.includes(BYTE_ORDER_MARK)) return true;
  const { length } = message.relation.columns;
  const sizes: number[] = [];
  if (message.tag !== 'delete') sizes.push(tupleBytes(message.new, length));
  if (message.tag !== 'insert') {
    if (message.tag === 'update' && message.old) return false;
    const before = message.old ?? message.key;
    if (before) sizes.push(tupleBytes(before, length));
  }
  // The message's letter and relation, and a letter before each tuple.
  return data.length === 5 + sizes.reduce((sum, size) => sum + 1 + size, 0);
}

/** A count of two bytes, a letter for each column, and four bytes of length before each text. */
function tupleBytes(tuple: unknown, columns: number): number {
  const texts = Object.values(Tuple.parse(tuple)).filter((value) => typeof value === 'string');
  return 2 + columns + texts.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0);
}
