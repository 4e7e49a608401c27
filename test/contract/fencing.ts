// What every Fencing promises: when it answers, nobody can commit a write of that epoch any more. Run on the fake and on PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpochOver } from '../../shared/ports/database.ts';
import type { GuardedWorld } from './guarded-world.ts';

export function fencingContract(name: string, make: () => Promise<GuardedWorld>): void {
  describe(`Fencing: ${name}`, () => {
    let world: GuardedWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const open = async (epoch: number, renewal: number) => {
      const { clock } = await world.guard.beat(epoch);
      return world.guard.open(epoch, renewal, clock, 600);
    };

    it('ends a transaction between its write and its commit', async () => {
      await open(1, 1);
      const transaction = await world.begin();
      await transaction.write('fenced');
      const report = await world.fencing.fence(1, 10);
      expect(report.endedBackends).toBe(1);
      await expect(transaction.commit()).rejects.toThrow();
      expect(await world.committed()).toEqual([]);
    });

    it('ends a transaction that has only read so far: it could have written before', async () => {
      await open(1, 1);
      const reader = await world.read();
      expect((await world.fencing.fence(1, 10)).endedBackends).toBe(1);
      await expect(reader.again()).rejects.toThrow();
    });

    it('rolls back what was prepared', async () => {
      await open(1, 1);
      const transaction = await world.begin();
      await transaction.write('prepared');
      await transaction.prepare('two-phase');
      expect(await world.fencing.fence(1, 10)).toMatchObject({ rolledBackPrepared: 1, endedBackends: 0 });
      await expect(world.commitPrepared('two-phase')).rejects.toThrow();
      expect(await world.committed()).toEqual([]);
    });

    it('refuses new writes, renewals, openings and heartbeats of that epoch and of earlier ones', async () => {
      await open(2, 1);
      const { clock } = await world.guard.beat(2);
      await world.fencing.fence(2, 10);
      await expect(world.begin().then((transaction) => transaction.write('late'))).rejects.toMatchObject({
        code: '25006',
        message: expect.stringContaining('epoch 2 was fenced here'),
      });
      expect(await world.guard.renew(2, 2, clock, 600)).toEqual({ kind: 'refused', because: 'epoch 2 is fenced here' });
      for (const epoch of [1, 2]) {
        expect(await world.guard.open(epoch, 9, clock, 600)).toMatchObject({ kind: 'refused' });
        await expect(world.guard.beat(epoch)).rejects.toThrow(EpochOver);
      }
      expect(await world.guard.state()).toMatchObject({ open: false, fencedEpoch: 2 });
    });

    it('keeps what had been committed, and says where the epoch ended, the same each time', async () => {
      await open(1, 1);
      const transaction = await world.begin();
      await transaction.write('in time');
      await transaction.commit();
      const before = (await world.guard.beat(1)).heartbeat;
      const report = await world.fencing.fence(1, 10);
      expect(report.heartbeat).toMatchObject({ epoch: 1, number: before.number + 1 });
      expect(report.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
      const again = await world.fencing.fence(1, 10);
      expect(again).toEqual({ ...report, endedBackends: 0, rolledBackPrepared: 0 });
      expect(await world.committed()).toEqual(['in time']);
    });

    it('leaves readers of a database that is fenced already alone', async () => {
      await open(1, 1);
      await world.fencing.fence(1, 10);
      const reader = await world.read();
      await world.fencing.fence(1, 10);
      await reader.again();
    });

    it('leaves a later epoch alone: its writers go on', async () => {
      await open(1, 1);
      await open(2, 1);
      const transaction = await world.begin();
      await transaction.write('epoch 2');
      expect(await world.fencing.fence(1, 10)).toMatchObject({ endedBackends: 0 });
      await transaction.commit();
      expect(await world.guard.state()).toMatchObject({ epoch: 2, open: true, fencedEpoch: 1 });
      expect(await world.committed()).toEqual(['epoch 2']);
    });

    it('opens again at a later epoch', async () => {
      await open(1, 1);
      await world.fencing.fence(1, 10);
      expect(await open(2, 1)).toMatchObject({ kind: 'set' });
      const transaction = await world.begin();
      await transaction.write('epoch 2');
      await transaction.commit();
      expect(await world.committed()).toEqual(['epoch 2']);
    });

    it('fences an epoch that was never opened here, and arms a guard that refused nothing', async () => {
      const report = await world.fencing.fence(3, 10);
      expect(report.heartbeat).toBeNull();
      await expect(world.begin().then((transaction) => transaction.write('late'))).rejects.toMatchObject({
        code: '25006',
      });
      await expect(open(3, 1)).rejects.toThrow(EpochOver);
      expect(await open(4, 1)).toMatchObject({ kind: 'set' });
    });

    it('survives a restart', async () => {
      await open(1, 1);
      await world.fencing.fence(1, 10);
      await world.restart();
      expect(await world.guard.state()).toMatchObject({ open: false, fencedEpoch: 1 });
      expect(await open(1, 2).catch((error: unknown) => error)).toBeInstanceOf(EpochOver);
    });
  });
}
