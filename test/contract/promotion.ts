// What every Promotion and DatabaseHealth promise on a standby whose writer is lost. Run on the fake and on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseHealth, LeaseGuard, Promotion } from '../../shared/ports/database.ts';
import type { DatabaseReadiness } from '../../shared/ports/database-readiness.ts';

type Replicating = {
  guard: LeaseGuard;
  health: DatabaseHealth;
  readiness: DatabaseReadiness;
  insert(text: string): Promise<number>;
};

export type ReplicatedWorld = {
  writer: Replicating;
  standby: Replicating & { promotion: Promotion };
  /** Waits until the standby has applied everything that the writer has committed. */
  caughtUp(): Promise<void>;
  standbyRows(): Promise<string[]>;
  /** The writer's machine is gone. */
  loseWriter(): Promise<void>;
  close(): Promise<void>;
};

export function promotionContract(name: string, make: () => Promise<ReplicatedWorld>): void {
  describe(`Promotion: ${name}`, () => {
    let world: ReplicatedWorld;
    beforeEach(async () => {
      world = await make();
      const { clock } = await world.writer.guard.beat(1);
      await world.writer.guard.open(1, 1, clock, 600);
    });
    afterEach(() => world.close());

    it('refuses clients of the standby while replication is applied', async () => {
      await world.writer.insert('one');
      const { heartbeat } = await world.writer.guard.beat(1);
      await world.caughtUp();
      await expect(world.standby.insert('no')).rejects.toMatchObject({ code: '25006' });
      expect(await world.standbyRows()).toEqual(['one']);
      const standby = await world.standby.health.standby();
      expect(standby).toEqual({ applied: heartbeat, applying: true, subscriptionEnabled: true });
      await world.standby.health.probe();
      await world.writer.health.probe();
      expect((await world.writer.health.standby()).applied).toBeNull();
    });

    it('drains, detaches, moves the sequences and opens, without the writer', async () => {
      const last = await world.writer.insert('one');
      const { heartbeat } = await world.writer.guard.beat(1);
      await world.caughtUp();
      await world.loseWriter();
      const { promotion, guard } = world.standby;
      expect((await promotion.drain(8, null)).applied).toEqual(heartbeat);
      await promotion.detach();
      expect(await world.standby.health.standby()).toMatchObject({ applying: false, subscriptionEnabled: false });
      expect(await promotion.advanceSequences()).toBeGreaterThan(0);
      expect(await promotion.prepareReverse(2)).toMatch(/2/);
      const { clock } = await guard.beat(2);
      expect(await guard.open(2, 1, clock, 600)).toMatchObject({ kind: 'set' });
      expect(await world.standby.insert('two')).toBeGreaterThan(last + 999);
      expect(await world.standbyRows()).toEqual(['one', 'two']);
    });

    it('does each step once, however often it is called', async () => {
      await world.writer.insert('one');
      await world.writer.guard.beat(1);
      await world.caughtUp();
      await world.loseWriter();
      const { promotion } = world.standby;
      const drained = await promotion.drain(8, null);
      await promotion.detach();
      await promotion.detach();
      expect((await promotion.drain(8, null)).applied).toEqual(drained.applied);
      expect(await promotion.advanceSequences()).toBeGreaterThan(0);
      expect(await promotion.advanceSequences()).toBe(0);
      const slot = await promotion.prepareReverse(2);
      expect(await promotion.prepareReverse(2)).toBe(slot);
    });
  });
}
