// The alarm board: many alarm functions change one object, and no word is lost.
import { describe, expect, it } from 'vitest';
import { AlarmBoardBusy, readAlarmBoard, updateAlarmBoard } from '../../../shared/engine/alarm-board.ts';
import type { AlarmBoard } from '../../../shared/model/bulletin.ts';
import type { HealthSignal } from '../../../shared/model/signal.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFault } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { seededChance } from '../../support/virtual-time.ts';

function setUp(versionsAre: 'content' | 'unique' = 'content') {
  const clock = createManualClock();
  const bucket = createFakeBucket(versionsAre);
  const calls: string[] = [];
  const state: { fault: StoreFault | null } = { fault: null };
  const store = createFakeObjectStore({
    name: 'aws-s3',
    bucket,
    clock,
    faults: ({ operation }) => {
      calls.push(operation);
      return operation === 'put' ? state.fault : null;
    },
  });
  return { bucket, calls, state, options: { store, provider: 'aws', clock, chance: seededChance(1) } as const };
}

const says = (name: string, health: HealthSignal['health']): HealthSignal => ({
  kind: 'health',
  id: `${name} ${health}`,
  vantage: { kind: 'managed-check', name, ground: 'aws' },
  observedAt: '2026-11-23T12:00:00.000Z',
  because: `the alarm ${name} says so`,
  site: 'primary',
  component: 'application',
  health,
});
const put = (signal: HealthSignal) => (board: AlarmBoard) => ({
  ...board,
  health: [...board.health.filter((one) => one.vantage.name !== signal.vantage.name), signal],
});

describe('the alarm board', () => {
  it('is empty until somebody has spoken', async () => {
    const { options } = setUp();
    expect(await readAlarmBoard(options.store, 'aws')).toEqual({ schema: 1, health: [], lag: [] });
    const signal = says('alarm', 'unhealthy');
    expect(await updateAlarmBoard(options, put(signal))).toEqual({ schema: 1, health: [signal], lag: [] });
    expect((await readAlarmBoard(options.store, 'aws')).health).toEqual([signal]);
    expect((await readAlarmBoard(options.store, 'gcp')).health).toEqual([]);
  });

  it.each(['content', 'unique'] as const)(
    'loses no word of many that speak at once (versions are %s)',
    async (versionsAre) => {
      const { options, bucket } = setUp(versionsAre);
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(names.map((name) => updateAlarmBoard(options, put(says(name, 'unhealthy')))));
      expect([...bucket.objects.keys()]).toEqual(['alarms/aws.json']);
      const { health } = await readAlarmBoard(options.store, 'aws');
      expect(health.map(({ vantage }) => vantage.name).sort()).toEqual(names);
    },
  );

  it('writes nothing when nothing changes', async () => {
    const { options, calls } = setUp();
    await updateAlarmBoard(options, put(says('alarm', 'healthy')));
    await updateAlarmBoard(options, put(says('alarm', 'healthy')));
    expect(calls).toEqual(['get', 'put', 'get']);
  });

  it('gives up after so many lost attempts, and says what to do', async () => {
    const { options, state, calls } = setUp();
    state.fault = { kind: 'conflict' };
    const updating = updateAlarmBoard({ ...options, attempts: 3 }, put(says('alarm', 'healthy')));
    await expect(updating).rejects.toThrow(
      /aws-s3: alarms\/aws.json was changed by others in each of 3 attempts; deliver the event again/,
    );
    await expect(updating).rejects.toBeInstanceOf(AlarmBoardBusy);
    expect(calls.filter((one) => one === 'put')).toHaveLength(3);
  });

  it('throws when the outcome is unknown, and comes to the same when it is done again', async () => {
    const { options, state } = setUp();
    state.fault = { kind: 'unknown-after' };
    const signal = says('alarm', 'unhealthy');
    await expect(updateAlarmBoard(options, put(signal))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    state.fault = null;
    expect((await updateAlarmBoard(options, put(signal))).health).toEqual([signal]);
  });

  it('does not take what it cannot read for an empty board', async () => {
    const { options, bucket } = setUp();
    bucket.objects.set('alarms/aws.json', { body: 'oops', version: '1', cacheControl: null });
    await expect(readAlarmBoard(options.store, 'aws')).rejects.toThrow(/alarms\/aws.json is not an alarm board/);
    await expect(updateAlarmBoard(options, put(says('alarm', 'healthy')))).rejects.toThrow(
      /remove it, and alarms fill it again/,
    );
  });
});
