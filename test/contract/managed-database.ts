// What every ManagedDatabase must keep: run on the fake, and on each adapter over its stand-in.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagedDatabase, ManagedDatabaseUnavailable } from '../../shared/ports/managed-database.ts';

export type ManagedDatabaseWorld = {
  /** Begins as a running replica whose promotion takes 30 s. */
  database: ManagedDatabase;
  /** How many promotions the provider has begun. */
  promotions(): number;
  advance(seconds: number): void;
  /** What the owner does by hand: `stopping` has begun and is not done. */
  put(state: 'stopping' | 'stopped' | 'broken'): void;
  /** From now on a promotion ends with the replica as it was. */
  spoilPromotions(): void;
  fail(how: 'drop' | 'lose-answer' | 'silence' | null): void;
  close(): Promise<void>;
};

/** `timeoutSeconds` is the adapter's deadline for each call. */
export function managedDatabaseContract(
  name: string,
  start: (timeoutSeconds: number) => Promise<ManagedDatabaseWorld>,
): void {
  describe(`managed database contract: ${name}`, () => {
    let world: ManagedDatabaseWorld;
    beforeEach(async () => {
      world = await start(10);
    });
    afterEach(async () => {
      await world.close();
    });

    it('shows a running replica', async () => {
      expect(await world.database.state()).toMatchObject({ status: 'running', role: 'replica' });
    });

    it('promotes, and says when it is done', async () => {
      const { id, state } = await world.database.promote();
      expect(state).toBe('running');
      world.advance(10);
      expect(await world.database.operation(id)).toMatchObject({ state: 'running' });
      world.advance(25);
      expect(await world.database.operation(id)).toMatchObject({ state: 'done' });
      expect(await world.database.state()).toMatchObject({ status: 'running', role: 'primary' });
    });

    it('finds the promotion that is under way instead of beginning another', async () => {
      await world.database.promote();
      world.advance(5);
      const found = await world.database.promote();
      expect(found.state).toBe('running');
      expect(world.promotions()).toBe(1);
      world.advance(60);
      expect(await world.database.operation(found.id)).toMatchObject({ state: 'done' });
    });

    it('is done at once when it has been promoted already', async () => {
      await world.database.promote();
      world.advance(60);
      const again = await world.database.promote();
      expect(again.state).toBe('done');
      expect(await world.database.operation(again.id)).toMatchObject({ state: 'done' });
      expect(world.promotions()).toBe(1);
    });

    it('says that a promotion failed, and why', async () => {
      world.spoilPromotions();
      const { id } = await world.database.promote();
      world.advance(600);
      expect(await world.database.operation(id)).toMatchObject({
        state: 'failed',
        message: expect.stringMatching(/.{20}/),
      });
      expect(await world.database.state()).toMatchObject({ role: 'replica' });
    });

    it('says stopped only when it is, and not while it is stopping', async () => {
      world.put('stopping');
      expect(await world.database.state()).toMatchObject({ status: 'changing' });
      world.put('stopped');
      expect(await world.database.state()).toMatchObject({ status: 'stopped' });
    });

    it('shows a broken instance as failed', async () => {
      world.put('broken');
      expect(await world.database.state()).toMatchObject({ status: 'failed' });
    });

    it.each(['drop', 'lose-answer'] as const)('does not know how it ended after %s', async (how) => {
      world.fail(how);
      await expect(world.database.state()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
      await expect(world.database.promote()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
      world.fail(null);
      const { id } = await world.database.promote();
      expect(world.promotions()).toBe(1);
      world.advance(60);
      expect(await world.database.operation(id)).toMatchObject({ state: 'done' });
    });

    it('does not know how it ended when no answer comes in time', async () => {
      await world.close();
      world = await start(0.2);
      world.fail('silence');
      await expect(world.database.state()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
      await expect(world.database.promote()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
    });
  });
}
