// How long reading the strategy takes: part of every cold start.
import { readFileSync } from 'node:fs';
import { parseStrategy } from '../../shared/strategy/parse.ts';
import { root } from './entries.ts';
import { kilobytes, median } from './figures.ts';
import type { BenchTable } from './table.ts';

const ROUNDS = 51;

/** Rejects when the example is not valid. */
export async function benchStrategy(progress: (line: string) => void): Promise<BenchTable> {
  progress('reading the strategy');
  const file = 'infra/local/strategy.yaml';
  const text = readFileSync(`${root}${file}`, 'utf8');
  const first = milliseconds(text, file);
  const rest = Array.from({ length: ROUNDS }, () => milliseconds(text, file));
  return {
    title: 'Strategy: from text to typed values',
    columns: ['file', 'lines', 'size (kB)', 'first time (ms)', 'median (ms)'],
    rows: [
      [
        file,
        String(text.split('\n').length - 1),
        kilobytes(Buffer.byteLength(text)),
        first.toFixed(1),
        median(rest).toFixed(1),
      ],
    ],
    notes: [
      `The median is of ${ROUNDS} further times in the same process. A function reads it once per cold start, which pays the first time.`,
      'The first time says most when this benchmark runs alone: others may have warmed up the parsers.',
    ],
  };
}

function milliseconds(text: string, file: string): number {
  const began = performance.now();
  const parsed = parseStrategy(text, file);
  const took = performance.now() - began;
  if (parsed.kind === 'invalid') throw new Error(`${file}: ${parsed.issues.map((issue) => issue.message).join('; ')}`);
  return took;
}
