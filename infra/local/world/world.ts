// The local world: three regions as process groups, the wires between them, and what an operator does once before the first day.
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../shared/engine/system.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import type { overrideStrategy } from '../../../shared/strategy/override.ts';
import { parseStrategy } from '../../../shared/strategy/parse.ts';
import { regionBasics } from '../config.ts';
import { killAll, type ProcessGroup, spawnGroup } from '../process-group.ts';
import { bundleFunctions } from '../runtimes/bundle.ts';
import { environmentProgram } from '../runtimes/execution-environment.ts';
import type { Wire } from '../wires.ts';
import { createOrderDesk } from './order-desk.ts';
import type { Order } from './orders.ts';
import type { Region, WorldPlan } from './plan.ts';
import { regionStrategy } from './region-strategy.ts';
import { ReportLine } from './report-line.ts';
import { openWires } from './world-wires.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type WorldOptions = {
  /** Edits of the example strategy, such as shorter timings. */
  timings: Parameters<typeof overrideStrategy>[1][number][];
  /** How long new nodes and pods take to come. */
  capacity: { nodeStartSeconds: number; podStartSeconds: number };
  /** Who listens to the replicated buckets, and how badly their events travel; without it nobody does. */
  objects?: WorldPlan['objects'];
  /** Both sites' PostgreSQL, where it is to be another than npm's with the usual settings. */
  postgres?: WorldPlan['postgres'];
  onLine: (region: Region, line: ReportLine) => void;
  onProgress: (text: string) => void;
};

export type World = {
  plan: WorldPlan;
  /** As seen from the witness's region, which is where the drill itself stands. */
  strategy: Strategy;
  wires: Wire[];
  groups: () => ProcessGroup[];
  /** Resolves when the region has carried it out. Rejects with what the region says, or when it has not said so within 40 s. */
  order: (region: Region, order: Order) => Promise<void>;
  /** SIGKILL for everything in that region. */
  lose: (region: Region) => Promise<void>;
  /** Starts a lost region again, with the data that it had; its functions begin at once. */
  revive: (region: Region) => Promise<void>;
  /** Ends everything and removes what was written. */
  close: () => Promise<void>;
};

const functionNames = ['on-alarm', 'on-lag', 'on-beat', 'on-operator'];
const objectFunctionNames = ['on-object', 'on-objects-tick'];
const readyWithinSeconds = 60;

/**
 * Starts the three regions; their functions wait for `startFunctions`. Rejects with what a region said when it cannot start;
 * whatever was started is gone then. What was written is removed when this process exits too, as it does on Ctrl-C.
 */
export async function startWorld(options: WorldOptions, keep: (groups: () => ProcessGroup[]) => void): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-world-'));
  const groups = new Map<Region, ProcessGroup>();
  const desk = createOrderDesk((region, line) => groups.get(region)?.send(line));
  const onLine: WorldOptions['onLine'] = (region, line) => {
    if (line.kind === 'obeyed') desk.hear(line);
    else options.onLine(region, line);
  };
  const wires: Wire[] = [];
  // A dying database may still make a file in a directory that is being removed.
  const removeDir = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  const close = async (): Promise<void> => {
    await killAll([...groups.values()]);
    await Promise.all(wires.map((wire) => wire.close()));
    removeDir();
    process.off('exit', removeDir);
  };
  keep(() => [...groups.values()]);
  // After the listener that kills the groups, which was there first.
  process.on('exit', removeDir);
  try {
    const { plan, strategy } = await writeWorld(dir, options);
    wires.push(...(await openWires(plan.net, systemClock)));
    for (const region of ['witness', 'aws', 'gcp'] as const) {
      options.onProgress(`starting the ${region} region`);
      groups.set(region, await startRegion(region, plan, onLine));
    }
    return {
      plan,
      strategy,
      wires,
      groups: () => [...groups.values()],
      order: desk.give,
      lose: async (region) => {
        await groups.get(region)?.kill();
      },
      revive: async (region) => {
        groups.set(region, await startRegion(region, plan, onLine));
        await desk.give(region, { kind: 'start-functions' });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The functions' bundles, the plan and each region's strategy, as files of the world's own directory. */
async function writeWorld(dir: string, options: WorldOptions): Promise<Pick<World, 'plan' | 'strategy'>> {
  // PostgreSQL runs as an ordinary user, who must be able to come here.
  chmodSync(dir, 0o755);
  options.onProgress('bundling the functions of both clouds');
  const plan = await makePlan(dir, options);
  const example = readFileSync(here('../strategy.yaml'), 'utf8');
  for (const region of ['aws', 'gcp', 'witness'] as const) {
    writeFileSync(join(dir, `strategy-${region}.yaml`), regionStrategy(example, plan, region, options.timings));
  }
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan));
  return { plan, strategy: soundStrategy(join(dir, 'strategy-witness.yaml')) };
}

async function makePlan(
  dir: string,
  { capacity, postgres = { settings: {} }, objects = null }: WorldOptions,
): Promise<WorldPlan> {
  const outDir = join(dir, 'bundles');
  mkdirSync(outDir);
  // The bundles find packages that cannot be bundled where the project has them.
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}');
  const entries = (['aws', 'gcp'] as const).flatMap((cloud) =>
    [...functionNames, ...(objects ? objectFunctionNames : [])].map((name) => ({
      name: `${cloud}-${name}`,
      path: here(`../../../${cloud}/functions/${name}.ts`),
    })),
  );
  const bundles = await bundleFunctions([...entries, { name: 'lambda-environment', path: environmentProgram }], outDir);
  const pathOf = new Map(bundles.map(({ name, path }) => [name, path]));
  return {
    // Some loopback networks are taken by resolvers of the machine itself (127.0.0.x) or by people (127.1.x.y).
    net: randomInt(16, 250),
    dir,
    bundles: Object.fromEntries(entries.map(({ name }) => [name, pathOf.get(name) ?? ''])),
    lambdaProgram: pathOf.get('lambda-environment') ?? '',
    schedule: { everySeconds: 60, jitterSeconds: 60, skipFraction: 0.05 },
    timeFactor: 1,
    postgres,
    objects,
    ...capacity,
  };
}

function soundStrategy(file: string): Strategy {
  const parsed = parseStrategy(readFileSync(file, 'utf8'), file);
  if (parsed.kind === 'valid') return parsed.strategy;
  throw new Error(`the local world's strategy is not valid: ${parsed.issues.map((one) => one.message).join('; ')}`);
}

async function startRegion(region: Region, plan: WorldPlan, onLine: WorldOptions['onLine']): Promise<ProcessGroup> {
  let settle: (outcome: { ready: boolean; because: string }) => void = () => undefined;
  const started = new Promise<{ ready: boolean; because: string }>((resolve) => {
    settle = resolve;
  });
  const group = await spawnGroup({
    name: region,
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), here('../region.ts'), region, join(plan.dir, 'plan.json')],
    env: { ...regionBasics(), NODE_OPTIONS: '--no-warnings' },
    onLine: (line) => {
      const told = parseLine(line);
      if (told.kind === 'ready') settle({ ready: true, because: '' });
      else if (told.kind === 'failed') settle({ ready: false, because: told.because });
      onLine(region, told);
    },
  });
  void group.exited.then(({ code, signal }) => {
    settle({ ready: false, because: `it ended (${signal ?? code})` });
    onLine(region, { kind: 'trouble', because: `the ${region} region has ended (${signal ?? code})` });
  });
  const late = systemClock
    .sleep(readyWithinSeconds)
    .then(() => ({ ready: false, because: `it was not ready within ${readyWithinSeconds} s` }));
  const outcome = await Promise.race([started, late]);
  if (!outcome.ready) {
    await group.kill();
    throw new Error(`the ${region} region could not start: ${outcome.because}`);
  }
  return group;
}

function parseLine(line: string): ReportLine {
  try {
    return ReportLine.parse(JSON.parse(line));
  } catch {
    // Whatever a library prints by itself is worth seeing, and is no answer.
    return { kind: 'trouble', because: line };
  }
}
