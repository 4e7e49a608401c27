// The heavy clients stay out of what a cold start loads, when the adapters are bundled as the functions are.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const heavy = /node_modules\/(@google-cloud\/(sql|container|pubsub)|google-gax|@kubernetes\/client-node)\//;

it.each([
  'gcp/adapters/gke-capacity.ts',
  'gcp/adapters/cloud-sql-database.ts',
  'gcp/adapters/pubsub-notifier.ts',
  'aws/adapters/eks-capacity.ts',
])('%s loads its heavy client only when it is called', async (entry) => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../../${entry}`, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    outdir: 'bundle',
    logLevel: 'silent',
  });
  const first = Object.keys(metafile.outputs).find((name) => metafile.outputs[name]?.entryPoint?.endsWith(entry));
  const loaded = new Set(first === undefined ? [] : [first]);
  // A set goes on to what is added while it is walked.
  for (const name of loaded) {
    const imports = metafile.outputs[name]?.imports ?? [];
    for (const { path, kind } of imports) if (kind === 'import-statement') loaded.add(path);
  }
  const inputs = [...loaded].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}));
  expect(inputs.some((name) => name.endsWith(entry))).toBe(true);
  expect(inputs.filter((name) => heavy.test(name))).toEqual([]);
  expect(Object.keys(metafile.inputs).some((name) => heavy.test(name))).toBe(true);
});
