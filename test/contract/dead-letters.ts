// What every queue of dead letters must keep: a person finds in it what was tried, and the record to be sent again, whatever is in it.
import { afterEach, expect, it } from 'vitest';
import { refused } from '../../shared/events/object-heard.ts';
import type { DeadLetter, DeadLetters } from '../../shared/ports/dead-letters.ts';
import { QueueUnavailable } from '../../shared/ports/key-queue.ts';

export type DeadLettersWorld = {
  dead: DeadLetters;
  /** What lies in the queue: its text, and its attributes. */
  arrived(): { text: string; attributes: Record<string, string> }[];
  refuse(): void;
  close(): Promise<void>;
};

/** A message may have 256 KiB at the service that takes the least, its attributes counted. */
const mostBytes = 256 * 1024;

export function deadLettersContract(name: string, start: () => Promise<DeadLettersWorld>): void {
  let world: DeadLettersWorld;
  afterEach(() => world.close());

  it(`${name} keeps each letter with its reason beside it`, async () => {
    world = await start();
    const letters = Array.from(
      { length: 23 },
      (_, index): DeadLetter => ({
        reason: 'uncarriable',
        because: `its key has 1,02${index} bytes: ünï`,
        what: `left/${index}`,
        record: null,
      }),
    );
    await world.dead.put([]);
    await world.dead.put(letters);
    const arrived = world.arrived();
    expect(arrived.map(({ text }) => JSON.parse(text))).toEqual(expect.arrayContaining(letters));
    expect(arrived).toHaveLength(letters.length);
    expect(arrived[0]?.attributes).toMatchObject({
      reason: 'uncarriable',
      because: expect.stringContaining('its key'),
    });
  });

  it.each([
    ['a record with what no text may hold', '{"key":"\u0000\u0001\ufffe \ud800 ünï 漢字 \u{1F600}"}'],
    ['a record that is all quotes', '"'.repeat(40_000)],
    ['a record of a megabyte of what takes six characters each', '\u0001'.repeat(1024 * 1024)],
  ])(`${name} takes %s`, async (_, record) => {
    world = await start();
    const heard = refused('a reason of '.repeat(10_000), record);
    if (heard.kind !== 'rejected') throw new Error(heard.kind);
    const { because, record: kept } = heard;
    const letter = { reason: 'not-understood', because, what: 'a record of an event', record: kept };
    await world.dead.put([letter]);
    const [{ text, attributes } = { text: '', attributes: {} }] = world.arrived();
    expect(JSON.parse(text)).toEqual(letter);
    expect(Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(attributes))).toBeLessThan(mostBytes);
  });

  it(`${name} throws when the service refuses`, async () => {
    world = await start();
    world.refuse();
    const letter = { reason: 'r', because: 'b', what: 'w', record: null };
    await expect(world.dead.put([letter])).rejects.toBeInstanceOf(QueueUnavailable);
  });
}
