// What every bucket adapter must do with a service that stops in the middle: run on each, over a bare server whose bytes are counted.
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { noAttributes, type ObjectVersion } from '../../shared/model/replica.ts';
import { BucketUnavailable, type ObjectBucket } from '../../shared/ports/object-bucket.ts';

/** Far more than sockets of one machine hold on their way. */
const sizeBytes = 256 * 1024 ** 2;
const inFlightBytes = 32 * 1024 ** 2;
const piece = Buffer.alloc(256 * 1024, 'x');

const object: ObjectVersion = {
  key: 'large',
  version: '"v"',
  tag: '"v"',
  revision: 1,
  sizeBytes,
  crc32c: null,
  md5: null,
  modifiedMillis: 0,
  attributes: noAttributes,
  stamp: null,
};

/** `small`: what the service answers to a GET that asks for no bytes. */
export function bucketStreamsContract(
  name: string,
  open: (url: string, stallSeconds: number) => ObjectBucket,
  small: { isAskedFor: (url: string) => boolean; answer: string },
): void {
  describe(`${name}, when the service stops in the middle`, () => {
    let close = () => {};
    afterEach(() => close());

    /** `send`: the answer to a read. An upload is read as far as `takenBytes`, and never answered. */
    async function serve(send: (response: ServerResponse) => void, takenBytes = 0) {
      const server = createServer((request, response) => {
        if (small.isAskedFor(request.url ?? '')) response.end(small.answer);
        else if (request.method === 'GET') send(response);
        else {
          let taken = 0;
          request.on('data', (chunk: Buffer) => {
            taken += chunk.length;
            if (taken >= takenBytes) request.pause();
          });
        }
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      close = () => {
        server.closeAllConnections();
        server.close();
      };
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
      return `http://127.0.0.1:${address.port}`;
    }

    const bytesOf = async (bucket: ObjectBucket, untilBytes: number) => {
      const result = await bucket.read(object, null);
      if (result.kind === 'gone') throw new Error('gone');
      let sum = 0;
      for await (const chunk of result.bytes) {
        sum += chunk.byteLength;
        if (sum >= untilBytes) break;
      }
      return sum;
    };

    it('a read that stops is a time-out', async () => {
      const url = await serve((response) => {
        response.writeHead(200, { etag: '"v"', 'content-length': String(sizeBytes) });
        response.write(piece);
      });
      const failure = await bytesOf(open(url, 0.2), sizeBytes).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BucketUnavailable);
      expect(failure).toMatchObject({ reason: 'time-out', message: expect.stringContaining('0.2 s') });
    });

    it('a read that is cut off is no end of the object', async () => {
      const url = await serve((response) => {
        response.writeHead(200, { etag: '"v"', 'content-length': String(sizeBytes) });
        response.write(piece, () => response.destroy());
      });
      await expect(bytesOf(open(url, 20), sizeBytes)).rejects.toMatchObject({ reason: 'failed' });
    });

    const whole = async (bucket: ObjectBucket) => {
      const found = await bucket.fetch(object.key, object);
      if (found.kind !== 'present') throw new Error(found.kind);
      return found.body.whole();
    };

    it('a whole body that stops is a time-out, and one that is cut off or too long is no object', async () => {
      const head = { etag: '"v"', 'content-length': String(sizeBytes) };
      const stopping = await serve((response) => response.writeHead(200, head).write(piece));
      await expect(whole(open(stopping, 0.2))).rejects.toMatchObject({
        reason: 'time-out',
        message: expect.stringContaining('0.2 s'),
      });
      close();
      const cut = await serve((response) => response.writeHead(200, head).write(piece, () => response.destroy()));
      await expect(whole(open(cut, 20))).rejects.toMatchObject({ reason: 'failed' });
    });

    it('a reader that stops has the socket released, and little more was sent than it read', async () => {
      let sent = 0;
      let released = () => {};
      const isReleased = new Promise<void>((resolve) => {
        released = resolve;
      });
      const url = await serve((response) => {
        response.writeHead(200, { etag: '"v"', 'content-length': String(sizeBytes) });
        response.once('close', released);
        const more = () => {
          do sent += piece.length;
          while (!response.destroyed && sent < sizeBytes && response.write(piece));
        };
        response.on('drain', more);
        more();
      });
      const readBytes = await bytesOf(open(url, 20), 4 * 1024 ** 2);
      await isReleased;
      expect(sent).toBeLessThan(readBytes + inFlightBytes);
    });

    it('a part that nobody takes is a time-out, and little more of it was made than was taken', async () => {
      const url = await serve(() => {}, 1024 ** 2);
      let made = 0;
      let release = () => {};
      const isReleased = new Promise<void>((resolve) => {
        release = resolve;
      });
      async function* source() {
        try {
          for (; made < sizeBytes; made += piece.length) yield piece;
        } finally {
          release();
        }
      }
      const part = open(url, 0.5).writePart({ id: 'u', key: 'large' }, 1, sizeBytes, source(), () => 'AAAAAA==');
      const failure = await part.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BucketUnavailable);
      expect(failure).toMatchObject({ reason: 'time-out' });
      expect(made).toBeLessThan(inFlightBytes);
      await isReleased;
    });
  });
}
