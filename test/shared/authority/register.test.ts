// The register under races and faults: one chain of values, nothing committed is lost, and every change is applied once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRegister, type Register } from '../../../shared/authority/register.ts';
import { createFaultyAcceptor, emptyCell, type MemoryCell } from '../../support/faulty-acceptor.ts';
import { createVirtualTime, seededChance } from '../../support/virtual-time.ts';

type Ledger = { count: number; log: string[] };

const parse = (value: unknown): Ledger => {
  if (typeof value === 'object' && value !== null && 'count' in value && 'log' in value) {
    return { count: Number(value.count), log: Array.isArray(value.log) ? value.log.map(String) : [] };
  }
  throw new Error(`not a ledger: ${JSON.stringify(value)}`);
};

const append = (entry: string) => (current: Ledger | null) => ({
  kind: 'to' as const,
  value: { count: (current?.count ?? 0) + 1, log: [...(current?.log ?? []), entry] },
});

function aWorld(seed: number, lossFraction: number, down: boolean[] = [false, false, false]) {
  const time = createVirtualTime();
  const chance = seededChance(seed);
  const memories = [emptyCell(), emptyCell(), emptyCell()];
  const client = (name: string): Register<Ledger> =>
    createRegister({
      acceptors: memories.map((memory, index) =>
        createFaultyAcceptor(`store-${index}`, memory, {
          clock: time.clock,
          chance,
          lossFraction,
          latencySeconds: 0.1,
          down: () => down[index] === true,
        }),
      ),
      proposer: name,
      parse,
      clock: time.clock,
      chance,
      deadlineSeconds: 20,
    });
  return { time, chance, memories, client, down };
}

async function within<T>(time: ReturnType<typeof createVirtualTime>, work: Promise<T>): Promise<T> {
  let over = false;
  const settled = Promise.allSettled([work]).finally(() => {
    over = true;
  });
  await time.runUntil(10_000, () => over);
  await settled;
  return work;
}

/** Every value that a majority ever accepted under one ballot, oldest first. */
function chosen(memories: MemoryCell[]): Ledger[] {
  const byBallot = new Map<string, { counter: number; proposer: string; stores: Set<number>; value: unknown }>();
  memories.forEach((memory, store) => {
    for (const cell of memory.history) {
      if (!cell.accepted) continue;
      const key = `${cell.accepted.counter}/${cell.accepted.proposer}`;
      const entry = byBallot.get(key) ?? { ...cell.accepted, stores: new Set<number>(), value: cell.value };
      entry.stores.add(store);
      byBallot.set(key, entry);
    }
  });
  return [...byBallot.values()]
    .filter((entry) => entry.stores.size >= 2)
    .sort((a, b) => a.counter - b.counter || (a.proposer < b.proposer ? -1 : 1))
    .map((entry) => parse((entry.value as { value: unknown }).value));
}

describe('the register', () => {
  it('says that it is empty before anything was written, and holds what was committed', async () => {
    const { time, client } = aWorld(1, 0);
    const register = client('a');
    expect(await within(time, register.read())).toEqual({ kind: 'empty' });
    expect(await within(time, register.change('c1', append('x')))).toMatchObject({
      kind: 'committed',
      value: { count: 1 },
    });
    expect(await within(time, client('b').read())).toEqual({ kind: 'value', value: { count: 1, log: ['x'] } });
  });

  it('renews with one write per store once it has won', async () => {
    const { time, client, memories } = aWorld(2, 0);
    const register = client('a');
    await within(time, register.change('c1', append('x')));
    await time.runUntil(50);
    const before = memories.map((memory) => memory.version);
    await within(time, register.change('c2', append('y')));
    await time.runUntil(100);
    expect(memories.map((memory, index) => memory.version - before[index]!)).toEqual([1, 1, 1]);
  });

  it('goes on when one store is lost, and does not invent an answer when two are', async () => {
    const { time, client, down } = aWorld(3, 0);
    const register = client('a');
    await within(time, register.change('c1', append('x')));
    down[0] = true;
    expect(await within(time, register.change('c2', append('y')))).toMatchObject({
      kind: 'committed',
      value: { count: 2 },
    });
    down[1] = true;
    expect((await within(time, register.change('c3', append('z')))).kind).toBe('unknown');
    expect((await within(time, client('b').read())).kind).toBe('unknown');
    down[1] = false;
    const healed = await within(time, client('b').finish());
    expect(healed.kind === 'value' && healed.value.log.slice(0, 2)).toEqual(['x', 'y']);
  });

  it('refuses only what a majority has just shown, never from memory', async () => {
    const { time, client } = aWorld(4, 0);
    const a = client('a');
    await within(time, a.change('c1', append('x')));
    await within(time, client('b').change('c2', append('y')));
    const onlyAtTwo = (current: Ledger | null) =>
      current?.count === 2 ? append('z')(current) : { kind: 'refuse' as const, because: `count is ${current?.count}` };
    expect(await within(time, a.change('c3', onlyAtTwo))).toMatchObject({
      kind: 'committed',
      value: { log: ['x', 'y', 'z'] },
    });
    expect(await within(time, a.change('c4', onlyAtTwo))).toEqual({ kind: 'refused', because: 'count is 3' });
  });

  it('does nothing for a change function that throws but let it throw, and serves the next one', async () => {
    const { time, client } = aWorld(5, 0);
    const a = client('a');
    const broken = a.change('c1', () => {
      throw new Error('a bug of ours');
    });
    await expect(within(time, broken)).rejects.toThrow('a bug of ours');
    expect(await within(time, a.change('c2', append('x')))).toMatchObject({ kind: 'committed', value: { count: 1 } });
  });

  it.each([
    { names: 'names of their own', nameOf: (who: number) => `proposer-${who}` },
    { names: 'one name given to all', nameOf: () => 'twin' },
  ])(
    'keeps one chain under races, losses and doubt, with $names: nothing is lost, nothing applied twice',
    async ({ nameOf }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 1e9 }),
          fc.integer({ min: 2, max: 4 }),
          fc.double({ min: 0, max: 0.25, noNaN: true }),
          async (seed, clients, loss) => {
            const { time, client, memories, chance, down } = aWorld(seed, loss);
            const outcomes = new Map<string, string>();
            const work = Array.from({ length: clients }, async (_, who) => {
              const register = client(nameOf(who));
              for (let index = 0; index < 5; index++) {
                await time.clock.sleep(chance.fraction() * 2);
                if (chance.fraction() < 0.2) down[Math.floor(chance.fraction() * 3)] = chance.fraction() < 0.5;
                const entry = `${who}.${index}`;
                outcomes.set(entry, (await register.change(entry, append(entry))).kind);
              }
            });
            await within(time, Promise.all(work));
            down.fill(false);
            await time.runUntil(time.clock.elapsedSeconds() + 60);
            const history = chosen(memories);
            for (let index = 1; index < history.length; index++) {
              const before = history[index - 1]!.log;
              expect(history[index]!.log.slice(0, before.length)).toEqual(before);
            }
            const final = history.at(-1)?.log ?? [];
            expect(new Set(final).size).toBe(final.length);
            for (const [entry, outcome] of outcomes) if (outcome === 'committed') expect(final).toContain(entry);
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
