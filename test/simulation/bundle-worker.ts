// The crew's worker in one file: what loads modules one by one names every function that is made anew, and a world makes millions.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { settings } from '../../infra/local/runtimes/bundle.ts';

/** `path` is there until `remove`. */
export async function bundleWorker(): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-simulation-'));
  const path = join(folder, 'worker.mjs');
  await build({
    ...settings,
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    outfile: path,
    minify: false,
    keepNames: false,
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
