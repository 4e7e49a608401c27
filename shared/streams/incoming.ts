// A body that is read from a service: it keeps moving and arrives whole, or it fails.
import type { Readable } from 'node:stream';
import { createStallClock } from './stall-clock.ts';

export type IncomingLimits = {
  /** How many bytes must arrive, no more and no fewer. */
  sizeBytes: number;
  stallSeconds: number;
  /** Says what went wrong in the caller's words; `late` when nothing came for `stallSeconds`. */
  failed(late: boolean, cause: unknown): Error;
};

/**
 * The bytes of `body`, as they come. The clock runs from the call on, and while the reader waits; not while the reader works. When the
 * reader stops early, or nobody ever reads, the body is destroyed and its socket with it.
 */
export function incoming(body: Readable, limits: IncomingLimits): AsyncIterable<Uint8Array> {
  const late = new Error(`nothing arrived for ${limits.stallSeconds} s`);
  const clock = createStallClock(limits.stallSeconds, () => body.destroy(late));
  clock.run();
  // Without a listener, a body that fails before it is read would end the process.
  body.on('error', () => clock.end());

  async function* read(): AsyncGenerator<Uint8Array> {
    let arrivedBytes = 0;
    try {
      for await (const chunk of body) {
        // A stream of bytes has no other chunks; its type does not say so.
        if (!(chunk instanceof Uint8Array)) throw new Error(`a chunk of the body is no bytes but ${typeof chunk}`);
        clock.pause();
        arrivedBytes += chunk.byteLength;
        if (arrivedBytes > limits.sizeBytes) break;
        yield chunk;
        clock.run();
      }
      if (arrivedBytes !== limits.sizeBytes) {
        throw wrongSize(arrivedBytes, limits.sizeBytes);
      }
    } catch (cause) {
      throw limits.failed(cause === late, cause);
    } finally {
      clock.end();
      body.destroy();
    }
  }
  return read();
}

/** What is given up is still read to its end when it is so little that its connection is worth more. */
const drainedBytes = 64 * 1024;

/** The same for a body that is taken whole, without a piece of work for each of its pieces: small objects are many. */
export function arriving(body: Readable, limits: IncomingLimits): { whole(): Promise<Uint8Array>; drop(): void } {
  const { sizeBytes, stallSeconds } = limits;
  let isLate = false;
  const clock = createStallClock(stallSeconds, () => {
    isLate = true;
    body.destroy(new Error(`nothing arrived for ${stallSeconds} s`));
  });
  clock.run();
  body.once('close', clock.end);
  // Without a listener, a body that fails before it is read would end the process.
  body.on('error', clock.end);
  const whole = () =>
    new Promise<Uint8Array>((resolve, reject) => {
      const fail = (cause: unknown) => reject(limits.failed(isLate, cause));
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      let arrivedBytes = 0;
      body.on('data', (chunk: Buffer) => {
        clock.run();
        arrivedBytes += chunk.length;
        if (arrivedBytes <= sizeBytes) chunk.copy(bytes, arrivedBytes - chunk.length);
        else body.destroy(wrongSize(arrivedBytes, sizeBytes));
      });
      body.once('end', () => {
        if (arrivedBytes === sizeBytes) resolve(bytes);
        else fail(wrongSize(arrivedBytes, sizeBytes));
      });
      body.once('error', fail);
      if (body.destroyed) fail(new Error('it was cut off before it was read'));
    });
  const drop = () => {
    if (body.readableEnded) return;
    if (sizeBytes <= drainedBytes) body.resume();
    else body.destroy();
  };
  return { whole, drop };
}

function wrongSize(arrivedBytes: number, sizeBytes: number): Error {
  return new Error(`${arrivedBytes} bytes or more arrived in place of ${sizeBytes}`);
}
