// The resolver that a client would use: asks name servers and keeps answers for as long as their TTL allows, not longer.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createResolver } from '../../../shared/traffic/resolver.ts';

export type StubResolver = {
  /** Addresses, in the order that they were answered in. Each client has a cache of its own. Throws when there is no answer, also of the cache. */
  resolve(name: string, client: string): Promise<string[]>;
};

export type StubResolverOptions = {
  /** Authoritative servers, `host:port`; asked in turn until one answers. */
  servers: string[];
  /** The network that a client asks from, as an IPv4 address; null lets the server see ours. */
  subnetOf: (client: string) => string | null;
  timeoutSeconds: number;
  clock: Clock;
  chance: Chance;
};

type Cached = { addresses: string[]; untilSeconds: number };

export function createStubResolver(options: StubResolverOptions): StubResolver {
  const cache = new Map<string, Cached>();
  return {
    resolve: async (name, client) => {
      const key = `${client} ${name}`;
      const kept = cache.get(key);
      if (kept && options.clock.elapsedSeconds() < kept.untilSeconds) return kept.addresses;
      const answer = await ask(name, options.subnetOf(client), options);
      // Counted from when the answer came: that is when a cache starts its clock.
      const untilSeconds = options.clock.elapsedSeconds() + answer.ttlSeconds;
      cache.set(key, { addresses: answer.addresses, untilSeconds });
      return answer.addresses;
    },
  };
}

async function ask(
  name: string,
  subnet: string | null,
  { servers, timeoutSeconds, chance }: StubResolverOptions,
): Promise<{ addresses: string[]; ttlSeconds: number }> {
  const resolver = createResolver({ chance, timeoutSeconds, tries: 1, subnet });
  let last: unknown = null;
  for (const server of servers) {
    try {
      const answers = await resolver.ask(server, name, 'A');
      const addresses = answers.filter((answer) => answer.type === 'A').map((answer) => answer.data);
      if (addresses.length === 0) throw new Error(`${name} has no address at ${server}`);
      // A chain may be kept for as long as its shortest link.
      return { addresses, ttlSeconds: Math.min(...answers.map((answer) => answer.ttlSeconds)) };
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`none of ${servers.join(', ')} answered for ${name}`, { cause: last });
}
