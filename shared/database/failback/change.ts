// What a lost writer had accepted, as typed values: its transactions, and the change of each row as PostgreSQL prints it.

/** A row's columns as text; null is NULL. A column that is missing was not sent: a long value (TOAST) that the change left alone. */
export type Row = Record<string, string | null>;

export type Relation = {
  schema: string;
  table: string;
  columns: string[];
  /** The columns that tell its rows apart: of the replica identity; all of them with `full`; none with `nothing`. */
  keyColumns: string[];
  identity: 'default' | 'index' | 'full' | 'nothing';
};

/** `ordinal` counts within the transaction. `exact`: false when a value could not be carried over byte for byte. */
export type Change = { relation: Relation; ordinal: number; exact: boolean } & (
  | { kind: 'insert'; row: Row }
  /** `before`: the old key where it changed, the whole old row with identity `full`, null when the key is the row's own. */
  | { kind: 'update'; before: Row | null; row: Row }
  | { kind: 'delete'; before: Row }
  | { kind: 'truncate' }
);

export type SourceTransaction = {
  /** Where its commit begins in the old writer's log: names it, and orders it among the others. */
  commitLsn: string;
  /** When it committed by the old writer's clock, in microseconds since 1970. */
  committedAtUs: bigint;
};

/** A log position as a number that can be compared. Throws on what is no position. */
export function lsnValue(lsn: string): bigint {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn);
  if (!parts) throw new Error(`"${lsn}" is no log position: one looks like 0/16B3748`);
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}

/** A position as PostgreSQL prints it, without the zeros that others put before it. */
export function lsnText(value: bigint): string {
  return `${(value >> 32n).toString(16)}/${(value & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

/** Microseconds since 1970 as an instant, all six digits. */
export function instantText(us: bigint): string {
  const seconds = new Date(Number(us / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${(us % 1_000_000n).toString().padStart(6, '0')}Z`;
}

/** The row that a change is about, by the values of its key; null when it has none that would tell. */
export function keyOf(change: Change, keyColumns: readonly string[] = change.relation.keyColumns): Row | null {
  if (change.kind === 'truncate' || keyColumns.length === 0) return null;
  const from =
    change.kind === 'insert' ? change.row : (change.before ?? (change.kind === 'update' ? change.row : null));
  return pick(from, keyColumns);
}

/** The key that the row has after the change; null when it has none, or is gone. */
export function keyAfter(change: Change, keyColumns: readonly string[] = change.relation.keyColumns): Row | null {
  return change.kind === 'insert' || change.kind === 'update' ? pick(change.row, keyColumns) : null;
}

function pick(row: Row | null, columns: readonly string[]): Row | null {
  if (row === null || columns.length === 0) return null;
  const picked: Row = {};
  for (const column of columns) {
    const value = row[column];
    if (value === undefined) return null;
    picked[column] = value;
  }
  return picked;
}
