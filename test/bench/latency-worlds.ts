// What the register's latency is measured on: three stores that are well, one of them dead, or one dead and another that throttles.
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { createDistantStore } from './distant-store.ts';
import { standinWorld } from './register-worlds.ts';

export type Condition = {
  name: string;
  isFirstDead: boolean;
  /** One of the other two takes one write a second, so that no majority is without it when the first is dead. */
  limitsWrites: boolean;
};

export const conditions: readonly Condition[] = [
  { name: 'all well', isFirstDead: false, limitsWrites: false },
  { name: 'one dead', isFirstDead: true, limitsWrites: false },
  { name: 'one dead, one throttles', isFirstDead: true, limitsWrites: true },
];

export type LatencyWorld = {
  name: string;
  stores: readonly ObjectStore[];
  /** Those that answer. */
  living: readonly ObjectStore[];
  /** Nothing can be faster than what was injected; null: nothing was. */
  injectedMs: number | null;
  close(): Promise<void>;
};

const roundTripMs = 20;
const silentForSeconds = 2;

export async function distantWorld({ isFirstDead, limitsWrites }: Condition): Promise<LatencyWorld> {
  const stores = ['first', 'second', 'third'].map((name) =>
    createDistantStore({
      name,
      roundTripSeconds: roundTripMs / 1000,
      silentForSeconds: isFirstDead && name === 'first' ? silentForSeconds : null,
      limitsWrites: limitsWrites && name === 'second',
    }),
  );
  return {
    name: `in memory, ${roundTripMs} ms away`,
    stores,
    living: stores.slice(isFirstDead ? 1 : 0),
    injectedMs: roundTripMs,
    close: async () => undefined,
  };
}

/** Over HTTP on this machine; a dead store refuses. */
export async function nearWorld({ isFirstDead, limitsWrites }: Condition): Promise<LatencyWorld> {
  const world = await standinWorld(limitsWrites);
  if (isFirstDead) await world.loseFirst();
  return {
    name: 'S3 + GCS + S3',
    stores: world.stores,
    living: world.stores.slice(isFirstDead ? 1 : 0),
    injectedMs: null,
    close: world.close,
  };
}
