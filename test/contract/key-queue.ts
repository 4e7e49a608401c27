// What every queue of keys must keep: run on the fake, and on each adapter over its stand-in.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyQueue, type QueuedKey, QueueUnavailable } from '../../shared/ports/key-queue.ts';

export type KeyQueueWorld = {
  queue: KeyQueue;
  /** Moves the service's clock and the adapter's. */
  advance(seconds: number): void;
  fail(how: 'refuse' | 'lose-answer' | null): void;
  close(): Promise<void>;
};

const keyOf = (key: string): QueuedKey => ({
  pair: 'assets',
  key,
  site: 'aws',
  sinceMillis: 1_764_000_000_123,
  deletedMillis: null,
  failedSeconds: 0,
});
const now = { delaySeconds: 0 };

export function keyQueueContract(name: string, start: () => Promise<KeyQueueWorld>): void {
  describe(`key queue contract: ${name}`, () => {
    let world: KeyQueueWorld;
    let queue: KeyQueue;
    beforeEach(async () => {
      world = await start();
      queue = world.queue;
    });
    afterEach(() => world.close());

    const namesIn = (keys: readonly QueuedKey[]) => keys.map(({ key }) => key).sort();
    const count = (length: number) => Array.from({ length }, (_, index) => keyOf(`k${String(index).padStart(3, '0')}`));

    it('gives an empty batch, which may be called done, when nothing waits', async () => {
      const { keys, done } = await queue.take(10, 30);
      expect(keys).toEqual([]);
      await done();
      expect(await queue.depth()).toBe(0);
    });

    it('takes nothing for an answer to no keys', async () => {
      await queue.push([], now);
      expect(await queue.depth()).toBe(0);
    });

    it('gives what was pushed, as it was', async () => {
      const told = { ...keyOf('told'), deletedMillis: 1_764_000_000_456, failedSeconds: 12_345 };
      const odd = ['a b+c%2F', 'ünï/漢字/\u{1F600}', 'line\nbreak', '//../', `long/${'k'.repeat(1019)}`].map(keyOf);
      odd.push(told);
      await queue.push(odd, now);
      const { keys } = await queue.take(10, 30);
      expect(keys).toHaveLength(odd.length);
      expect(keys).toEqual(expect.arrayContaining(odd));
    });

    it('carries more keys than a request of the service takes, and gives no more than asked for', async () => {
      await queue.push(count(23), now);
      expect(await queue.depth()).toBe(23);
      const first = await queue.take(12, 30);
      const second = await queue.take(100, 30);
      expect(first.keys).toHaveLength(12);
      expect(namesIn([...first.keys, ...second.keys])).toEqual(namesIn(count(23)));
    });

    it('hides what was taken, gives it again when it was not done, and forgets what was', async () => {
      await queue.push(count(3), now);
      const taken = await queue.take(2, 30);
      expect((await queue.take(10, 30)).keys).toHaveLength(1);
      expect((await queue.take(10, 30)).keys).toEqual([]);
      await taken.done();
      world.advance(31);
      const again = await queue.take(10, 30);
      expect(again.keys).toHaveLength(1);
      await again.done();
      world.advance(31);
      expect((await queue.take(10, 30)).keys).toEqual([]);
      expect(await queue.depth()).toBe(0);
    });

    it('says for how long it holds what was taken, and holds it for as long', async () => {
      await queue.push(count(1), now);
      const { heldSeconds } = await queue.take(1, 3600);
      expect(heldSeconds).toBeGreaterThanOrEqual(600);
      expect(heldSeconds).toBeLessThanOrEqual(3600);
      world.advance(heldSeconds - 1);
      expect((await queue.take(1, 1)).keys).toEqual([]);
      world.advance(2);
      expect((await queue.take(1, 1)).keys).toHaveLength(1);
    });

    it('counts what is being worked on: it is not done', async () => {
      await queue.push(count(3), now);
      await queue.take(2, 30);
      expect(await queue.depth()).toBe(3);
    });

    it.each([5, 3000])('holds a key back for %i s', async (delaySeconds) => {
      await queue.push([keyOf('later')], { delaySeconds });
      await queue.push([keyOf('now')], now);
      expect((await queue.take(1, 1)).keys.length).toBeLessThanOrEqual(1);
      // As far as neither service holds a message: it is looked at in between, and put off again.
      for (let passed = 0; passed + 300 < delaySeconds; passed += 300) {
        world.advance(300);
        const { keys, done } = await queue.take(10, 1);
        expect(namesIn(keys)).not.toContain('later');
        await done();
      }
      world.advance(601);
      expect(namesIn((await queue.take(10, 1)).keys)).toContain('later');
    });

    it('may be told done twice', async () => {
      await queue.push(count(1), now);
      const taken = await queue.take(1, 30);
      await taken.done();
      await taken.done();
      expect(await queue.depth()).toBe(0);
    });

    it('throws when the service refuses, and has lost nothing', async () => {
      await queue.push(count(2), now);
      world.fail('refuse');
      await expect(queue.push(count(1), now)).rejects.toBeInstanceOf(QueueUnavailable);
      await expect(queue.take(10, 1)).rejects.toBeInstanceOf(QueueUnavailable);
      await expect(queue.depth()).rejects.toBeInstanceOf(QueueUnavailable);
      world.fail(null);
      const taken = await queue.take(10, 1);
      expect(taken.keys).toHaveLength(2);
      world.fail('refuse');
      await expect(taken.done()).rejects.toBeInstanceOf(QueueUnavailable);
      world.fail(null);
      world.advance(2);
      expect((await queue.take(10, 1)).keys).toHaveLength(2);
    });

    it('does not know of a push whose answer was lost: the key is there once or more', async () => {
      world.fail('lose-answer');
      await expect(queue.push(count(1), now)).rejects.toBeInstanceOf(QueueUnavailable);
      world.fail(null);
      expect(new Set(namesIn((await queue.take(10, 1)).keys))).toEqual(new Set(['k000']));
    });
  });
}
