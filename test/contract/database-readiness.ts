// What every DatabaseReadiness promises of a pair that replicates, and of one whose standby was promoted. Run on the fake and on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicatedWorld } from './promotion.ts';

export function databaseReadinessContract(name: string, make: () => Promise<ReplicatedWorld>): void {
  describe(`DatabaseReadiness: ${name}`, () => {
    let world: ReplicatedWorld;
    beforeEach(async () => {
      world = await make();
      const { clock } = await world.writer.guard.beat(1);
      await world.writer.guard.open(1, 1, clock, 600);
    });
    afterEach(() => world.close());

    it('a pair that replicates: the standby reads a slot of the writer, with every table, and both have one shape', async () => {
      await world.writer.insert('one');
      await world.caughtUp();
      const [at, by] = [await world.writer.readiness.look([]), await world.standby.readiness.look([])];
      expect(at).toMatchObject({
        guard: { mode: 'enforce', dormant: false },
        inspected: [],
        publication: { all: false },
      });
      expect(at.subscription).toBeNull();
      expect(by).toMatchObject({ guard: { dormant: false }, subscription: { enabled: true, working: true } });
      const read = at.slots.find((slot) => slot.name === by.subscription?.slot);
      expect(read).toMatchObject({ ours: true, active: true, inactiveSeconds: null, walStatus: 'reserved' });
      expect(at.tables.length).toBeGreaterThan(0);
      expect(at.tables.every(({ published }) => published)).toBe(true);
      expect(by.tables.map(({ subscribed }) => subscribed)).toEqual(by.tables.map(() => 'r'));
      expect(by.tables.map(({ shape }) => shape)).toEqual(at.tables.map(({ shape }) => shape));
      expect(by.untold).toEqual([]);
    });

    it('after a promotion: the subscription is detached, and a slot waits for who was the writer', async () => {
      await world.writer.guard.beat(1);
      await world.caughtUp();
      await world.loseWriter();
      const { promotion, readiness } = world.standby;
      await promotion.drain(5, null);
      await promotion.detach();
      const slot = await promotion.prepareReverse(3);
      const facts = await readiness.look([]);
      expect(facts).toMatchObject({
        subscription: { enabled: false, slot: null, working: false },
        publication: { all: false },
      });
      const kept = facts.slots.find((one) => one.name === slot);
      expect(kept).toMatchObject({
        ours: true,
        active: false,
        inactiveSeconds: expect.any(Number),
        walStatus: 'reserved',
      });
      await expect(world.writer.readiness.look([])).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
    });
  });
}
