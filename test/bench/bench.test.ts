// What the benchmarks stand on: the naive bundle really imports up front, and a table's columns line up.
import { expect, it } from 'vitest';
import { median } from './figures.ts';
import { withStaticImports } from './naive-bundle.ts';
import { render } from './render.ts';

it('imports up front, by name where the names are taken at once', () => {
  const text = withStaticImports(`
export async function open() {
  const [{ A }, { b: c }] = await Promise.all([import('a'), import('./b.ts')]);
  const { D } = await import('d');
  const whole = await import('e');
  return [A, c, D, whole];
}
type Kept = typeof import('f');
`);
  expect(text.split('\n').slice(0, 4)).toEqual([
    "import { A as upFront0A } from 'a';",
    "import { b as upFront1b } from './b.ts';",
    "import { D as upFront2D } from 'd';",
    "import * as upFront3 from 'e';",
  ]);
  expect(text).toContain(
    'await Promise.all([Promise.resolve(({ A: upFront0A })), Promise.resolve(({ b: upFront1b }))])',
  );
  expect(text).toContain('const whole = await Promise.resolve(upFront3);');
  expect(text).toContain("typeof import('f')");
});

it('leaves a source without dynamic imports as it is', () => {
  expect(withStaticImports("import { a } from 'a';\n").trim()).toBe("import { a } from 'a';");
});

it('lines a table up, and refuses one whose rows do not fit', () => {
  const table = {
    title: 'T',
    columns: ['what', 'ms'],
    rows: [
      ['longer name', '7'],
      ['x', '123'],
    ],
    notes: ['how'],
  };
  expect(render(table).split('\n')).toEqual([
    'T',
    '',
    'what          ms',
    '-----------  ---',
    'longer name    7',
    'x            123',
    '',
    '- how',
  ]);
  expect(() => render({ ...table, rows: [['x']] })).toThrow('"T" has 2 columns, and a row of 1 cells: x');
});

it('takes the value in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});
