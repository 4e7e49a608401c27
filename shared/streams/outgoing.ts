// A body that is sent to a service: little of it in memory, cut off when the service takes nothing, failing as its source fails.
import { Readable } from 'node:stream';
import { createStallClock } from './stall-clock.ts';

export type Outgoing = {
  body: Readable;
  /** Aborted when the service took nothing for too long, or the source failed: whoever sends must listen to it. */
  signal: AbortSignal;
  /** What the source threw, or that it had another length than announced. Null: the source is not at fault. */
  sourceFailure(): { cause: unknown } | null;
  /** To be called when the answer is there, or the sending failed: releases the source, wherever it stands. */
  close(): void;
};

/** Smaller pieces are joined: S3 takes none below 8 KiB but the last. */
const leastChunkBytes = 16 * 1024;

/**
 * The clock runs while the service is waited for: from the start, between the pieces that it takes, and from the last piece to `close`.
 * It does not run while the source is waited for, which has a clock of its own.
 */
export function outgoing(
  source: AsyncIterable<Uint8Array>,
  { sizeBytes, stallSeconds }: { sizeBytes: number; stallSeconds: number },
): Outgoing {
  const controller = new AbortController();
  let failure: { cause: unknown } | null = null;
  const clock = createStallClock(stallSeconds, () =>
    controller.abort(new Error(`nothing was taken for ${stallSeconds} s`)),
  );
  clock.run();

  async function* send(): AsyncGenerator<Uint8Array> {
    let sentBytes = 0;
    try {
      clock.pause();
      for await (const chunk of joined(source)) {
        sentBytes += chunk.byteLength;
        if (sentBytes > sizeBytes) break;
        clock.run();
        yield chunk;
        clock.pause();
      }
      if (sentBytes !== sizeBytes)
        throw new Error(`the source gave ${sentBytes} bytes or more in place of ${sizeBytes}`);
      clock.run();
    } catch (cause) {
      // The request is cut, and the body only ends: an error of it would end the process where a wrapping stream does not listen.
      failure = { cause };
      controller.abort(cause);
    }
  }

  const body = Readable.from(send(), { objectMode: false, highWaterMark: leastChunkBytes });
  return {
    body,
    signal: controller.signal,
    sourceFailure: () => failure,
    close: () => {
      clock.end();
      body.destroy();
    },
  };
}

/** Pieces of at least `leastChunkBytes`, but for the last; a piece that is large enough is handed on without being copied. */
async function* joined(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const chunk of source) {
    if (waitingBytes === 0 && chunk.byteLength >= leastChunkBytes) {
      yield chunk;
      continue;
    }
    waiting.push(chunk);
    waitingBytes += chunk.byteLength;
    if (waitingBytes < leastChunkBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}
