// `npm run bench [-- name...] [--json]`: runs the benchmarks one after another and prints their tables.
import { parseArgs } from 'node:util';
import { benchColdStart } from './cold-start.ts';
import { benchCost } from './cost.ts';
import { benchDecide } from './decide.ts';
import { benchFailover } from './failover/failover.ts';
import { FAILOVER_FLAGS, failoverOptions } from './failover/options.ts';
import { benchGuard } from './guard.ts';
import { benchLatency } from './latency.ts';
import { benchObjects } from './objects/objects.ts';
import { OBJECTS_FLAGS, objectsOptions } from './objects/options.ts';
import { benchObjectsReconcile } from './objects-reconcile.ts';
import { benchRegister } from './register.ts';
import { render } from './render.ts';
import { benchStrategy } from './strategy.ts';
import type { BenchTable } from './table.ts';

type Bench = (progress: (line: string) => void) => Promise<BenchTable | BenchTable[]>;

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, ...FAILOVER_FLAGS, ...OBJECTS_FLAGS },
  allowPositionals: true,
});
// The SDK's word about Node versions to come would stand between the lines.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const benchmarks: Record<string, Bench> = {
  strategy: benchStrategy,
  decide: benchDecide,
  register: benchRegister,
  latency: benchLatency,
  guard: benchGuard,
  'cold-start': benchColdStart,
};
/** They take long, and are run only when they are named. */
const byName: Record<string, Bench> = {
  failover: (progress) => benchFailover(progress, failoverOptions(values)),
  objects: (progress) => benchObjects(progress, objectsOptions(values)),
  'objects-reconcile': benchObjectsReconcile,
  cost: benchCost,
};
const known = { ...benchmarks, ...byName };

const unknown = positionals.filter((name) => !(name in known));
const wrong =
  unknown.length > 0 ? `no benchmark ${unknown.join(', ')}; there are: ${Object.keys(known).join(', ')}` : null;
const because = wrong ?? wrongFlags();
if (because === null) await run(positionals.length > 0 ? positionals : Object.keys(benchmarks));
else {
  console.error(because);
  process.exitCode = 2;
}

function wrongFlags(): string | null {
  try {
    failoverOptions(values);
    objectsOptions(values);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Progress goes to stderr, so that what stdout carries can be read by a program. One that fails does not hold up the others. */
async function run(names: string[]): Promise<void> {
  const tables: (BenchTable & { name: string })[] = [];
  for (const [name, bench] of Object.entries(known)) {
    if (!names.includes(name)) continue;
    const began = performance.now();
    console.error(`${name} ...`);
    try {
      const answer = await bench((line) => console.error(`  ${line}`));
      for (const table of Array.isArray(answer) ? answer : [answer]) {
        tables.push({ name, ...table });
        if (!values.json) console.log(`\n${render(table)}\n`);
      }
      console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      console.error(`${name} failed:`, error);
      process.exitCode = 1;
    }
  }
  if (values.json) console.log(JSON.stringify({ node: process.version, tables }, null, 2));
}
