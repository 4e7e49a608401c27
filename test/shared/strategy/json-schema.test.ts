// The editors' JSON Schema: the example is valid by it, and what it refuses is refused by it too.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { strategyJsonSchema } from '../../../shared/strategy/json-schema.ts';
import { isMapping } from '../../../shared/strategy/known.ts';
import { EXAMPLE, spoilt } from './example.ts';

/** The part of JSON Schema that the schema uses; a keyword that is not known here fails the test below. */
function complaints(value: unknown, schema: unknown, path: string): string[] {
  if (schema === true || !isMapping(schema)) return schema === false ? [`${path}: not allowed`] : [];
  const inner = (values: Iterable<[string | number, unknown]>, of: (key: string) => unknown): string[] =>
    [...values].flatMap(([key, held]) => complaints(held, of(String(key)), `${path}/${key}`));
  const branches = [schema.anyOf, schema.oneOf].filter((list) => Array.isArray(list));
  return [
    ...branches.flatMap((list) =>
      list.some((branch: unknown) => complaints(value, branch, path).length === 0) ? [] : [`${path}: fits no branch`],
    ),
    ...(schema.type === undefined || isOfType(value, schema.type) ? [] : [`${path}: not of type ${schema.type}`]),
    ...(schema.const === undefined || schema.const === value ? [] : [`${path}: not ${schema.const}`]),
    ...(Array.isArray(schema.enum) && !schema.enum.includes(value) ? [`${path}: not one of ${schema.enum}`] : []),
    ...(typeof schema.pattern === 'string' && typeof value === 'string' && !new RegExp(schema.pattern).test(value)
      ? [`${path}: ${value} does not match ${schema.pattern}`]
      : []),
    ...(typeof schema.minimum === 'number' && Number(value) < schema.minimum ? [`${path}: too small`] : []),
    ...(typeof schema.maximum === 'number' && Number(value) > schema.maximum ? [`${path}: too large`] : []),
    ...(Array.isArray(value) ? inner(value.entries(), () => schema.items) : []),
    ...(isMapping(value) ? mappingComplaints(value, schema, path, inner) : []),
  ];
}

function mappingComplaints(
  value: Record<string, unknown>,
  schema: Record<string, unknown>,
  path: string,
  inner: (values: Iterable<[string, unknown]>, of: (key: string) => unknown) => string[],
): string[] {
  const properties = isMapping(schema.properties) ? schema.properties : {};
  const patterns = isMapping(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  const keys = Object.keys(value);
  return [
    ...required.filter((key) => !keys.includes(key)).map((key) => `${path}: ${key} is missing`),
    ...(typeof schema.maxProperties === 'number' && keys.length > schema.maxProperties
      ? [`${path}: too many keys`]
      : []),
    ...keys.flatMap((key) => complaints(key, schema.propertyNames ?? true, `${path}/${key} (name)`)),
    ...inner(Object.entries(value), (key) => {
      const [, patterned] = patterns.find(([pattern]) => new RegExp(pattern).test(key)) ?? [];
      return properties[key] ?? patterned ?? schema.additionalProperties ?? true;
    }),
  ];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => isOfType(value, one));
  if (type === 'object') return isMapping(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  return typeof value === type;
}

function keywords(schema: unknown, isMap = false): string[] {
  if (Array.isArray(schema)) return schema.flatMap((part) => keywords(part));
  if (!isMapping(schema)) return [];
  return Object.entries(schema).flatMap(([key, part]) => [
    ...(isMap ? [] : [key]),
    ...(key === 'default' || key === 'enum'
      ? []
      : keywords(part, !isMap && /^(properties|patternProperties)$/.test(key))),
  ]);
}

const SCHEMA = strategyJsonSchema();

test('the example is valid by it, every key known', () => {
  expect(complaints(parse(EXAMPLE), SCHEMA, '')).toEqual([]);
});

test.each([
  ['an unknown key', spoilt('region: us-east-1', 'regoin: us-east-1'), '/sites/aws/regoin: not allowed'],
  ['a missing key', spoilt('application: go-pro', ''), ': application is missing'],
  [
    'an unknown action',
    spoilt('create_incident', 'create_incidnet'),
    '/scenarios/aws_region_lost/actions/4/create_incidnet: not allowed',
  ],
  ['a number for a duration', spoilt('rto: 5m', 'rto: 5'), '/objectives/rto: not of type string'],
  ['another word', spoilt('guard: enforce', 'guard: enforced'), '/authority/guard: not one of enforce,observe'],
  ['another kind of channel', spoilt('kind: sns', 'kind: sms'), '/notifications/aws_events: fits no branch'],
  ['a weight above 255', spoilt('aws: 70', 'aws: 700'), '/routing_policies/2/weighted/aws: too large'],
])('%s is refused by it', (_, text, complaint) => {
  expect(complaints(parse(text), SCHEMA, '')).toContain(complaint);
});

test('the checker of this test knows every keyword that the schema uses', () => {
  const known =
    'type const enum pattern minimum maximum items properties patternProperties additionalProperties required propertyNames maxProperties anyOf oneOf'.split(
      ' ',
    );
  const harmless = ['$schema', 'title', 'description', 'default', 'format', 'minLength', 'minItems', 'minProperties'];
  expect([...new Set(keywords(SCHEMA))].filter((keyword) => ![...known, ...harmless].includes(keyword))).toEqual([]);
});
