// The outbox under random histories of two clouds, faults and crashes: everybody is told, and without faults once.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOutbox, type Outbox } from '../../../shared/notification/outbox.ts';
import { StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { sample } from '../../contract/notifier.ts';
import { createFakeNotifier } from '../../support/fake-notifier.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFault } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';

type Move =
  | { kind: 'submit' | 'flush'; side: number; key: number; storeFault: StoreFault | null; faultAfter: number }
  | { kind: 'race'; moves: ['submit' | 'flush', 'submit' | 'flush'] }
  | { kind: 'advance'; seconds: number }
  | { kind: 'channel'; failing: 'drop' | null };

function moves(withStoreFaults: boolean): fc.Arbitrary<Move[]> {
  const storeFault = fc.constantFrom<StoreFault | null>(
    null,
    ...(withStoreFaults ? ([{ kind: 'unknown-before' }, { kind: 'unknown-after' }] as const) : []),
  );
  const call = fc.record({
    kind: fc.constantFrom('submit' as const, 'flush' as const),
    side: fc.integer({ min: 0, max: 1 }),
    key: fc.integer({ min: 0, max: 1 }),
    storeFault,
    faultAfter: fc.integer({ min: 0, max: 6 }),
  });
  const verb = fc.constantFrom('submit' as const, 'flush' as const);
  const race = fc.record({ kind: fc.constant('race' as const), moves: fc.tuple(verb, verb) });
  const advance = fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 40 }) });
  const channel = fc.record({
    kind: fc.constant('channel' as const),
    failing: fc.constantFrom('drop' as const, null),
  });
  return fc.array(fc.oneof({ weight: 4, arbitrary: call }, { weight: 2, arbitrary: race }, advance, channel), {
    minLength: 1,
    maxLength: 25,
  });
}

async function play(history: Move[]) {
  const clock = createManualClock();
  const bucket = createFakeBucket('content');
  const channel = createFakeNotifier();
  let ids = 0;
  let armed: { fault: StoreFault; callsLeft: number } | null = null;
  const faults = () => (armed !== null && armed.callsLeft-- <= 0 ? armed.fault : null);
  const sides: Outbox[] = ['aws', 'gcp'].map((by) =>
    createOutbox({
      store: createFakeObjectStore({ name: 'outbox', bucket, clock, faults }),
      notifiers: { ops: channel },
      fallbacks: {},
      clock,
      chance: { fraction: () => 0.5, id: () => `id-${++ids}` },
      by,
      maxAttempts: 1000,
      claimSeconds: 30,
      firstRetrySeconds: 2,
      maxRetrySeconds: 10,
    }),
  );
  const submitted = new Set<string>();
  for (const move of history) {
    if (move.kind === 'advance') clock.advance(move.seconds);
    else if (move.kind === 'channel') channel.fail(move.failing);
    else if (move.kind === 'race') {
      await Promise.all(move.moves.map((kind, side) => act(sides[side]!, kind, 'key-0')));
      if (move.moves.includes('submit')) submitted.add('key-0');
    } else {
      armed = move.storeFault && { fault: move.storeFault, callsLeft: move.faultAfter };
      const dedupKey = `key-${move.key}`;
      const result = await act(sides[move.side]!, move.kind, dedupKey);
      armed = null;
      // A store that was out of reach and a channel that was too: the caller was told that it failed.
      if (move.kind === 'submit' && result !== 'failed') submitted.add(dedupKey);
    }
  }
  channel.fail(null);
  for (let round = 0; round < 4; round += 1) {
    await sides[0]?.flush();
    clock.advance(60);
  }
  const left = [...bucket.objects.keys()].filter((key) => key.startsWith('outbox/waiting/'));
  return { submitted, arrived: channel.arrived.map(({ dedupKey }) => dedupKey), left };
}

async function act(outbox: Outbox, kind: 'submit' | 'flush', dedupKey: string): Promise<string> {
  if (kind === 'submit') return (await outbox.submit('ops', { ...sample, dedupKey })).outcome;
  try {
    await outbox.flush();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
  return 'flushed';
}

it('tells everybody exactly once while the store is well, whatever the channel does', async () => {
  await fc.assert(
    fc.asyncProperty(moves(false), async (history) => {
      const { submitted, arrived, left } = await play(history);
      expect([...arrived].sort()).toEqual([...submitted].sort());
      expect(left).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('tells everybody at least once and leaves nothing behind, whatever the store does', async () => {
  await fc.assert(
    fc.asyncProperty(moves(true), async (history) => {
      const { submitted, arrived, left } = await play(history);
      expect([...submitted].filter((key) => !arrived.includes(key))).toEqual([]);
      expect(left).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
