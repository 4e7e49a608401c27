// One key from a look to an ending: what is answered for whatever the services do, and what is left where.
import { beforeEach, describe, expect, it } from 'vitest';
import { noAttributes, type ObjectHint } from '../../../shared/model/replica.ts';
import { conflictKey, isOwnKey, tombstoneKey } from '../../../shared/objects/own-keys.ts';
import { defaultLimits, replicateKey } from '../../../shared/objects/replicate.ts';
import type { ReplicateWork } from '../../../shared/objects/sight.ts';
import { createRoom } from '../../../shared/objects/slots.ts';
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
      { clock, limits: defaultLimits, room: createRoom(2 ** 25), freshSeconds: 60 },
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

/** The event of what is live there now, as the services tell it. */
function written(state: FakeObjectState, key: string): ObjectHint {
  const object = state.live(key)!.version;
  return {
    bucket: state.manner.service,
    key,
    kind: 'written',
    version: object.version,
    sequencer: null,
    timeMillis: state.manner.nowMillis(),
    of: state.manner.service === 'gcs' ? object : null,
  };
}

describe('a key that an event tells of', () => {
  let world: ReturnType<typeof openWorld>;
  const asked = () => world.calls.filter((call) => !call.endsWith('traits')).splice(0);
  beforeEach(() => {
    world = openWorld();
  });

  it.each([
    ['aws', 'gcp', ['aws fetch', 'gcp write']],
    // A delete marker would tell of a deletion: S3 is looked at, while the object is read.
    ['gcp', 'aws', ['gcp fetch', 'aws look', 'aws write']],
  ] as const)('is new at %s and costs %s as few requests as it can', async (from, to, requests) => {
    const object = put(world.states[from], 'new', 'body', { a: '1' });
    const heard = { site: from, hint: written(world.states[from], 'new') };
    expect(await world.replicate('new', { heard })).toMatchObject({
      kind: 'done',
      what: 'copied',
      at: to,
      bytes: 4,
      because: `only ${from} has it, and nothing says that ${to} deleted it`,
      alike: { [from === 'aws' ? 'left' : 'right']: { version: object.version }, origin: { site: from } },
    });
    expect(asked()).toEqual(requests);
    expect(bodyOf(world.states[to], 'new')).toBe('body');
  });

  it('is judged as ever where it is older, was tried before, or is on the other side already', async () => {
    put(world.states.aws, 'old', 'body');
    const heard = { site: 'aws', hint: written(world.states.aws, 'old') };
    await world.replicate('old', { heard, again: true });
    expect(asked().slice(0, 2).sort()).toEqual(['aws look', 'gcp look']);
    world.calls.length = 0;
    expect(await world.replicate('old', { heard })).toMatchObject({ what: 'nothing' });
    // It was read, and could not be written.
    expect(asked()).toEqual(['aws fetch', 'gcp write', 'aws look', 'gcp look']);
    world.calls.length = 0;
    put(world.states.aws, 'late', 'body');
    const late = { site: 'aws', hint: written(world.states.aws, 'late') };
    world.clock.advance(100);
    expect(await world.replicate('late', { heard: late })).toMatchObject({ what: 'copied' });
    expect(asked()).toEqual(['aws fetch', 'gcp look', 'gcp look', 'gcp history', 'gcp write']);
  });

  it.each(['aws', 'gcp'] as const)('of %s is not brought back by an event that comes twice', async (from) => {
    const to = from === 'aws' ? 'gcp' : 'aws';
    put(world.states[from], 'twice', 'body');
    const heard = { site: from, hint: written(world.states[from], 'twice') };
    await world.replicate('twice', { heard });
    const replica = world.states[to].live('twice')!.version;
    world.clock.advance(2);
    world.states[to].remove('twice');
    await world.replicate('twice', { heard });
    // Cloud Storage tells nothing of a deletion by a look: there its event does.
    const of = to === 'gcp' ? replica : null;
    const hint = { ...heard.hint, kind: 'deleted', of, timeMillis: world.clock.now().getTime() } as const;
    if (to === 'gcp')
      await world.replicate('twice', { heard: { site: to, hint: { ...hint, version: replica.version } } });
    expect(world.states[to].live('twice')).toBeNull();
    expect(world.states[from].live('twice')).toBeNull();
  });

  it('of our own making is looked at, and not written again', async () => {
    put(world.states.aws, 'echo', 'body');
    await world.replicate('echo');
    world.calls.length = 0;
    const heard = { site: 'gcp', hint: written(world.states.gcp, 'echo') };
    expect(await world.replicate('echo', { heard })).toMatchObject({ what: 'nothing' });
    expect(asked().sort()).toEqual(['aws look', 'gcp look']);
    put(world.states.gcp, 'echo of S3', 'body');
    await world.replicate('echo of S3');
    world.calls.length = 0;
    const atS3 = { site: 'aws', hint: written(world.states.aws, 'echo of S3') };
    expect(await world.replicate('echo of S3', { heard: atS3 })).toMatchObject({ what: 'nothing' });
    expect(asked().sort()).toEqual(['aws fetch', 'gcp look']);
  });

  it('was overwritten since at Cloud Storage is looked at, and the newer one is copied', async () => {
    put(world.states.gcp, 'key', 'first');
    const heard = { site: 'gcp', hint: written(world.states.gcp, 'key') };
    put(world.states.gcp, 'key', 'second');
    expect(await world.replicate('key', { heard })).toMatchObject({ what: 'copied', at: 'aws' });
    expect(bodyOf(world.states.aws, 'key')).toBe('second');
  });

  it('is gone since at its own side is looked at on the other', async () => {
    put(world.states.aws, 'key', 'first');
    const heard = { site: 'aws', hint: written(world.states.aws, 'key') };
    world.states.aws.remove('key');
    expect(await world.replicate('key', { heard })).toMatchObject({
      what: 'nothing',
      because: 'it is on neither side',
    });
  });

  it('gives up the bytes under way when the other side does not answer', async () => {
    put(world.states.gcp, 'key', 'body');
    const heard = { site: 'gcp', hint: written(world.states.gcp, 'key') };
    let dropped = 0;
    const gcp: ObjectBucket = {
      ...world.buckets.gcp,
      async fetch(...about) {
        const found = await world.buckets.gcp.fetch(...about);
        return found.kind === 'present' ? { ...found, body: { ...found.body, drop: () => void dropped++ } } : found;
      },
    };
    world.fail(({ bucket, operation }) => (bucket === 'aws' && operation === 'look' ? { kind: 'throttled' } : null));
    expect(await world.replicate('key', { heard }, { gcp })).toMatchObject({ kind: 'transient', reason: 'throttled' });
    expect(dropped).toBe(1);
  });
});

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
