// What a tick sees beside the windows: queues that do not answer, tiers that stand still, metrics that nobody takes.
import { expect, it } from 'vitest';
import type { ObjectQueue } from '../../../../shared/model/object-queues.ts';
import { createStatusRecorder } from '../../../../shared/objects/status/status-recorder.ts';
import type { TierSummary } from '../../../../shared/objects/status/summarise-status.ts';
import { createLook } from '../../../../shared/objects/upkeep/look.ts';
import { createFakeKeyQueue, type FakeKeyQueue } from '../../../support/fake-key-queue.ts';
import { createFakeMetrics } from '../../../support/fake-metrics.ts';
import { createWorld } from '../reconcile/shelves.ts';

const noProgressSeconds = 900;

function aSite() {
  const world = createWorld();
  const { clock, store } = world;
  const queues = new Map<string, FakeKeyQueue>();
  const queueOf = (queue: ObjectQueue) => {
    const name = queue.kind === 'window' ? queue.tier : queue.kind;
    const found = queues.get(name) ?? createFakeKeyQueue(name, clock);
    queues.set(name, found);
    return found;
  };
  const recorder = createStatusRecorder({ store, site: 'aws', process: 'worker', clock });
  const metrics = createFakeMetrics();
  const told: TierSummary[] = [];
  const { name, buckets } = world.work('tick').pair;
  const tiers = [
    { name: 'now', prefix: 'now/', everySeconds: null },
    { name: 'other', prefix: '', everySeconds: 300 },
  ];
  const look = createLook({
    site: 'aws',
    pairs: [{ name, buckets, tiers }],
    noProgressSeconds,
    queueOf,
    store,
    recorder: createStatusRecorder({ store, site: 'aws', process: 'tick', clock }),
    metrics,
    tell: async (stuck) => void told.push(stuck),
    clock,
  });
  const waits = (key: string) => ({
    pair: name,
    key,
    site: 'aws',
    sinceMillis: clock.now().getTime(),
    deletedMillis: null,
    failedSeconds: 0,
  });
  const value = (metric: string, tier: string) =>
    metrics.points.filter((one) => one.name === metric && one.dimensions.tier === tier).map((one) => one.value);
  return { ...world, queueOf, recorder, metrics, told, look, waits, value };
}

it('says of the minute that has settled what was replicated in it, and how many keys wait', async () => {
  const { recorder, queueOf, look, waits, value, pass, told } = aSite();
  recorder.note('assets', 'now', { kind: 'replicated', bytes: 40, lagSeconds: 2 });
  recorder.note('assets', 'now', { kind: 'replicated', bytes: 2, lagSeconds: 2 });
  await recorder.flush({ now: true });
  await queueOf({ kind: 'window', pair: 'assets', tier: 'other' }).push([waits('a'), waits('b')], { delaySeconds: 0 });
  pass(120);
  expect(await look()).toEqual([]);
  expect(value('ReplicatedObjects', 'now')).toEqual([2]);
  expect(value('ReplicatedBytes', 'now')).toEqual([42]);
  expect(value('WaitingKeys', 'other')).toEqual([2]);
  expect(value('NoProgress', 'now')).toEqual([0]);
  pass(60);
  await look();
  expect(value('ReplicatedObjects', 'now')).toEqual([2, 0]);
  expect(told).toEqual([]);
});

it('tells people of a tier in which keys wait and nothing is done, and of no other', async () => {
  const { queueOf, look, waits, told, value, pass } = aSite();
  await queueOf({ kind: 'again' }).push([waits('now/a')], { delaySeconds: 0 });
  // A tick a minute, none of which finds the queue empty.
  let trouble: string[] = [];
  for (let minute = 0; minute <= noProgressSeconds / 60 + 1; minute += 1) {
    trouble = await look();
    pass(60);
  }
  expect(new Set(told.map(({ tier }) => tier))).toEqual(new Set(['now']));
  expect(trouble).toEqual([expect.stringMatching(/^assets\/now stands still: the queue has not been empty for/)]);
  expect(value('NoProgress', 'now').at(-1)).toBe(1);
  expect(value('NoProgress', 'other').at(-1)).toBe(0);
});

it('calls a queue that does not answer unknown, and looks at the others', async () => {
  const { queueOf, look, value, told } = aSite();
  const again = queueOf({ kind: 'again' });
  if ('fail' in again) again.fail('refuse');
  const trouble = await look();
  expect(trouble).toEqual([expect.stringContaining('counting at again: refused')]);
  expect(value('WaitingKeys', 'now')).toEqual([]);
  expect(value('WaitingKeys', 'other')).toEqual([0]);
  expect(told).toEqual([]);
});

it('goes on when nobody takes the metrics', async () => {
  const { metrics, look } = aSite();
  metrics.down = true;
  expect(await look()).toEqual([expect.stringContaining('putting the metrics: the metrics are down')]);
});

it('forgets what processes said two days ago', async () => {
  const { recorder, stored, look, clock, pass } = aSite();
  recorder.note('assets', 'now', { kind: 'alike' });
  await recorder.flush({ now: true });
  const before = [...stored.objects.keys()];
  pass(49 * 3600);
  while (clock.now().getUTCMinutes() !== 7) pass(60);
  await look();
  expect(before).toHaveLength(1);
  expect(stored.objects.has(before[0]!)).toBe(false);
});
