// Bodies on their way: how much of them is in memory, what ends them, and who is at fault.
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { incoming } from '../../../shared/streams/incoming.ts';
import { outgoing } from '../../../shared/streams/outgoing.ts';

const piece = Buffer.alloc(64 * 1024, 'x');

function counted(pieces: number) {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const told = { given: 0, closed };
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (; told.given < pieces; told.given++) yield piece;
    } finally {
      close();
    }
  }
  return { told, source: source() };
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let sum = 0;
  for await (const chunk of bytes) sum += chunk.byteLength;
  return sum;
}

describe('a body that is sent', () => {
  it('takes no more from its source than the service has taken from it, but for a few pieces', async () => {
    const { told, source } = counted(1000);
    const { body, close } = outgoing(source, { sizeBytes: 1000 * piece.length, stallSeconds: 10 });
    const reader = body[Symbol.asyncIterator]();
    for (let taken = 0; taken < 20; taken++) {
      await reader.next();
      expect(told.given).toBeLessThanOrEqual(taken + 4);
    }
    close();
    await told.closed;
  });

  it('joins small pieces, and changes nothing in them', async () => {
    const small = Array.from({ length: 5000 }, (_, index) => Buffer.from(`${index},`));
    const sizeBytes = Buffer.concat(small).length;
    const { body, close } = outgoing(Readable.from(small), { sizeBytes, stallSeconds: 10 });
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk));
    close();
    expect(Buffer.concat(chunks).equals(Buffer.concat(small))).toBe(true);
    expect(chunks.slice(0, -1).every((chunk) => chunk.length >= 8 * 1024)).toBe(true);
  });

  it('is cut when the service takes nothing, and its source is released', async () => {
    const { told, source } = counted(1000);
    const { body, signal, sourceFailure, close } = outgoing(source, { sizeBytes: 64_000 * 1024, stallSeconds: 0.05 });
    await body[Symbol.asyncIterator]().next();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect(sourceFailure()).toBeNull();
    close();
    await told.closed;
  });

  it('is not cut while its source takes its time', async () => {
    async function* slow() {
      await sleep(150);
      yield piece;
    }
    const { body, signal, close } = outgoing(slow(), { sizeBytes: piece.length, stallSeconds: 0.05 });
    expect(await read(body)).toBe(piece.length);
    expect(signal.aborted).toBe(false);
    close();
  });

  it.each([
    ['throws', 1, new Error('the source was cut')],
    ['is shorter than announced', 3, null],
    ['is longer than announced', 0, null],
  ])('is cut when its source %s, and says that the source is at fault', async (_, announced, thrown) => {
    async function* source() {
      yield piece;
      if (thrown) throw thrown;
      yield piece;
    }
    const sizeBytes = announced * piece.length;
    const { body, signal, sourceFailure, close } = outgoing(source(), { sizeBytes, stallSeconds: 10 });
    await read(body);
    expect(signal.aborted).toBe(true);
    expect(sourceFailure()?.cause).toEqual(thrown ?? expect.any(Error));
    close();
  });
});

describe('a body that is read', () => {
  const failed = (late: boolean, cause: unknown) => new Error(late ? 'late' : 'cut', { cause });

  it('arrives whole, and takes no more from the network than is read', async () => {
    const { told, source } = counted(1000);
    const bytes = incoming(Readable.from(source), { sizeBytes: 1000 * piece.length, stallSeconds: 10, failed });
    let taken = 0;
    for await (const chunk of bytes) {
      taken += chunk.length / piece.length;
      if (taken % 100 === 1) expect(told.given - taken).toBeLessThanOrEqual(20);
    }
    expect(taken).toBe(1000);
  });

  it('that stops is late', async () => {
    const body = new PassThrough();
    body.write(piece);
    const bytes = incoming(body, { sizeBytes: 2 * piece.length, stallSeconds: 0.05, failed });
    await expect(read(bytes)).rejects.toThrow('late');
    expect(body.destroyed).toBe(true);
  });

  it('is not late when its reader is', async () => {
    const body = Readable.from([piece, piece]);
    const bytes = incoming(body, { sizeBytes: 2 * piece.length, stallSeconds: 0.05, failed });
    let sum = 0;
    for await (const chunk of bytes) {
      await sleep(120);
      sum += chunk.length;
    }
    expect(sum).toBe(2 * piece.length);
  });

  it.each([1, 3])('of another length than announced is no answer (%i of 2 pieces)', async (pieces) => {
    const body = Readable.from(Array.from({ length: pieces }, () => piece));
    await expect(read(incoming(body, { sizeBytes: 2 * piece.length, stallSeconds: 10, failed }))).rejects.toThrow(
      'cut',
    );
  });

  it('is destroyed when its reader stops, and when nobody ever reads', async () => {
    const body = Readable.from([piece, piece]);
    for await (const chunk of incoming(body, { sizeBytes: 2 * piece.length, stallSeconds: 10, failed })) {
      expect(chunk.length).toBe(piece.length);
      break;
    }
    expect(body.destroyed).toBe(true);
    const unread = new PassThrough();
    incoming(unread, { sizeBytes: 1, stallSeconds: 0.05, failed });
    await new Promise((resolve) => unread.once('close', resolve));
    expect(unread.destroyed).toBe(true);
  });
});
