// The beacon: who may light and clear it, and what late or torn writes do.
import { describe, expect, it } from 'vitest';
import { BEACON_SIGNAL, beaconKey, createBeacon } from '../../../shared/traffic/beacon.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFaults } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function start(faults: StoreFaults = () => null) {
  const bucket = createFakeBucket('content');
  const store = (with_: StoreFaults) =>
    createFakeObjectStore({ name: 'gcs-beacon', bucket, clock: createManualClock(), faults: with_ });
  const key = beaconKey('aws');
  return {
    key,
    object: () => bucket.objects.get(key),
    put: (body: string) => bucket.objects.set(key, { body, version: bucket.nextVersion(body), cacheControl: null }),
    beacon: createBeacon({ store: store(faults), key }),
    other: createBeacon({ store: store(() => null), key }),
  };
}

describe('the beacon', () => {
  it('holds the signal only while it is lit, and is never cached', async () => {
    const { beacon, object } = start();
    expect(await beacon.read()).toBeNull();
    expect(await beacon.light(2, 'aws')).toEqual({ kind: 'set' });
    expect(object()?.body).toContain(BEACON_SIGNAL);
    expect(object()?.cacheControl).toBe('no-store');
    expect(await beacon.read()).toEqual({ lit: true, away: 'aws', epoch: 2 });
    expect(await beacon.clear(3)).toEqual({ kind: 'set' });
    expect(object()?.body).not.toContain(BEACON_SIGNAL);
    expect(await beacon.read()).toEqual({ lit: false, away: 'aws', epoch: 3 });
  });

  it('is lit and cleared once, however often it is asked for', async () => {
    const { beacon, object } = start();
    await beacon.light(2, 'aws');
    const version = object()?.version;
    expect(await beacon.light(2, 'aws')).toEqual({ kind: 'kept' });
    expect(object()?.version).toBe(version);
    await beacon.clear(2);
    expect(await beacon.clear(2)).toEqual({ kind: 'kept' });
  });

  it('leaves a newer epoch alone, also where nothing was ever lit', async () => {
    const { beacon } = start();
    expect(await beacon.clear(5)).toEqual({ kind: 'set' });
    expect(await beacon.light(4, 'aws')).toEqual({ kind: 'newer', epoch: 5 });
    await beacon.light(6, 'aws');
    expect(await beacon.clear(5)).toEqual({ kind: 'newer', epoch: 6 });
    expect(await beacon.read()).toEqual({ lit: true, away: 'aws', epoch: 6 });
  });

  it('loses to a newer epoch that was written between its read and its write', async () => {
    let puts = 0;
    const world = start(({ operation }) => {
      if (operation !== 'put') return null;
      puts += 1;
      if (puts === 1) world.put(JSON.stringify({ schema: 1, signal: 'causeway-beacon-dark', away: 'aws', epoch: 9 }));
      return null;
    });
    expect(await world.beacon.light(8, 'aws')).toEqual({ kind: 'newer', epoch: 9 });
    expect(await world.other.read()).toEqual({ lit: false, away: 'aws', epoch: 9 });
  });

  it('throws when it cannot know, and finds its own write when it is asked again', async () => {
    let lose = true;
    const { beacon } = start(({ operation }) => (operation === 'put' && lose ? { kind: 'unknown-after' } : null));
    await expect(beacon.light(2, 'aws')).rejects.toMatchObject({ name: 'StoreUnavailable' });
    lose = false;
    expect(await beacon.light(2, 'aws')).toEqual({ kind: 'kept' });
  });

  it('gives up when others never let it write, and does not say that it did', async () => {
    const { beacon } = start(({ operation }) => (operation === 'put' ? { kind: 'conflict' } : null));
    await expect(beacon.light(2, 'aws')).rejects.toThrow(/changed by others 5 times/);
  });

  it('refuses to guess what a foreign object means', async () => {
    const { beacon, put } = start();
    put('<html>hello</html>');
    await expect(beacon.light(2, 'aws')).rejects.toThrow(/is not a beacon/);
  });
});
