// What the benchmarks stand on: the naive bundle really imports up front, a table's columns line up, and a failover is judged by what
// clients recorded.
import { describe, expect, it } from 'vitest';
import type { DirectWrite } from '../../infra/local/load/records.ts';
import { cases } from './failover/cases.ts';
import { measureRound } from './failover/measure.ts';
import { failoverOptions } from './failover/options.ts';
import type { Round } from './failover/round.ts';
import { rowsOf } from './failover/summary.ts';
import { median, percentile } from './figures.ts';
import { latencyCells } from './latency-row.ts';
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

it('takes the value that a fraction of all does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([3, 9, 1], 0.99)).toBe(9);
  expect(percentile([], 0.99)).toBeNaN();
});

describe('the latency of the register', () => {
  const samples = { name: 'read', tookMs: [21, 20, 40], roundTripMs: 20, floorMs: 20 };

  it('is told in round trips', () => {
    expect(latencyCells(samples)).toEqual(['20.0', 'read', '3', '1.1', '2.0']);
  });

  it('is not told when it cannot be true', () => {
    expect(() => latencyCells({ ...samples, tookMs: [2, 2, 2] })).toThrow('its round trips alone take 20 ms');
    expect(() => latencyCells({ ...samples, tookMs: [] })).toThrow('from 0 samples means nothing');
    expect(() => latencyCells({ ...samples, roundTripMs: Number.NaN })).toThrow('was not measured');
  });
});

describe('a failover', () => {
  const write = (site: 'first' | 'second', atSeconds: number, outcome: DirectWrite['outcome'] = 'acknowledged') => ({
    site,
    marker: `${site}/${atSeconds}`,
    startedAtSeconds: atSeconds - 0.01,
    commitSentAtSeconds: atSeconds - 0.01,
    endedAtSeconds: atSeconds,
    outcome,
    sqlState: null,
    because: 'a test',
  });
  /** Acknowledged by that node ten times a second. */
  const writes = (site: 'first' | 'second', fromSeconds: number, toSeconds: number) =>
    Array.from({ length: Math.round((toSeconds - fromSeconds) * 10) + 1 }, (_, index) =>
      write(site, Math.round(fromSeconds * 10 + index) / 10),
    );
  const all = (records: DirectWrite[]) => new Set(records.map((one) => one.marker));
  const judge = (records: DirectWrite[], secondHas = all(records)) =>
    measureRound({
      records,
      failedAtSeconds: 10,
      endedAtSeconds: 40,
      present: { first: null, second: secondHas },
    });

  it('takes from the failure to the first acknowledgement elsewhere', () => {
    const records = [...writes('first', 0, 9.9), write('second', 12, 'refused'), ...writes('second', 31, 40)];
    const { takeoverSeconds, pauseSeconds, writer, lost, overlapSeconds, divergent } = judge(records);
    expect(takeoverSeconds).toBeCloseTo(21);
    expect(pauseSeconds).toBeCloseTo(21.1);
    expect({ writer, lost, overlapSeconds, divergent }).toEqual({
      writer: 'second',
      lost: 0,
      overlapSeconds: 0,
      divergent: 0,
    });
  });

  it('lost what was acknowledged and is not with the last writer, and nothing that was never acknowledged', () => {
    const kept = [...writes('first', 0, 9.8), ...writes('second', 31, 40)];
    const records = [...kept, write('first', 9.9), write('first', 10.5, 'unknown')];
    expect(judge(records, all(kept)).lost).toBe(1);
    expect(
      measureRound({ records, failedAtSeconds: 10, endedAtSeconds: 40, present: { first: null, second: null } }).lost,
    ).toBe(null);
  });

  it('had two writers for as long as both acknowledged, and counts what the one that did not stay took meanwhile', () => {
    const measured = judge([...writes('first', 0, 35), ...writes('second', 30, 40)]);
    expect(measured.overlapSeconds).toBeCloseTo(5);
    expect(measured.divergent).toBe(51);
    expect(measured.pauseSeconds).toBeCloseTo(0.1);
  });

  it('overlaps at a single acknowledgement too, and not where the writers took turns', () => {
    const late = judge([...writes('first', 0, 10), write('first', 33.05), ...writes('second', 30, 40)]);
    expect({ ...late }).toMatchObject({ overlapSeconds: 0, divergent: 1 });
    const turns = judge([...writes('first', 0, 10), ...writes('second', 30, 35), ...writes('first', 36, 40)]);
    expect(turns).toMatchObject({ writer: 'first', overlapSeconds: 0, divergent: 0, lost: null });
  });

  it('that never came is no takeover, and a pause to the end of the watch', () => {
    const measured = judge(writes('first', 0, 10));
    expect(measured.takeoverSeconds).toBe(null);
    expect(measured.pauseSeconds).toBeCloseTo(30);
    expect(() => judge(writes('second', 11, 12))).toThrow('acknowledged nothing before the failure');
  });

  it('is told in one row for each case and contestant, with the worst overlap and all that was lost', () => {
    const round = {
      contestant: 'A',
      case: 'kill',
      story: [],
      parts: null,
      writer: 'second' as const,
      acknowledged: 9,
      pauseSeconds: 20,
    };
    const rounds: Round[] = [
      { ...round, takeoverSeconds: 20, lost: 1, overlapSeconds: 0, divergent: 0 },
      { ...round, takeoverSeconds: null, lost: 2, overlapSeconds: 3, divergent: 30 },
    ];
    expect(rowsOf(rounds, ['A', 'B'])).toEqual([
      [cases[0]?.summary, 'A', '2', '20.0 (1 never)', '20.0 to 20.0', '20.0', '3', '3.0', '30'],
    ]);
  });

  it('is asked for by names that exist', () => {
    expect(failoverOptions({ rounds: '2', only: 'patroni', cases: 'kill, cut' })).toEqual({
      rounds: 2,
      only: ['patroni'],
      cases: ['kill', 'cut'],
    });
    expect(() => failoverOptions({ cases: 'earthquake' })).toThrow('--cases knows no earthquake; there are: kill, ');
    expect(() => failoverOptions({ rounds: '0' })).toThrow('--rounds is a whole number from 1 to 50, not 0');
  });
});
