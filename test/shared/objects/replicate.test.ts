// One key from a look to an ending: what is answered for whatever the services do, and what is left where.
import { beforeEach, describe, expect, it } from 'vitest';
import { noAttributes } from '../../../shared/model/replica.ts';
import { conflictKey, isOwnKey, tombstoneKey } from '../../../shared/objects/own-keys.ts';
import { defaultLimits, type ReplicateWork, replicateKey } from '../../../shared/objects/replicate.ts';
import { BucketUnavailable, type ObjectBucket } from '../../../shared/ports/object-bucket.ts';
import { type BucketCall, type BucketFault, createFakeObjectBucket } from '../../support/fake-object-bucket.ts';
import { contentOf, createFakeObjectState, type FakeObjectState } from '../../support/fake-object-state.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function openWorld() {
  const clock = createManualClock();
  const calls: string[] = [];
  let fault: (call: BucketCall & { bucket: string }) => BucketFault | null = () => null;
  const state = (service: 's3' | 'gcs') =>
    createFakeObjectState({ service, versioned: true, nowMillis: () => clock.now().getTime(), onEvent: () => {} });
  const states = { aws: state('s3'), gcp: state('gcs') };
  const open = (name: 'aws' | 'gcp') =>
    createFakeObjectBucket({
      name,
      state: states[name],
      clock,
      faults: (call) => {
        calls.push(`${name} ${call.operation}`);
        return fault({ ...call, bucket: name });
      },
      pageSize: 10,
      traits: {},
      keep: 'bytes',
    });
  const buckets = { aws: open('aws'), gcp: open('gcp') };
  const replicate = (key: string, more: Partial<ReplicateWork> = {}, wrapped: Partial<typeof buckets> = {}) =>
    replicateKey(
      {
        key,
        sides: [
          { site: 'aws', bucket: wrapped.aws ?? buckets.aws },
          { site: 'gcp', bucket: wrapped.gcp ?? buckets.gcp },
        ],
        heard: null,
        agreed: null,
        again: false,
        untilSeconds: Number.POSITIVE_INFINITY,
        ...more,
      },
      { clock, limits: defaultLimits, freshSeconds: 60 },
    );
  return {
    clock,
    calls,
    states,
    buckets,
    replicate,
    fail: (next: typeof fault) => {
      fault = next;
    },
  };
}

function put(state: FakeObjectState, key: string, body: string, metadata: Record<string, string> = {}) {
  const details = { attributes: { ...noAttributes, metadata }, stamp: null, checksummed: true, parts: null };
  return state.put(key, contentOf(Buffer.from(body)), { ...details, datedMillis: state.manner.nowMillis() });
}

const bodyOf = (state: FakeObjectState, key: string) => {
  const live = state.live(key);
  return live && Buffer.concat([...live.content.chunks(0, live.content.sizeBytes)]).toString();
};

describe('a key', () => {
  let world: ReturnType<typeof openWorld>;
  beforeEach(() => {
    world = openWorld();
  });

  it('that is new costs two looks, one read and one write', async () => {
    const object = put(world.states.aws, 'new', 'body');
    const outcome = await world.replicate('new');
    expect(outcome).toMatchObject({ kind: 'done', what: 'copied', at: 'gcp', bytes: 4, keptAside: [], left: [] });
    expect(outcome).toMatchObject({
      alike: { left: { version: object.version }, right: { sizeBytes: 4 }, origin: { site: 'aws' } },
    });
    expect(world.calls.filter((call) => !call.endsWith('traits')).sort()).toEqual([
      'aws look',
      'aws read',
      'gcp look',
      'gcp write',
    ]);
    world.calls.length = 0;
    expect(await world.replicate('new')).toMatchObject({ kind: 'done', what: 'nothing', bytes: 0 });
    expect(world.calls.filter((call) => !call.endsWith('traits')).sort()).toEqual(['aws look', 'gcp look']);
  });

  it('that came to the other side and was deleted there while a slow copy was under way stays deleted', async () => {
    put(world.states.aws, 'slow', 'body');
    let late = false;
    const write: ObjectBucket['write'] = async (...args) => {
      if (!late) {
        late = true;
        await world.replicate('slow');
        world.clock.advance(1);
        world.states.gcp.remove('slow');
        world.clock.advance(1);
      }
      return world.buckets.gcp.write(...args);
    };
    expect(await world.replicate('slow', {}, { gcp: { ...world.buckets.gcp, write } })).toMatchObject({
      what: 'removed',
    });
    expect([world.states.aws.live('slow'), world.states.gcp.live('slow')]).toEqual([null, null]);
  });

  it('that was written on both sides keeps the loser aside, and says where', async () => {
    const loser = put(world.states.aws, 'both', 'loser');
    world.clock.advance(5);
    put(world.states.gcp, 'both', 'winner');
    const kept = conflictKey('both', { site: 'aws', version: loser.version, timeMillis: loser.modifiedMillis });
    expect(await world.replicate('both')).toMatchObject({ what: 'copied', at: 'aws', keptAside: [kept] });
    expect(bodyOf(world.states.aws, 'both')).toBe('winner');
    expect(bodyOf(world.states.aws, kept)).toBe('loser');
    expect(isOwnKey(kept)).toBe(true);
  });

  it('that was deleted on one side is removed from the other, which keeps a tombstone', async () => {
    put(world.states.aws, 'dead', 'body');
    await world.replicate('dead');
    world.clock.advance(5);
    world.states.gcp.remove('dead');
    expect(await world.replicate('dead', { again: true })).toMatchObject({
      kind: 'done',
      what: 'removed',
      at: 'aws',
      keptAside: [],
    });
    expect(world.states.aws.live('dead')).toBeNull();
    expect(world.states.aws.live(tombstoneKey('dead'))).not.toBeNull();
    // Our own removal's event kills nothing that was made since.
    world.clock.advance(100);
    put(world.states.gcp, 'dead', 'made again');
    const hint = {
      bucket: 'aws',
      key: 'dead',
      kind: 'deleted',
      version: null,
      sequencer: null,
      timeMillis: world.clock.now().getTime() - 100_000,
      of: null,
    } as const;
    expect(await world.replicate('dead', { heard: { site: 'aws', hint } })).toMatchObject({
      what: 'copied',
      at: 'aws',
    });
  });

  it('that both sides had when they were compared, and one has lost, is removed from the other', async () => {
    put(world.states.aws, 'agreed', 'body');
    const outcome = await world.replicate('agreed');
    if (outcome.kind !== 'done' || !outcome.alike) throw new Error('not alike');
    world.states.gcp.entries.delete('agreed');
    expect((await world.replicate('agreed', { agreed: outcome.alike.origin })).because).toBe(
      'it was on both sides when they were last compared, and is no longer at gcp',
    );
    expect(world.states.aws.live('agreed')).toBeNull();
  });

  it('says what did not travel', async () => {
    put(world.states.gcp, 'rich', 'body', { 'a name': '1', b: '2' });
    expect(await world.replicate('rich')).toMatchObject({
      what: 'copied',
      left: ['metadata "a name": the name cannot be a header\'s'],
    });
    expect(await world.replicate('rich', { again: true })).toMatchObject({ what: 'nothing' });
  });

  it('that loses a race looks again, and ends by what is there then', async () => {
    put(world.states.aws, 'raced', 'first');
    let raced = false;
    world.fail(({ operation, key, bucket }) => {
      if (operation === 'write' && key === 'raced' && bucket === 'gcp' && !raced) {
        raced = true;
        world.clock.advance(5);
        put(world.states.gcp, 'raced', 'a user, meanwhile');
      }
      return null;
    });
    expect(await world.replicate('raced')).toMatchObject({ kind: 'done', what: 'copied', at: 'aws' });
    expect(bodyOf(world.states.aws, 'raced')).toBe('a user, meanwhile');
  });

  it('that changes each time it is looked at is left for later', async () => {
    put(world.states.aws, 'busy', 'body');
    world.fail(({ operation }) => (operation === 'write' ? { kind: 'conflict' } : null));
    expect(await world.replicate('busy')).toMatchObject({ kind: 'transient', reason: 'contended', bucket: null });
  });

  it.each([
    ['unknown-before', 'time-out'],
    ['throttled', 'throttled'],
  ] as const)(
    'that a service did not answer (%s) is transient, with the bucket and the reason',
    async (kind, reason) => {
      put(world.states.aws, 'key', 'body');
      world.fail(({ bucket }) => (bucket === 'gcp' ? { kind } : null));
      expect(await world.replicate('key')).toMatchObject({ kind: 'transient', reason, bucket: 'gcp' });
    },
  );

  it('whose bytes are damaged is transient, and never visible', async () => {
    put(world.states.aws, 'key', 'body');
    world.fail(({ operation }) => (operation === 'read' ? { kind: 'damaged' } : null));
    expect(await world.replicate('key')).toMatchObject({ kind: 'transient', reason: 'corrupt' });
    expect(world.states.gcp.live('key')).toBeNull();
  });

  it('that the other side can never take is poison, with the reason', async () => {
    put(world.states.aws, '.', 'body');
    expect(await world.replicate('.')).toMatchObject({
      kind: 'poison',
      reason: 'uncarriable',
      because: 'gcp cannot take it: Cloud Storage takes no object whose whole name is "." or ".."',
    });
    put(world.states.aws, 'key', 'body');
    const gcp: ObjectBucket = {
      ...world.buckets.gcp,
      write: async () => {
        throw new BucketUnavailable('gcp', 'invalid', 'no such request');
      },
    };
    expect(await world.replicate('key', {}, { gcp })).toEqual({
      kind: 'poison',
      reason: 'invalid',
      because: 'gcp: no such request',
    });
  });

  it('of 1,024 bytes has its records too', async () => {
    const long = 'k'.repeat(1024);
    put(world.states.aws, long, 'body');
    await world.replicate(long);
    world.clock.advance(5);
    world.states.gcp.remove(long);
    expect(await world.replicate(long, { again: true })).toMatchObject({ what: 'removed' });
    expect(Buffer.byteLength(tombstoneKey(long))).toBeLessThanOrEqual(1024);
  });

  it('lets through what only a programmer can mend', async () => {
    put(world.states.aws, 'key', 'body');
    const gcp: ObjectBucket = { ...world.buckets.gcp, look: () => Promise.reject(new TypeError('a fault of ours')) };
    await expect(world.replicate('key', {}, { gcp })).rejects.toThrow('a fault of ours');
  });
});
