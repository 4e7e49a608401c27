// What a cold start reads and how long it takes, as deployed and next to naive all-in-one bundles of the same entries.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../infra/local/runtimes/bundle.ts';
import { clouds, entriesOf, root } from './entries.ts';
import { kilobytes, median, ratio } from './figures.ts';
import { bundleNaively } from './naive-bundle.ts';
import type { BenchTable } from './table.ts';

const ROUNDS = 11;

type Candidate = { cloud: string; name: string; split: Bundle & { lazySizeBytes: number }; naive: Bundle };
type Bundle = { path: string; sizeBytes: number };

/** Rejects when a bundle does not load: a process that ends early must not pass for a fast one. */
export async function benchColdStart(progress: (line: string) => void): Promise<BenchTable> {
  const directory = mkdtempSync(join(tmpdir(), 'causeway-cold-start-'));
  try {
    const candidates = (await Promise.all(clouds.map((cloud) => bundle(cloud, directory)))).flat();
    const empty = join(directory, 'empty.mjs');
    writeFileSync(empty, 'export {};\n');
    const rows = candidates.map((candidate) => {
      progress(`cold start of ${candidate.cloud}/${candidate.name}: ${ROUNDS} processes of each kind`);
      return row(candidate, empty);
    });
    return {
      title: 'Cold start: what a function loads before its first event',
      columns: [
        'function',
        'at start (kB)',
        'behind import() (kB)',
        'naive (kB)',
        'less',
        'import (ms)',
        'naive (ms)',
        'faster',
      ],
      rows,
      notes: [
        `Import time: median of ${ROUNDS} fresh node processes (${process.version}) that import the bundle with a valid environment, parsing of the strategy included, minus the median of an empty process; the three kinds take turns.`,
        'Naive: the same entry as one file without splitting, every import of ours made at the start, by name, tree-shaken and minified the same way.',
        'Files come from a warm page cache; a small Lambda or Cloud Run CPU share makes all times longer.',
      ],
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function bundle(cloud: (typeof clouds)[number], directory: string): Promise<Candidate[]> {
  const [splitDir, naiveDir] = [join(directory, cloud, 'split'), join(directory, cloud, 'naive')];
  for (const one of [splitDir, naiveDir]) mkdirSync(one, { recursive: true });
  const entries = entriesOf(cloud);
  const split = await bundleFunctions(entries, splitDir);
  const naive = await Promise.all(entries.map((entry) => bundleNaively(entry, naiveDir)));
  return split.flatMap(({ name, path, startSizeBytes, lazySizeBytes }, index) => {
    const other = naive[index];
    return other ? [{ cloud, name, split: { path, sizeBytes: startSizeBytes, lazySizeBytes }, naive: other }] : [];
  });
}

function row({ cloud, name, split, naive }: Candidate, empty: string): string[] {
  const times = { empty: [] as number[], split: [] as number[], naive: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.empty.push(milliseconds(empty, cloud));
    times.split.push(milliseconds(split.path, cloud));
    times.naive.push(milliseconds(naive.path, cloud));
  }
  const base = median(times.empty);
  const [own, other] = [median(times.split) - base, median(times.naive) - base];
  return [
    `${cloud}/${name}`,
    kilobytes(split.sizeBytes),
    kilobytes(split.lazySizeBytes),
    kilobytes(naive.sizeBytes),
    ratio(naive.sizeBytes, split.sizeBytes),
    own.toFixed(0),
    other.toFixed(0),
    ratio(other, own),
  ];
}

/** The whole life of a process that does nothing but import the file. */
function milliseconds(file: string, cloud: string): number {
  // Nothing of this shell's environment: NODE_EXTRA_CA_CERTS alone would add 34 ms to every start.
  const env = {
    CAUSEWAY_STRATEGY: `${root}infra/local/strategy.yaml`,
    CAUSEWAY_SITE: cloud,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const began = performance.now();
  const { status, stderr, error } = spawnSync(process.execPath, [file], { env, encoding: 'utf8', timeout: 60_000 });
  const took = performance.now() - began;
  if (status !== 0) throw new Error(`importing ${file} ended with ${status}: ${stderr}`, { cause: error });
  return took;
}
