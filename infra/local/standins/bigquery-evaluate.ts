// Evaluates a parsed query over rows: exact sums, text in the order of its bytes, nulls as SQL has them.
import Big from 'big.js';
import type { Condition, Expression, Query, Select } from './bigquery-parse.ts';
import { SqlNotUnderstood } from './bigquery-tokens.ts';

/** TIMESTAMPs are milliseconds in a box of their own: they are no numbers. */
export class Timestamp {
  readonly millis: number;
  constructor(text: string) {
    this.millis = Date.parse(text);
    if (Number.isNaN(this.millis)) throw new SqlNotUnderstood(`Invalid timestamp: '${text}'`);
  }
}

/** FLOAT64 is a number, BIGNUMERIC a Big, an array stays what it is. */
export type Value = null | string | number | Big | Timestamp | readonly unknown[] | object;
export type Row = Record<string, unknown>;
export type Parameters = ReadonlyMap<string, Value>;

type Scope = { rows: Row[]; parameters: Parameters };

/** Rows of the result, their columns by name. `table` gives the rows that pass nothing yet. */
export function evaluate(query: Query, table: (name: string) => Row[], parameters: Parameters): Row[] {
  const first = selected(query.named.select, sourceOf(query.named.select, table), parameters);
  return selected(query.select, first, parameters);
}

function sourceOf({ from }: Select, table: (name: string) => Row[]): Row[] {
  if (from.kind !== 'table') throw new SqlNotUnderstood('the first SELECT reads the table');
  return table(from.name);
}

function selected(select: Select, source: Row[], parameters: Parameters): Row[] {
  const rows = source.filter((row) => select.where.every((each) => holds(each, row, parameters)));
  const groups = select.groupBy.length > 0 ? groupsOf(rows, select.groupBy) : rows.map((row) => [row]);
  const told = groups.map((group) => ({
    out: Object.fromEntries(
      select.items.map(({ as, of }) => [as, valueIn(of, { rows: group, parameters }, select.groupBy.length > 0)]),
    ),
    group,
  }));
  if (select.orderBy.length === 0) return told.map(({ out }) => out);
  const keyed = told.map(({ out }) => ({
    out,
    keys: select.orderBy.map((each) => sortable(valueIn(each, { rows: [out], parameters }, false))),
  }));
  return keyed.sort((one, other) => compareAll(one.keys, other.keys)).map(({ out }) => out);
}

function groupsOf(rows: Row[], names: string[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const id = JSON.stringify(names.map((name) => row[name] ?? null));
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

export function holds({ left, is, right }: Condition, row: Row, parameters: Parameters): boolean {
  const scope = { rows: [row], parameters };
  const one = sortable(valueIn(left, scope, false));
  const other = sortable(valueIn(right, scope, false));
  // A comparison with null is not true.
  if (one === null || other === null) return false;
  const order = compare(one, other);
  switch (is) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function valueIn(of: Expression, scope: Scope, aggregates: boolean): Value {
  const value = (inner: Expression) => valueIn(inner, scope, aggregates);
  switch (of.kind) {
    case 'text':
    case 'number':
      return of.value;
    case 'parameter': {
      const given = scope.parameters.get(of.name);
      if (given === undefined) throw new SqlNotUnderstood(`Query parameter '${of.name}' not found`);
      return given;
    }
    case 'path':
      return atPath(scope.rows[0] ?? {}, of.names);
    case 'sum':
      return plus(of.of.map(value));
    case 'case': {
      const tested = value(of.of);
      const found = of.when.find(({ equals }) => tested !== null && value(equals) === tested);
      return found === undefined ? null : value(found.gives);
    }
    case 'cast':
      return cast(value(of.of), of.to);
    case 'select':
      return scalar(of.select, scope);
    case 'call':
      return call(of.name, of.of, scope, aggregates);
  }
}

/** One value out of an array's rows. An array of structs: their fields are columns. */
function scalar(select: Select, scope: Scope): Value {
  const [item] = select.items;
  if (select.from.kind !== 'unnest' || item === undefined || select.items.length > 1) {
    throw new SqlNotUnderstood('a subquery in brackets gives one value FROM UNNEST(...)');
  }
  const array = valueIn(select.from.of, scope, false);
  const elements = Array.isArray(array) ? array : [];
  const rows = elements
    .map((element: unknown): Row => ({ ...(typeof element === 'object' ? element : {}) }))
    .filter((row) => select.where.every((each) => holds(each, row, scope.parameters)));
  return valueIn(item.of, { rows, parameters: scope.parameters }, true);
}

function call(name: string, of: Expression[], scope: Scope, aggregates: boolean): Value {
  const [first, second, third] = of;
  if (first === undefined) throw new SqlNotUnderstood(`${name} of nothing`);
  const value = (inner: Expression | undefined) => (inner === undefined ? null : valueIn(inner, scope, aggregates));
  switch (name) {
    case 'SUM':
    case 'MAX': {
      if (!aggregates) throw new SqlNotUnderstood(`Aggregate function ${name} not allowed here`);
      const all = scope.rows
        .map((row) => valueIn(first, { rows: [row], parameters: scope.parameters }, false))
        .filter((each) => each !== null);
      return name === 'SUM' ? total(all) : greatest(all);
    }
    case 'DATE': {
      const at = value(first);
      return at instanceof Timestamp ? new Date(at.millis).toISOString().slice(0, 10) : null;
    }
    case 'COALESCE':
    case 'IFNULL':
      return of.map(value).find((each) => each !== null) ?? null;
    case 'NULLIF':
      return value(first) === value(second) ? null : value(first);
    case 'CONCAT': {
      const parts = of.map(value);
      return parts.includes(null) ? null : parts.join('');
    }
    case 'REPLACE': {
      const text = value(first);
      return text === null ? null : String(text).replaceAll(String(value(second)), String(value(third)));
    }
    default:
      throw new SqlNotUnderstood(`Function not found: ${name}`);
  }
}

function cast(value: Value, to: string): Value {
  if (value === null) return null;
  if (to === 'STRING') return value instanceof Big ? value.toFixed() : String(value);
  if (to === 'BIGNUMERIC') return new Big(String(value));
  throw new SqlNotUnderstood(`this stand-in casts to STRING and to BIGNUMERIC, not to ${to}`);
}

/** Null when one of them is. */
function plus(values: Value[]): Value {
  return values.includes(null) ? null : total(values);
}

function total(values: Value[]): Value {
  if (values.length === 0) return null;
  return values.reduce<Big>((sum, each) => {
    // FLOAT64 is not added up: its sum depends on an order, which no two runs share.
    if (!(each instanceof Big)) {
      if (each !== 0) throw new SqlNotUnderstood('this stand-in adds BIGNUMERIC, and no FLOAT64');
      return sum;
    }
    return sum.plus(each);
  }, new Big(0));
}

function greatest(values: Value[]): Value {
  return values.reduce<Value>(
    (most, each) => (most === null || compare(sortable(each), sortable(most)) > 0 ? each : most),
    null,
  );
}

function atPath(row: Row, names: string[]): Value {
  let at: unknown = row;
  for (const name of names) {
    if (at === null) return null;
    if (typeof at !== 'object' || !(name in at)) throw new SqlNotUnderstood(`Unrecognized name: ${names.join('.')}`);
    at = Object.getOwnPropertyDescriptor(at, name)?.value;
  }
  return typeof at === 'string' || typeof at === 'number' || (typeof at === 'object' && at !== null) ? at : null;
}

type Sortable = null | number | Buffer;

function sortable(value: Value): Sortable {
  if (value === null) return null;
  if (value instanceof Timestamp) return value.millis;
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  throw new SqlNotUnderstood('this stand-in compares texts, numbers and timestamps');
}

/** Nulls come first. */
function compare(one: Sortable, other: Sortable): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) return Buffer.compare(one, other);
  throw new SqlNotUnderstood('No matching signature for operator between two types');
}

function compareAll(one: Sortable[], other: Sortable[]): number {
  for (const [index, key] of one.entries()) {
    const order = compare(key, other[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}
