// So many at once, and so many bytes: nobody gets in before who waits, and nobody waits for ever.
import { describe, expect, it } from 'vitest';
import { createRoom, createSlots } from '../../../shared/objects/slots.ts';

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe('room', () => {
  /** Takes some of it, and says so when it has. */
  function openRoom(size: number) {
    const room = createRoom(size);
    const inside: string[] = [];
    const leave = new Map<string, () => void>();
    const enter = (name: string, amount: number) =>
      void room.take(amount).then((left) => {
        inside.push(name);
        leave.set(name, left);
      });
    return { room, inside, enter, leave: (name: string) => leave.get(name)?.() };
  }

  it('is had in the order of coming: who needs little does not get in before who needs much', async () => {
    const { room, inside, enter, leave } = openRoom(10);
    enter('first', 6);
    enter('large', 8);
    enter('little', 1);
    await turns();
    expect(inside).toEqual(['first']);
    expect(room.takeNow(1)).toBeNull();
    leave('first');
    await turns();
    expect(inside).toEqual(['first', 'large', 'little']);
    expect(room.takeNow(2)).toBeNull();
    expect(room.takeNow(1)).not.toBeNull();
  });

  it('is had whole by what is larger than all of it, when nobody else has any', async () => {
    const { room, inside, enter, leave } = openRoom(10);
    enter('first', 1);
    enter('huge', 1000);
    await turns();
    expect(inside).toEqual(['first']);
    leave('first');
    await turns();
    expect(inside).toEqual(['first', 'huge']);
    expect(room.takeNow(1)).toBeNull();
    leave('huge');
    expect(room.takeNow(10)).not.toBeNull();
  });
});

describe('slots', () => {
  it('run so many at once, and go on after one that failed', async () => {
    const slots = createSlots(2);
    let running = 0;
    let most = 0;
    const work = (fails: boolean) =>
      slots.run(async () => {
        most = Math.max(most, ++running);
        await turns();
        running--;
        if (fails) throw new Error('a fault of the test');
      });
    const ended = await Promise.allSettled([true, false, true, false, false].map(work));
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(most).toBe(2);
  });
});
