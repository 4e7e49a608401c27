// As much of BigQuery's SQL as the billing query needs: one WITH, one SELECT over it, and scalar subqueries over arrays.
// https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax
import { type Reader, readerOf } from './bigquery-tokens.ts';

export type Expression =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'parameter'; name: string }
  | { kind: 'path'; names: string[] }
  | { kind: 'cast'; of: Expression; to: string }
  | { kind: 'call'; name: string; of: Expression[] }
  | { kind: 'sum'; of: Expression[] }
  | { kind: 'case'; of: Expression; when: { equals: Expression; gives: Expression }[] }
  | { kind: 'select'; select: Select };

export type Condition = { left: Expression; is: '=' | '<' | '<=' | '>' | '>='; right: Expression };

export type Source =
  | { kind: 'table'; name: string }
  | { kind: 'named'; name: string }
  | { kind: 'unnest'; of: Expression };

export type Select = {
  items: { as: string; of: Expression }[];
  from: Source;
  where: Condition[];
  groupBy: string[];
  orderBy: Expression[];
};

export type Query = { named: { name: string; select: Select }; select: Select };

export function parseSql(sql: string): Query {
  const reader = readerOf(sql);
  reader.word('WITH');
  const name = reader.name();
  reader.word('AS');
  reader.sign('(');
  const first = selectOf(reader);
  reader.sign(')');
  const select = selectOf(reader);
  reader.end();
  return { named: { name, select: first }, select };
}

function selectOf(reader: Reader): Select {
  reader.word('SELECT');
  const items = listOf(reader, () => {
    const of = sumOf(reader);
    if (reader.hasWord('AS')) return { as: reader.name(), of };
    return { as: of.kind === 'path' ? (of.names.at(-1) ?? '') : '', of };
  });
  reader.word('FROM');
  const from = sourceOf(reader);
  const where: Condition[] = [];
  if (reader.hasWord('WHERE')) {
    do where.push(conditionOf(reader));
    while (reader.hasWord('AND'));
  }
  const groupBy = reader.hasWord('GROUP') ? by(reader, () => reader.name()) : [];
  const orderBy = reader.hasWord('ORDER') ? by(reader, () => sumOf(reader)) : [];
  return { items, from, where, groupBy, orderBy };
}

function by<T>(reader: Reader, one: () => T): T[] {
  reader.word('BY');
  return listOf(reader, one);
}

function listOf<T>(reader: Reader, one: () => T): T[] {
  const list = [one()];
  while (reader.hasSign(',')) list.push(one());
  return list;
}

function sourceOf(reader: Reader): Source {
  const table = reader.take('table');
  if (table !== null) return { kind: 'table', name: table };
  if (!reader.hasWord('UNNEST')) return { kind: 'named', name: reader.name() };
  reader.sign('(');
  const of = sumOf(reader);
  reader.sign(')');
  return { kind: 'unnest', of };
}

function conditionOf(reader: Reader): Condition {
  const left = sumOf(reader);
  const is = (['<=', '>=', '=', '<', '>'] as const).find((sign) => reader.hasSign(sign)) ?? reader.fail();
  return { left, is, right: sumOf(reader) };
}

function sumOf(reader: Reader): Expression {
  const first = termOf(reader);
  const of = [first];
  while (reader.hasSign('+')) of.push(termOf(reader));
  return of.length === 1 ? first : { kind: 'sum', of };
}

function termOf(reader: Reader): Expression {
  const text = reader.take('text');
  if (text !== null) return { kind: 'text', value: text };
  const number = reader.take('number');
  if (number !== null) return { kind: 'number', value: Number(number) };
  const parameter = reader.take('parameter');
  if (parameter !== null) return { kind: 'parameter', name: parameter };
  if (reader.hasSign('(')) return inBrackets(reader);
  if (reader.hasWord('CASE')) return caseOf(reader);
  const name = reader.name();
  if (!reader.hasSign('(')) return pathOf(reader, name);
  if (name.toUpperCase() === 'CAST') return castOf(reader);
  const of = listOf(reader, () => sumOf(reader));
  reader.sign(')');
  return { kind: 'call', name: name.toUpperCase(), of };
}

/** Only a scalar subquery stands in brackets. */
function inBrackets(reader: Reader): Expression {
  const select = selectOf(reader);
  reader.sign(')');
  return { kind: 'select', select };
}

function caseOf(reader: Reader): Expression {
  const of = sumOf(reader);
  const when: { equals: Expression; gives: Expression }[] = [];
  while (reader.hasWord('WHEN')) {
    const equals = sumOf(reader);
    reader.word('THEN');
    when.push({ equals, gives: sumOf(reader) });
  }
  reader.word('END');
  return { kind: 'case', of, when };
}

function pathOf(reader: Reader, first: string): Expression {
  const names = [first];
  while (reader.hasSign('.')) names.push(reader.name());
  return { kind: 'path', names };
}

function castOf(reader: Reader): Expression {
  const of = sumOf(reader);
  reader.word('AS');
  const to = reader.name().toUpperCase();
  reader.sign(')');
  return { kind: 'cast', of, to };
}
