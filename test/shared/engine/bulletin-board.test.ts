// The bulletin board: whose word was heard, how lately this process itself saw it rise, and whose is unknown.
import { beforeEach, describe, expect, it } from 'vitest';
import { createBulletinBoard } from '../../../shared/engine/bulletin-board.ts';
import type { Bulletin } from '../../../shared/model/bulletin.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import {
  createFakeBucket,
  createFakeObjectStore,
  type FakeBucket,
  type StoreFault,
} from '../../support/fake-object-store.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

let time: VirtualTime;
let s3: FakeBucket;
let gcs: FakeBucket;
let gcsFault: StoreFault | null;
let aws: ObjectStore;
let gcp: ObjectStore;

beforeEach(() => {
  time = createVirtualTime();
  [s3, gcs, gcsFault] = [createFakeBucket('content'), createFakeBucket('unique'), null];
  aws = createFakeObjectStore({ name: 'aws-s3', bucket: s3, clock: time.clock, faults: () => null });
  gcp = createFakeObjectStore({ name: 'gcp-gcs', bucket: gcs, clock: time.clock, faults: () => gcsFault });
});

const bulletin = (lookout: string, beat: number, incarnation = 'one'): Bulletin => ({
  schema: 1,
  lookout,
  ground: lookout === 'us-east' ? 'aws' : 'gcp',
  incarnation,
  beat,
  writtenAt: '2026-11-20T03:00:00.000Z',
  sites: { primary: { health: 'healthy', forSeconds: beat * 4, because: 'it answered 200' } },
  database: null,
});
const boardAt = (own: ObjectStore) =>
  createBulletinBoard({
    own,
    all: [
      { name: 'us-east', store: aws },
      { name: 'us-central', store: gcp },
    ],
    clock: time.clock,
  });
const advance = (seconds: number) => time.runUntil(time.clock.elapsedSeconds() + seconds);

/** Runs a read to its end, moving the time when it waits. */
async function read(board = reader) {
  let ended = false;
  const reading = board.read().finally(() => {
    ended = true;
  });
  await time.runUntil(time.clock.elapsedSeconds() + 100, () => ended);
  return reading;
}
let reader: ReturnType<typeof boardAt>;
let other: ReturnType<typeof boardAt>;
beforeEach(() => {
  reader = boardAt(aws);
  other = boardAt(gcp);
});
const risen = async () => {
  const { bulletins } = await read();
  return bulletins.map((one) => one.risenSecondsAgo);
};

describe('whose word is heard', () => {
  it("puts each bulletin into its lookout's own store, and reads it from there", async () => {
    await reader.publish(bulletin('us-east', 3));
    await other.publish(bulletin('us-central', 5));
    expect([[...s3.objects.keys()], [...gcs.objects.keys()]]).toEqual([
      ['bulletins/us-east.json'],
      ['bulletins/us-central.json'],
    ]);
    expect(s3.objects.get('bulletins/us-east.json')?.cacheControl).toBe('no-store');
    const { lookouts, bulletins, reachedElsewhere } = await read();
    expect(lookouts.map(({ kind, lookout }) => [kind, lookout])).toEqual([
      ['heard', 'us-east'],
      ['heard', 'us-central'],
    ]);
    expect(bulletins[1]).toEqual({ bulletin: bulletin('us-central', 5), risenSecondsAgo: null });
    expect(reachedElsewhere).toBe(true);
  });

  it('is absent when the store says so, and unknown when the store says nothing', async () => {
    expect((await read()).lookouts[1]).toEqual({ kind: 'absent', lookout: 'us-central' });
    await other.publish(bulletin('us-central', 1));
    gcsFault = { kind: 'unknown-before' };
    const { lookouts, bulletins, reachedElsewhere } = await read();
    expect(lookouts[1]).toMatchObject({
      kind: 'unknown',
      lookout: 'us-central',
      because: expect.stringContaining('gcp-gcs: '),
    });
    expect([bulletins, reachedElsewhere]).toEqual([[], false]);
  });

  it('is unknown when the store hangs, after a bounded time', async () => {
    gcsFault = { kind: 'delay', at: 'after', seconds: 50 };
    const { lookouts } = await read();
    expect(time.clock.elapsedSeconds()).toBe(3);
    expect(lookouts[1]).toMatchObject({ kind: 'unknown', because: 'gcp-gcs: no bulletin was read within 3 s' });
  });

  it('is unknown when what is there cannot be read', async () => {
    gcs.objects.set('bulletins/us-central.json', { body: '{"schema":2}', version: '1', cacheControl: null });
    expect((await read()).lookouts[1]).toMatchObject({
      kind: 'unknown',
      because: 'gcp-gcs: bulletins/us-central.json is not a bulletin that this version can read',
    });
  });

  it('lets the publisher know when it is unknown whether the bulletin is up', async () => {
    gcsFault = { kind: 'unknown-after' };
    await expect(other.publish(bulletin('us-central', 1))).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});

describe('how lately a beat was seen to rise', () => {
  it('is not known from the first reading, nor from the same beat again', async () => {
    await other.publish(bulletin('us-central', 8));
    expect(await risen()).toEqual([null]);
    await advance(4);
    expect(await risen()).toEqual([null]);
  });

  it('counts from the read that showed the newer beat', async () => {
    await other.publish(bulletin('us-central', 8));
    await read();
    await other.publish(bulletin('us-central', 9));
    await advance(4);
    expect(await risen()).toEqual([0]);
    await advance(4);
    expect(await risen()).toEqual([4]);
    await advance(4);
    expect(await risen()).toEqual([8]);
  });

  it('counts from when the read was answered, not from when it was asked', async () => {
    await other.publish(bulletin('us-central', 8));
    await read();
    await other.publish(bulletin('us-central', 9));
    gcsFault = { kind: 'delay', at: 'after', seconds: 2 };
    expect(await risen()).toEqual([0]);
    gcsFault = null;
    await advance(1);
    expect(await risen()).toEqual([1]);
  });

  it('takes a new process for a rise, and an older beat for none', async () => {
    await other.publish(bulletin('us-central', 8));
    await read();
    await other.publish(bulletin('us-central', 7));
    await advance(2);
    expect(await risen()).toEqual([null]);
    await other.publish(bulletin('us-central', 0, 'two'));
    await advance(2);
    expect(await risen()).toEqual([0]);
  });

  it('takes a bulletin that appears for a rise', async () => {
    await read();
    await other.publish(bulletin('us-central', 0));
    await advance(4);
    expect(await risen()).toEqual([0]);
  });

  it('proves nothing after a gap, for the newer beat may be as old as the gap', async () => {
    await other.publish(bulletin('us-central', 8));
    await read();
    await other.publish(bulletin('us-central', 9));
    gcsFault = { kind: 'unknown-before' };
    for (let beat = 0; beat < 5; beat++) {
      await advance(4);
      await read();
    }
    gcsFault = null;
    expect(await risen()).toEqual([null]);
    await other.publish(bulletin('us-central', 10));
    await advance(4);
    expect(await risen()).toEqual([0]);
  });

  it("is this process's own: another that begins now knows nothing", async () => {
    await other.publish(bulletin('us-central', 8));
    await read();
    await other.publish(bulletin('us-central', 9));
    expect(await risen()).toEqual([0]);
    const { bulletins } = await read(boardAt(aws));
    expect(bulletins[0]?.risenSecondsAgo).toBeNull();
  });
});
