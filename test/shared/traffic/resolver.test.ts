// Asking name servers where there are none: an answer about the question, never the end of the process that asks.
import { expect, it } from 'vitest';
import { TrafficUnavailable } from '../../../shared/ports/traffic.ts';
import { createResolver } from '../../../shared/traffic/resolver.ts';

const resolver = createResolver({ chance: { fraction: () => 0.5, id: () => 'id' }, timeoutSeconds: 2, tries: 2 });

it('a name server whose own name cannot be resolved has not answered', async () => {
  const asked = resolver.ask('ns-1.causeway.invalid', 'www.example', 'A');
  await expect(asked).rejects.toThrow(TrafficUnavailable);
  await expect(asked).rejects.toThrow('ns-1.causeway.invalid did not answer www.example A in 2 tries of 2 s');
});

it('nor has one where nobody listens', async () => {
  await expect(resolver.ask('127.0.0.1:1', 'www.example', 'A')).rejects.toThrow(TrafficUnavailable);
});
