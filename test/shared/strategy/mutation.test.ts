// Whatever is mistyped in the example, there is an error inside the file, and never a throw.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMap, isScalar, parse, parseDocument } from 'yaml';
import { isMapping, valueAt } from '../../../shared/strategy/known.ts';
import { type ParsedStrategy, parseStrategy } from '../../../shared/strategy/parse.ts';
import { EXAMPLE } from './example.ts';

type Path = (string | number)[];

const DATA: unknown = parse(EXAMPLE);

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => [[...path, index], ...pathsOf(item, [...path, index])]);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, held]) => [[...path, key], ...pathsOf(held, [...path, key])]);
}

const PATHS = pathsOf(DATA);
/** Names below these are the user's own. */
const FREE = [
  /^sites$/,
  /^lookouts$/,
  /^authority\.stores$/,
  /^notifications$/,
  /^scenarios$/,
  /^prometheus\.\w+\.\d+$/,
  /^objects\.pairs$/,
  /^objects\.pairs\.\w+\.tiers$/,
  /^cost\.budgets$/,
  /^cost\.environments$/,
];
const KEYS = PATHS.filter(
  (path) => typeof path.at(-1) === 'string' && !FREE.some((free) => free.test(path.slice(0, -1).join('.'))),
);

/** Parsing takes milliseconds, and the machine may be busy. */
const TIMEOUT_MILLISECONDS = 120_000;

function typo(word: string, at: number, kind: 'drop' | 'double' | 'swap' | 'end'): string {
  const index = at % word.length;
  if (kind === 'end') return `${word}x`;
  if (kind === 'double') return word.slice(0, index + 1) + word.slice(index);
  if (kind === 'drop') return word.slice(0, index) + word.slice(index + 1);
  return word.slice(0, index) + (word[index + 1] ?? '') + (word[index] ?? '') + word.slice(index + 2);
}

function renamed(path: Path, name: string): string {
  const document = parseDocument(EXAMPLE);
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  if (!pair || !isScalar(pair.key)) throw new Error(`the example has no ${path.join('.')}`);
  pair.key.value = name;
  return document.toString({ lineWidth: 0 });
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return isMapping(value) ? 'mapping' : typeof value;
}

function expectErrorsInside(text: string): void {
  const parsed = expectInside(text);
  expect(parsed.kind).toBe('invalid');
  const issues = parsed.kind === 'invalid' ? parsed.issues : [];
  expect(issues.some(({ severity }) => severity === 'error')).toBe(true);
}

function expectInside(text: string): ParsedStrategy {
  const parsed = parseStrategy(text, 'strategy.yaml');
  const lines = text.split(/\r\n|\n|\r/);
  for (const issue of parsed.kind === 'invalid' ? parsed.issues : parsed.warnings) {
    expect(issue.line).toBeGreaterThanOrEqual(1);
    expect(issue.line).toBeLessThanOrEqual(lines.length);
    expect(issue.column).toBeGreaterThanOrEqual(1);
    expect(issue.message).not.toBe('');
  }
  return parsed;
}

test(
  'a key misspelt',
  () => {
    const kinds = fc.constantFrom('drop' as const, 'double' as const, 'swap' as const, 'end' as const);
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), fc.nat(), kinds, (path, at, kind) => {
        const key = String(path.at(-1));
        const name = typo(key, at, kind);
        fc.pre(name !== key);
        expectErrorsInside(renamed(path, name));
      }),
      { numRuns: 100 },
    );
  },
  TIMEOUT_MILLISECONDS,
);

test(
  'a value of the wrong type',
  () => {
    const wrong = fc.constantFrom<unknown>({ surprise: 1 }, [{ surprise: 1 }], -1.5, 'a surprise', true);
    fc.assert(
      fc.property(fc.constantFrom(...PATHS), wrong, (path, value) => {
        fc.pre(kindOf(valueAt(DATA, path)) !== kindOf(value));
        const document = parseDocument(EXAMPLE);
        document.setIn(path, document.createNode(value));
        expectErrorsInside(document.toString({ lineWidth: 0 }));
      }),
      { numRuns: 100 },
    );
  },
  TIMEOUT_MILLISECONDS,
);

test(
  'names that JavaScript keeps for itself',
  () => {
    const names = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty');
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), names, (path, name) => expectErrorsInside(renamed(path, name))),
      { numRuns: 100 },
    );
  },
  TIMEOUT_MILLISECONDS,
);

test(
  'the text cut, doubled and littered anywhere',
  () => {
    const place = fc.nat({ max: EXAMPLE.length });
    const litter = fc.oneof(
      fc.string(),
      fc.constantFrom('\t', '\r\n', ': ', '- ', '&a ', '*a ', '<<: ', '!!set ', '? ', '| ', '%', '"', '{', ']'),
    );
    fc.assert(
      fc.property(place, place, litter, (left, right, between) => {
        expectInside(EXAMPLE.slice(0, left) + between + EXAMPLE.slice(right));
      }),
      { numRuns: 100 },
    );
  },
  TIMEOUT_MILLISECONDS,
);

test(
  'any text',
  () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expectInside(text)));
  },
  TIMEOUT_MILLISECONDS,
);
