// What every Following promises between two sites that hand the writer's role to each other. Run on the fake and on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DatabaseHealth,
  DatabaseUnavailable,
  type Fencing,
  type Following,
  type LeaseGuard,
  type Promotion,
} from '../../shared/ports/database.ts';

type Side = {
  name: string;
  guard: LeaseGuard;
  fencing: Fencing;
  health: DatabaseHealth;
  promotion: Promotion;
  following: Following;
  /** Answers the row's id. */
  insert(text: string): Promise<number>;
  /** In the order of their ids. */
  rows(): Promise<string[]>;
};

export type PairWorld = {
  /** The first writer, which `other` follows. No epoch is open yet. */
  one: Side;
  other: Side;
  /** Waits until the one has applied everything that the other has committed. */
  caughtUp(replica: Side, writer: Side): Promise<void>;
  /** Cuts the way from a replica to its writer, or mends it. */
  setReachable(writer: Side, reachable: boolean): Promise<void>;
  close(): Promise<void>;
};

export function followingContract(name: string, make: () => Promise<PairWorld>): void {
  describe(`Following: ${name}`, () => {
    let world: PairWorld;
    beforeEach(async () => {
      world = await make();
      await open(world.one, 1);
    });
    afterEach(() => world.close());

    async function open({ guard }: Side, epoch: number): Promise<void> {
      const { clock } = await guard.beat(epoch);
      expect(await guard.open(epoch, 1, clock, 600)).toMatchObject({ kind: 'set' });
    }

    /** The writer is fenced, and the other opens at the epoch when it has everything. */
    async function handOver(from: Side, to: Side, epoch: number): Promise<void> {
      const { heartbeat } = await from.fencing.fence(epoch - 1, 10);
      await world.caughtUp(to, from);
      expect((await to.health.standby()).applied).toEqual(heartbeat);
      await to.promotion.drain(8, heartbeat);
      await to.promotion.detach();
      await to.promotion.advanceSequences();
      await to.promotion.prepareReverse(epoch);
      await open(to, epoch);
    }

    it('goes on from the slot of the promotion, without a copy and without an echo, while clients are refused', async () => {
      const { one, other } = world;
      await one.insert('one');
      await handOver(one, other, 2);
      await other.insert('two');
      expect(await one.following.follow({ writer: other.name, epoch: 2 })).toEqual({ kind: 'follows' });
      await world.caughtUp(one, other);
      expect(await one.rows()).toEqual(['one', 'two']);
      expect(await other.rows()).toEqual(['one', 'two']);
      expect(await one.health.standby()).toMatchObject({ applied: { epoch: 2 }, applying: true });
      expect(await one.following.state()).toMatchObject({ slot: 'causeway_epoch_2' });
      await expect(one.insert('no')).rejects.toMatchObject({ code: '25006' });
    });

    it('does each step once, however often it is called', async () => {
      const { one, other } = world;
      await handOver(one, other, 2);
      for (let again = 0; again < 2; again++)
        expect(await one.following.follow({ writer: other.name, epoch: 2 })).toEqual({ kind: 'follows' });
      await other.insert('once');
      await world.caughtUp(one, other);
      expect(await one.rows()).toEqual(['once']);
      expect((await one.following.releaseSlots()).length).toBe(1);
      expect(await one.following.releaseSlots()).toEqual([]);
      expect((await one.following.state()).kept).toEqual([]);
    });

    it('refuses while the guard is open here, and while another slot is read', async () => {
      const { one, other } = world;
      expect(await one.following.follow({ writer: other.name, epoch: 2 })).toMatchObject({ kind: 'refused' });
      expect(await other.following.follow({ writer: one.name, epoch: 7 })).toMatchObject({
        kind: 'refused',
        because: expect.stringContaining('already, not causeway_epoch_7'),
      });
    });

    it('keeps a slot that is being read', async () => {
      const { one, other } = world;
      const [kept, ...more] = (await one.following.state()).kept;
      expect([kept?.active, more]).toEqual([true, []]);
      expect(await one.following.releaseSlots()).toEqual([]);
      await one.insert('still');
      await world.caughtUp(other, one);
      expect(await other.rows()).toEqual(['still']);
    });

    it('says that nobody knows when the writer cannot be reached, and follows when it can', async () => {
      const { one, other } = world;
      await handOver(one, other, 2);
      await world.setReachable(other, false);
      await expect(one.following.follow({ writer: other.name, epoch: 2 })).rejects.toThrow(DatabaseUnavailable);
      await world.setReachable(other, true);
      expect(await one.following.follow({ writer: other.name, epoch: 2 })).toEqual({ kind: 'follows' });
    });

    it('goes there and back and there again: every row is on both sides, and no slot is left behind', async () => {
      const { one, other } = world;
      let [writer, replica] = [one, other];
      const written: string[] = [];
      for (let epoch = 2; epoch <= 5; epoch++) {
        written.push(`before epoch ${epoch}`);
        await writer.insert(`before epoch ${epoch}`);
        await handOver(writer, replica, epoch);
        [writer, replica] = [replica, writer];
        await replica.following.follow({ writer: writer.name, epoch });
        await world.caughtUp(replica, writer);
        await replica.following.releaseSlots();
        expect((await replica.following.state()).kept).toEqual([]);
        expect((await writer.following.state()).kept).toMatchObject([{ slot: `causeway_epoch_${epoch}` }]);
      }
      expect(await one.rows()).toEqual(written);
      expect(await other.rows()).toEqual(written);
    }, 60_000);
  });
}
