// What every LeaseGuard promises, and what its clients find. Run on the fake and on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpochOver } from '../../shared/ports/database.ts';
import type { ClientTransaction, GuardedWorld } from './guarded-world.ts';

export function leaseGuardContract(name: string, make: () => Promise<GuardedWorld>): void {
  describe(`LeaseGuard: ${name}`, () => {
    let world: GuardedWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const open = async (epoch: number, renewal: number, ttlSeconds: number) => {
      const { clock } = await world.guard.beat(epoch);
      return world.guard.open(epoch, renewal, clock, ttlSeconds);
    };
    const renew = async (epoch: number, renewal: number, ttlSeconds: number) => {
      const { clock } = await world.guard.beat(epoch);
      return world.guard.renew(epoch, renewal, clock, ttlSeconds);
    };
    const written = async (text: string): Promise<ClientTransaction> => {
      const transaction = await world.begin();
      await transaction.write(text);
      return transaction;
    };

    it('refuses nothing before the first epoch, and everything once armed', async () => {
      expect(await world.guard.state()).toEqual({
        epoch: 0,
        renewal: 0,
        open: true,
        remainingSeconds: 0,
        fencedEpoch: 0,
      });
      await (await written('before')).commit();
      await world.arm();
      expect(await world.guard.state()).toMatchObject({ epoch: 0, open: false });
      await expect(written('armed')).rejects.toMatchObject({ code: '25006' });
      expect(await world.committed()).toEqual(['before']);
    });

    it('opens for the time that is left since the clock was read', async () => {
      const { clock } = await world.guard.beat(1);
      await world.pass(0.3);
      const answer = await world.guard.open(1, 1, clock, 20);
      expect(answer.kind).toBe('set');
      expect(answer.kind === 'set' && answer.remainingSeconds).toBeLessThan(19.71);
      expect(await world.guard.state()).toMatchObject({ epoch: 1, renewal: 1, open: true });
      await (await written('open')).commit();
      expect(await world.committed()).toEqual(['open']);
    });

    it('refuses writes when the lease has lapsed, and takes them again when it is renewed', async () => {
      await open(1, 1, 0.2);
      await world.untilShut();
      await expect(written('late')).rejects.toMatchObject({
        code: '25006',
        message: expect.stringMatching(/refused, the lease of epoch 1 lapsed [\d.]+ s ago/),
      });
      expect(await renew(1, 2, 20)).toMatchObject({ kind: 'set' });
      await (await written('renewed')).commit();
      expect(await world.committed()).toEqual(['renewed']);
    });

    it('refuses the COMMIT of what was written under a lease that has lapsed since', async () => {
      await open(1, 1, 1.5);
      const transaction = await written('late');
      await world.untilShut();
      await expect(transaction.commit()).rejects.toMatchObject({ code: '25006' });
      expect(await world.committed()).toEqual([]);
    });

    it('lets a long transaction commit while the lease is renewed', async () => {
      await open(1, 1, 1.5);
      const transaction = await written('long');
      await renew(1, 2, 20);
      await world.pass(1.6);
      await transaction.write('longer');
      await transaction.commit();
      expect(await world.committed()).toEqual(['long', 'longer']);
    });

    it('forgets a savepoint that was rolled back, and checks the rest at commit', async () => {
      const transaction = await world.begin();
      await open(1, 1, 1.5);
      await transaction.savepoint();
      await transaction.write('undone');
      await transaction.rollBackToSavepoint();
      await transaction.write('kept');
      await world.untilShut();
      await expect(transaction.commit()).rejects.toMatchObject({ code: '25006' });
      const only = await world.begin();
      await only.savepoint();
      await only.rollBackToSavepoint();
      await only.commit();
    });

    it('only lets a renewal rise', async () => {
      await open(1, 5, 20);
      const { clock } = await world.guard.beat(1);
      expect(await world.guard.renew(1, 5, clock, 60)).toEqual({
        kind: 'refused',
        because: 'renewal 5 does not rise, this database has had 5',
      });
      expect(await world.guard.renew(1, 4, clock, 60)).toMatchObject({ kind: 'refused' });
      expect(await world.guard.renew(1, 6, clock, 20)).toMatchObject({ kind: 'set' });
      expect((await world.guard.state()).renewal).toBe(6);
    });

    it('takes the same renewal with the same clock for the same call, after a lost answer', async () => {
      const { clock } = await world.guard.beat(1);
      await world.guard.open(1, 1, clock, 20);
      expect(await world.guard.open(1, 1, clock, 20)).toMatchObject({ kind: 'set' });
      const next = await world.guard.beat(1);
      await world.guard.renew(1, 2, next.clock, 20);
      expect(await world.guard.renew(1, 2, next.clock, 20)).toMatchObject({ kind: 'set' });
    });

    it('renews only the epoch that is open here', async () => {
      await open(2, 1, 20);
      const { clock } = await world.guard.beat(2);
      expect(await world.guard.renew(1, 9, clock, 20)).toEqual({
        kind: 'refused',
        because: 'epoch 1 is over here, this database is at 2',
      });
      expect(await world.guard.renew(3, 1, clock, 20)).toEqual({
        kind: 'refused',
        because: 'epoch 3 is not open here, this database is at 2',
      });
    });

    it('opens no epoch that is over, nor an epoch below 1', async () => {
      await open(3, 1, 20);
      const { clock } = await world.guard.beat(3);
      expect(await world.guard.open(2, 9, clock, 20)).toMatchObject({ kind: 'refused' });
      expect(await world.guard.open(3, 1, clock, 20)).toMatchObject({ kind: 'refused' });
      expect(await world.guard.open(4, 1, clock, 20)).toMatchObject({ kind: 'set' });
      expect(await world.guard.state()).toMatchObject({ epoch: 4, renewal: 1, open: true });
    });

    it('refuses a lease without a sensible length', async () => {
      const { clock } = await world.guard.beat(1);
      for (const ttlSeconds of [0, -5, 20_000]) {
        expect(await world.guard.open(1, 1, clock, ttlSeconds)).toMatchObject({ kind: 'refused' });
      }
      expect((await world.guard.state()).epoch).toBe(0);
    });

    it('is shut by a restart until it is renewed, and takes no clock from before', async () => {
      await open(1, 1, 600);
      const { clock } = await world.guard.beat(1);
      await world.restart();
      expect(await world.guard.state()).toMatchObject({ open: false, remainingSeconds: 0 });
      await expect(written('restarted')).rejects.toMatchObject({
        code: '25006',
        message: expect.stringContaining('the server has restarted since epoch 1 was renewed'),
      });
      expect(await world.guard.renew(1, 2, clock, 20)).toEqual({
        kind: 'refused',
        because: 'the server has restarted since that clock was read: beat again',
      });
      expect(await renew(1, 2, 20)).toMatchObject({ kind: 'set' });
      await (await written('renewed')).commit();
    });

    it('counts heartbeats of the open epoch from 1, and writes none of an epoch that is not open yet', async () => {
      expect((await world.guard.beat(1)).heartbeat).toMatchObject({ epoch: 1, number: 0 });
      expect((await world.guard.beat(1)).heartbeat).toMatchObject({ epoch: 1, number: 0 });
      await open(1, 1, 20);
      const first = (await world.guard.beat(1)).heartbeat;
      const second = (await world.guard.beat(1)).heartbeat;
      expect([first.number, second.number]).toEqual([1, 2]);
      expect(second.writtenAt >= first.writtenAt).toBe(true);
      expect(second.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
      expect((await world.guard.beat(2)).heartbeat).toMatchObject({ epoch: 2, number: 0 });
    });

    it('refuses a heartbeat of an epoch that is over', async () => {
      await open(2, 1, 20);
      await expect(world.guard.beat(1)).rejects.toThrow(EpochOver);
      await expect(world.guard.beat(1)).rejects.toThrow('epoch 1 is over here, this database is at 2');
    });
  });
}
