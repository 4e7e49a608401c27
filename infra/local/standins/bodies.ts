// The bytes of stored objects: small ones in memory, large ones in files where a directory is given, streamed in and out.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { BodyStream } from './http-server.ts';

type Segment =
  | { kind: 'memory'; bytes: Buffer }
  /** A part of a file, which other bodies may share. */
  | { kind: 'file'; name: string; offset: number; sizeBytes: number };

/** A body is a list of pieces: joining the parts of an upload moves no bytes. */
export type StoredBody = { readonly sizeBytes: number; readonly segments: readonly Segment[] };

export const KeptBody = z.array(
  z.union([
    z.object({ base64: z.string() }),
    z.object({ file: z.string(), offset: z.number(), sizeBytes: z.number() }),
  ]),
);
type KeptBody = z.infer<typeof KeptBody>;

export type BodyStore = {
  /** Stores what comes, and tells `onChunk` of every piece first. What was received of a stream that breaks is removed. */
  receive(source: AsyncIterable<Buffer>, onChunk: (chunk: Buffer) => void): Promise<StoredBody>;
  /** Bytes `first` to `last`, both included. What is being read stays, whatever becomes of its object. */
  read(body: StoredBody, first?: number, last?: number): BodyStream;
  /** One more holder of this body. A body that was received has one already. */
  retain(body: StoredBody): StoredBody;
  /** One holder less; files that nobody holds are removed. */
  release(body: StoredBody): void;
  toKept(body: StoredBody): KeptBody;
  /** A body from a record, with one holder. */
  fromKept(kept: KeptBody): StoredBody;
  /** Removes files that no body speaks of: uploads that a kill has cut short. */
  sweep(): void;
};

const largestInMemoryBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;

/** `directory` null keeps every body in memory. */
export function createBodyStore(directory: string | null): BodyStore {
  const holders = new Map<string, number>();
  let named = 0;
  if (directory !== null) {
    mkdirSync(directory, { recursive: true });
    named = Math.max(0, ...readdirSync(directory).map(Number));
  }
  const pathOf = (name: string) => join(directory ?? '', name);
  const hold = (body: StoredBody, by: 1 | -1) => {
    for (const segment of body.segments) {
      if (segment.kind === 'memory') continue;
      const count = (holders.get(segment.name) ?? 0) + by;
      if (count > 0) holders.set(segment.name, count);
      else {
        holders.delete(segment.name);
        rmSync(pathOf(segment.name), { force: true });
      }
    }
    return body;
  };
  const store: BodyStore = {
    async receive(source, onChunk) {
      const file = createFile(() => {
        const name = String(++named);
        return { name, path: pathOf(name) };
      });
      const waiting: Buffer[] = [];
      let waitingBytes = 0;
      try {
        for await (const chunk of source) {
          onChunk(chunk);
          waiting.push(chunk);
          waitingBytes += chunk.length;
          if (directory === null || waitingBytes < pieceBytes) continue;
          await file.write(waiting.splice(0));
          waitingBytes = 0;
        }
        if (file.isEmpty() && (directory === null || waitingBytes <= largestInMemoryBytes)) {
          return bodyOf(waitingBytes === 0 ? [] : [{ kind: 'memory', bytes: Buffer.concat(waiting) }]);
        }
        if (waiting.length > 0) await file.write(waiting);
        return hold(bodyOf([await file.finish()]), 1);
      } catch (error) {
        await file.discard();
        throw error;
      }
    },
    read(body, first = 0, last = body.sizeBytes - 1) {
      const { sizeBytes, segments } = sliceBody(body, first, last);
      return {
        sizeBytes,
        async *chunks() {
          hold(body, 1);
          try {
            for (const segment of segments) {
              if (segment.kind === 'memory') yield segment.bytes;
              else yield* readFile(pathOf(segment.name), segment.offset, segment.sizeBytes);
            }
          } finally {
            hold(body, -1);
          }
        },
      };
    },
    retain: (body) => hold(body, 1),
    release: (body) => void hold(body, -1),
    toKept: (body) =>
      body.segments.map((segment) =>
        segment.kind === 'memory'
          ? { base64: segment.bytes.toString('base64') }
          : { file: segment.name, offset: segment.offset, sizeBytes: segment.sizeBytes },
      ),
    fromKept: (kept) =>
      hold(
        bodyOf(
          kept.map((piece) =>
            'base64' in piece
              ? { kind: 'memory', bytes: Buffer.from(piece.base64, 'base64') }
              : { kind: 'file', name: piece.file, offset: piece.offset, sizeBytes: piece.sizeBytes },
          ),
        ),
        1,
      ),
    sweep: () => {
      if (directory === null) return;
      for (const name of readdirSync(directory)) if (!holders.has(name)) rmSync(pathOf(name), { force: true });
    },
  };
  return store;
}

/** A file that is made when something is first written to it. */
function createFile(place: () => { name: string; path: string }) {
  let opened: { name: string; path: string; handle: FileHandle } | null = null;
  let sizeBytes = 0;
  return {
    isEmpty: () => opened === null,
    write: async (chunks: Buffer[]): Promise<void> => {
      if (opened === null) {
        const { name, path } = place();
        opened = { name, path, handle: await open(path, 'wx') };
      }
      const { bytesWritten } = await opened.handle.writev(chunks);
      sizeBytes += bytesWritten;
    },
    finish: async (): Promise<Segment> => {
      await opened?.handle.close();
      return { kind: 'file', name: opened?.name ?? '', offset: 0, sizeBytes };
    },
    discard: async (): Promise<void> => {
      await opened?.handle.close().catch(() => {});
      if (opened) rmSync(opened.path, { force: true });
    },
  };
}

function bodyOf(segments: Segment[]): StoredBody {
  return { segments, sizeBytes: segments.reduce((sum, segment) => sum + sizeOf(segment), 0) };
}

/** One body after the other, as one; its holders are those of its pieces. */
export function joinBodies(bodies: readonly StoredBody[]): StoredBody {
  return bodyOf(bodies.flatMap(({ segments }) => segments));
}

function sizeOf(segment: Segment): number {
  return segment.kind === 'memory' ? segment.bytes.length : segment.sizeBytes;
}

/** Bytes `first` to `last`, both included. */
function sliceBody(body: StoredBody, first: number, last: number): StoredBody {
  const sliced: Segment[] = [];
  let start = 0;
  for (const segment of body.segments) {
    const size = sizeOf(segment);
    const from = Math.max(first - start, 0);
    const to = Math.min(last - start + 1, size);
    start += size;
    if (from >= to) continue;
    if (segment.kind === 'memory') sliced.push({ kind: 'memory', bytes: segment.bytes.subarray(from, to) });
    else sliced.push({ ...segment, offset: segment.offset + from, sizeBytes: to - from });
  }
  return bodyOf(sliced);
}

async function* readFile(path: string, offset: number, sizeBytes: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  try {
    for (let at = offset; at < offset + sizeBytes; ) {
      const wanted = Math.min(pieceBytes / 4, offset + sizeBytes - at);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
      if (bytesRead === 0) throw new Error(`${path} ends at ${at}, before ${offset + sizeBytes}`);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
