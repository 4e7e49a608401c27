// Bundles function entry points the way that they are deployed: ESM, split, so that heavy SDKs load only when they are used.
import { join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

export type BundledFunction = {
  name: string;
  /** The file to run. */
  path: string;
  /** The entry with every chunk that it always loads: what a cold start reads. */
  startSizeBytes: number;
  /** Chunks behind dynamic imports: read when they are first needed. */
  lazySizeBytes: number;
  /** The source files that stand in what a cold start reads, and those behind dynamic imports; relative to the output folder. */
  startModules: string[];
  lazyModules: string[];
};

/** In an ES module, bundled CommonJS still calls `require` and reads `__dirname`: both are made anew in each chunk. */
const banner = [
  "import { createRequire as causewayRequire } from 'node:module';",
  "import { fileURLToPath as causewayPath } from 'node:url';",
  'const require = causewayRequire(import.meta.url);',
  "const __filename = causewayPath(import.meta.url); const __dirname = causewayPath(new URL('.', import.meta.url));",
].join('');

/** What every function is bundled with. */
export const settings = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  banner: { js: banner },
  metafile: true,
  logLevel: 'silent',
} satisfies BuildOptions;

/** Writes `<name>.mjs` and its chunks below `outDir`. Rejects with esbuild's own errors, which name file and line. */
export async function bundleFunctions(
  entries: readonly { name: string; path: string }[],
  outDir: string,
): Promise<BundledFunction[]> {
  const result = await build({
    ...settings,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry.name, entry.path])),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    absWorkingDir: outDir,
  });
  return entries.map(({ name }) => {
    const path = join(outDir, `${name}.mjs`);
    const entry = relative(outDir, path);
    const always = reach(result.metafile, entry, false);
    const all = reach(result.metafile, entry, true);
    const startModules = modulesOf(result.metafile, always);
    return {
      name,
      path,
      startSizeBytes: sizeOf(result.metafile, always),
      lazySizeBytes: sizeOf(result.metafile, all) - sizeOf(result.metafile, always),
      startModules: [...startModules],
      lazyModules: [...modulesOf(result.metafile, all)].filter((module) => !startModules.has(module)),
    };
  });
}

/** The outputs that an entry imports, itself among them; with or without those that it imports dynamically. */
function reach(metafile: Metafile, entry: string, lazily: boolean): Set<string> {
  const found = new Set<string>([entry]);
  for (const path of found) {
    for (const item of metafile.outputs[path]?.imports ?? []) {
      if (!item.external && (lazily || item.kind !== 'dynamic-import')) found.add(item.path);
    }
  }
  return found;
}

function modulesOf(metafile: Metafile, paths: ReadonlySet<string>): Set<string> {
  return new Set([...paths].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {})));
}

function sizeOf(metafile: Metafile, paths: ReadonlySet<string>): number {
  return [...paths].reduce((sum, path) => {
    const output = metafile.outputs[path];
    if (!output)
      throw new Error(`esbuild reports no output ${path}; it wrote ${Object.keys(metafile.outputs).join(', ')}`);
    return sum + output.bytes;
  }, 0);
}
