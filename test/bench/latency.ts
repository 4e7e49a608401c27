// How long a read and a change of the register take, in round trips of its stores.
import { createAcceptor } from '../../shared/authority/acceptor.ts';
import { createProposer } from '../../shared/authority/proposer.ts';
import type { Register } from '../../shared/authority/register.ts';
import { initialise, next, onExisting, to } from '../../shared/authority/situation-changes.ts';
import { createSituationRegister, registerKey } from '../../shared/engine/situation-register.ts';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import { Situation } from '../../shared/model/situation.ts';
import { median } from './figures.ts';
import { latencyCells } from './latency-row.ts';
import { conditions, distantWorld, type LatencyWorld, nearWorld } from './latency-worlds.ts';
import type { BenchTable } from './table.ts';

const many = { reads: 150, byLeader: 100, others: 40 };
/** A store that takes one write a second is given that second before each change, and a measurement so takes minutes. */
const few = { reads: 150, byLeader: 8, others: 6 };
const throttledRestSeconds = 1.1;
/** Until the store that nobody waited for has answered too: keepers change the register every few seconds. */
const restRoundTrips = 2;

type Operation = { name: string; leastRoundTrips: number; samples: number; run: () => Promise<void> };

/** Rejects when a read or a change does not come to its end, is faster than what it is made of, or is not in the register afterwards. */
export async function benchLatency(progress: (line: string) => void): Promise<BenchTable> {
  const rows: string[][] = [];
  for (const open of [distantWorld, nearWorld]) {
    for (const condition of conditions) {
      const world = await open(condition);
      try {
        progress(`latency of the register, ${world.name}: ${condition.name}`);
        for (const cells of await measure(world, condition.limitsWrites))
          rows.push([world.name, condition.name, ...cells]);
      } finally {
        await world.close();
      }
    }
  }
  return {
    title: 'Register: latency in round trips of a store',
    columns: ['stores', 'condition', 'round trip (ms)', 'what', 'samples', 'median (round trips)', 'p99 (round trips)'],
    rows,
    notes: [
      'A round trip is the median of a lone read of one living store in the same run. One thing at a time, and each begins when the stores are at rest: a second after the last write where one of them throttles.',
      'Prepare and accept: the protocol alone. First change of a process: it looks, finds its first ballot too low, backs off, looks again, prepares, accepts. After another process: it tries the lead that it had, loses it, backs off, looks, prepares, accepts. A back-off is 20 to 120 ms by chance, however near the stores are.',
      'Dead: in memory a call is silent for 2 s, over HTTP the connection is refused. Where the other store throttles, no majority is without it: an accept follows its prepare after the second that the store demands.',
      'Stores and clients over HTTP share this process: what three requests at once take more than one is its CPU. Of fewer than 100 samples the p99 is the slowest.',
    ],
  };
}

async function measure(world: LatencyWorld, throttles: boolean): Promise<string[][]> {
  const { reads, byLeader, others } = throttles ? few : many;
  const leader = open(world, 'leader');
  const first = await leader.change('first', initialise('aws', {}));
  if (first.kind !== 'committed') throw new Error(`the register did not take its first value: ${first.because}`);
  const roundTripMs = await roundTrip(world);
  const restSeconds = throttles ? throttledRestSeconds : (restRoundTrips * roundTripMs) / 1000;
  let committed = 1;
  const change = (register: () => Register<Situation>) => async () => {
    const result = await register().change(
      systemChance.id(),
      onExisting((current) => to(next(current))),
    );
    if (result.kind !== 'committed') throw new Error(`a change was not committed: ${result.because}`);
    committed += 1;
  };
  const reader = open(world, 'reader');
  const turns = [open(world, 'one'), open(world, 'other')];
  let turn = 0;
  const operations: Operation[] = [
    { name: 'read', leastRoundTrips: 1, samples: reads, run: async () => void (await situationOf(reader)) },
    { name: 'change by the leader', leastRoundTrips: 1, samples: byLeader, run: change(() => leader) },
    { name: 'prepare and accept', leastRoundTrips: 2, samples: others, run: preparing(world, () => (committed += 1)) },
    {
      name: 'first change of a process',
      leastRoundTrips: 4,
      samples: others,
      run: change(() => open(world, systemChance.id())),
    },
    {
      name: 'change after another process',
      leastRoundTrips: 3,
      samples: others,
      run: change(() => turns[turn++ % turns.length] ?? leader),
    },
  ];
  const rows: string[][] = [];
  for (const { name, samples, leastRoundTrips, run } of operations) {
    const tookMs = await sample(run, samples, name === 'read' ? 0 : restSeconds);
    const floorMs = world.injectedMs === null ? 0 : leastRoundTrips * world.injectedMs;
    rows.push(latencyCells({ name, tookMs, roundTripMs, floorMs }));
  }
  const { version } = await situationOf(reader);
  if (version !== committed)
    throw new Error(`${committed} changes were committed, but the register counts ${version}: it miscounts`);
  return rows;
}

/** The first two are not counted: connections open, and a process learns what the stores hold. */
async function sample(run: () => Promise<void>, samples: number, restSeconds: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = -2; index < samples; index += 1) {
    await systemClock.sleep(restSeconds);
    const began = performance.now();
    await run();
    if (index >= 0) tookMs.push(performance.now() - began);
  }
  return tookMs;
}

async function roundTrip({ living }: LatencyWorld): Promise<number> {
  const tookMs: number[] = [];
  for (const store of living) {
    tookMs.push(...(await sample(async () => void (await store.get(registerKey)), 50, 0)));
  }
  return median(tookMs);
}

/** A proposer that forgets its lead before each change, and remembers what the stores held. */
function preparing({ stores }: LatencyWorld, committed: () => void): () => Promise<void> {
  const proposer = createProposer({
    acceptors: stores.map((store) => createAcceptor(store, registerKey, { clock: systemClock, chance: systemChance })),
    proposer: 'preparing',
    parse: (value) => Situation.parse(value),
    chance: systemChance,
  });
  let tries = 0;
  return async () => {
    for (;;) {
      proposer.forget();
      const result = await proposer.propose(
        systemChance.id(),
        onExisting((current) => to(next(current))),
      );
      if (result.kind === 'committed') break;
      tries += 1;
      // Its first ballot may be lower than those before it; nobody proposes beside it, so that none after that may lose.
      if (result.kind !== 'again' || tries > 1)
        throw new Error(`prepare and accept came to nothing: ${result.because}`);
    }
    committed();
  };
}

function open({ stores }: LatencyWorld, proposer: string): Register<Situation> {
  return createSituationRegister([...stores], proposer, systemClock, systemChance);
}

async function situationOf(register: Register<Situation>): Promise<Situation> {
  const read = await register.read();
  if (read.kind !== 'value')
    throw new Error(`the register could not be read: ${read.kind === 'unknown' ? read.because : 'it is empty'}`);
  return read.value;
}
