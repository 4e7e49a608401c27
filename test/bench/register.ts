// How many changes the register takes, and how many calls of its stores each costs, alone and contended.
import { createRegister } from '../../shared/authority/register.ts';
import { next, onExisting, to } from '../../shared/authority/situation-changes.ts';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import { Situation } from '../../shared/model/situation.ts';
import { aSituation } from '../support/situation.ts';
import { median } from './figures.ts';
import { memoryWorld, type RegisterWorld, standinWorld } from './register-worlds.ts';
import type { BenchTable } from './table.ts';

const PROPOSERS = [1, 2, 4];
/** Each proposer makes this many changes after another, as fast as it can: far more contention than keepers ever make. */
const CHANGES = 60;
const DEADLINE_SECONDS = 30;

/** Rejects when what was committed is not what the register holds at the end: a benchmark of a broken register is worth nothing. */
export async function benchRegister(progress: (line: string) => void): Promise<BenchTable> {
  const rows: string[][] = [];
  for (const open of [memoryWorld, () => standinWorld(false), () => standinWorld(true)]) {
    for (const proposers of PROPOSERS) {
      const world = await open();
      try {
        progress(`register over ${world.name}: ${proposers} proposers, ${CHANGES} changes each`);
        rows.push([world.name, String(proposers), ...(await measure(world, proposers))]);
      } finally {
        await world.close();
      }
    }
  }
  return {
    title: 'Register: changes of the situation',
    columns: [
      'stores',
      'proposers',
      'changes per second',
      'median (ms)',
      'slowest (ms)',
      'reads per change',
      'writes per change',
      'not committed',
    ],
    rows,
    notes: [
      `Each proposer makes ${CHANGES} changes one after another without a pause; a lost ballot waits 20 ms and up to 1.6 s of chance. Keepers change the register every few seconds.`,
      'Stores, clients and proposers share this process. Who won last skips prepare: 3 writes and no read; a store that is late gets the newest write when it is free. Calls that a majority did not wait for are counted too.',
      'S3 and GCS are the stand-ins, over HTTP. Throttled writes are tried again and counted; two other stores are a majority meanwhile.',
    ],
  };
}

async function measure(world: RegisterWorld, proposers: number): Promise<string[]> {
  const registers = Array.from({ length: proposers }, (_, index) =>
    createRegister({
      acceptors: world.acceptors(),
      proposer: `proposer-${index}`,
      parse: (value) => Situation.parse(value),
      clock: systemClock,
      chance: systemChance,
      deadlineSeconds: DEADLINE_SECONDS,
    }),
  );
  const first = await registers[0]?.change('first', () => to(aSituation({ version: 1 })));
  if (first?.kind !== 'committed') throw new Error(`the register did not take its first value: ${first?.because}`);
  const before = world.calls();
  const took: number[] = [];
  let unknown = 0;
  const began = performance.now();
  await Promise.all(
    registers.map(async (register, who) => {
      for (let index = 0; index < CHANGES; index += 1) {
        const started = performance.now();
        const result = await register.change(
          `${who}.${index}`,
          onExisting((current) => to(next(current))),
        );
        if (result.kind === 'refused') throw new Error(`a change that cannot be refused was: ${result.because}`);
        if (result.kind === 'committed') took.push(performance.now() - started);
        else unknown += 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const after = world.calls();
  const end = await registers[0]?.read();
  if (end?.kind !== 'value') throw new Error(`the register could not be read at the end: ${end?.kind}`);
  checkCount(end.value.version - 1, took.length, unknown);
  return [
    (took.length / seconds).toFixed(1),
    median(took).toFixed(1),
    Math.max(...took).toFixed(0),
    ((after.reads - before.reads) / took.length).toFixed(2),
    ((after.writes - before.writes) / took.length).toFixed(2),
    String(unknown),
  ];
}

/** Every committed change raised the version once, and an unknown one raised it at most once. */
function checkCount(raised: number, committed: number, unknown: number): void {
  if (raised >= committed && raised <= committed + unknown) return;
  throw new Error(`${committed} changes were committed and ${unknown} are unknown, but the register counts ${raised}`);
}
