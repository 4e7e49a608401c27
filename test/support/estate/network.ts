// Who reaches whom: places that are lost, and cables that are cut. What cannot be reached does not answer; it does not refuse.
import type { Ground } from '../../../shared/model/site.ts';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';

export type Network = {
  lose(place: Ground): void;
  revive(place: Ground): void;
  cut(one: Ground, other: Ground): void;
  mend(one: Ground, other: Ground): void;
  isLost(place: Ground): boolean;
  reaches(from: Ground, to: Ground): boolean;
  /** One journey to a place: a little time, or the whole time-out and then what `silence` makes of it. */
  travel(from: Ground, to: Ground, silence: () => Error): Promise<void>;
  /** The port as it is reached over the network. Its functions must all be asynchronous. */
  over<P extends object>(from: Ground, to: Ground, inner: P, silence: (method: string) => Error): P;
};

export type NetworkOptions = { clock: Clock; chance: Chance; latencySeconds: number; timeoutSeconds: number };

export function createNetwork(options: NetworkOptions): Network {
  const { clock, chance } = options;
  const lost = new Set<Ground>();
  const cuts = new Set<string>();
  const cable = (one: Ground, other: Ground) => [one, other].sort().join('|');
  const reaches = (from: Ground, to: Ground) => !lost.has(to) && !lost.has(from) && !cuts.has(cable(from, to));

  async function travel(from: Ground, to: Ground, silence: () => Error): Promise<void> {
    await clock.sleep(chance.fraction() * options.latencySeconds);
    if (reaches(from, to)) return;
    await clock.sleep(options.timeoutSeconds);
    throw silence();
  }

  return {
    lose: (place) => lost.add(place),
    revive: (place) => lost.delete(place),
    cut: (one, other) => cuts.add(cable(one, other)),
    mend: (one, other) => cuts.delete(cable(one, other)),
    isLost: (place) => lost.has(place),
    reaches,
    travel,
    over: (from, to, inner, silence) =>
      new Proxy(inner, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            await travel(from, to, () => silence(String(key)));
            return Reflect.apply(value, target, args);
          };
        },
      }),
  };
}
