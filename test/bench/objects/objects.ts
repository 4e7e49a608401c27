// Copying the same objects from S3 to Cloud Storage over the same stand-ins: Causeway beside rclone, and beside the plain bytes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { crc32c, crc32cText, joinCrc32c } from '../../../shared/objects/crc32c.ts';
import { createSlots } from '../../../shared/objects/slots.ts';
import type { ObjectBucket } from '../../../shared/ports/object-bucket.ts';
import { root } from '../entries.ts';
import { percentile, ratio } from '../figures.ts';
import type { BenchTable } from '../table.ts';
import { type Contestant, contestantsHere, plain } from './contestants.ts';
import { type Measured, measureRun } from './measure.ts';
import { openEnds, type Places } from './open.ts';
import type { ObjectsOptions } from './options.ts';

type Work = { name: string; prefix: string; count: number; sizeBytes: number };

const mebibyte = 1024 ** 2;

/** Rejects when a copy fails, or is not what the source holds. */
export async function benchObjects(progress: (line: string) => void, options: ObjectsOptions): Promise<BenchTable> {
  const { here, missing } = contestantsHere();
  for (const sentence of missing) progress(sentence);
  const dir = mkdtempSync(join(tmpdir(), 'causeway-bench-objects-'));
  const server = await startServer(dir, here.map(bucketOf));
  try {
    const rows: string[][] = [];
    for (const work of worksOf(options)) {
      progress(`writing ${work.name} to the source`);
      await fill(server.places, work);
      let plainSeconds = Number.NaN;
      for (const contestant of here) {
        progress(`${contestant.name}: ${work.name}`);
        await server.requests();
        const { args, env } = contestant.command(server.places, bucketOf(contestant), work.prefix);
        const measured = await measureRun(args, env, contestant.timesItself);
        const requests = await server.requests();
        await check(server.places, bucketOf(contestant), work);
        if (contestant === plain) plainSeconds = measured.tookSeconds;
        rows.push(rowOf(work, contestant, measured, requests, plainSeconds));
      }
    }
    return { title: 'Objects from S3 to Cloud Storage', columns, rows, notes: [...notes, ...missing] };
  } finally {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const columns = [
  'work',
  'by',
  'seconds',
  'objects/s',
  'MB/s',
  'x plain',
  'peak RSS (MB)',
  'requests',
  'p50 (ms)',
  'p99 (ms)',
];
const notes = [
  'One run each, in turns, over the same stand-ins in a process of their own, on the same machine: what one has, the others have not. x plain is the time beside that of the plain copy.',
  'The plain copy is a GET and a POST for each object, sixteen at once: no look, no checksum, no condition, no attributes. It is what the machine and the stand-ins can do.',
  'Causeway looks at both sides of each key, judges, copies with its checksum, attributes and stamp on condition; p50 and p99 are of one key, from the event to the acknowledged replica, without the way of the event.',
  'rclone lists, copies with `--transfers=16 --checkers=16`, and is timed with its start. Requests are those that the stand-ins were asked.',
];

function worksOf({ small, medium, largeMebibytes }: ObjectsOptions): Work[] {
  const works = [
    { name: `${small} objects of 4 KiB`, prefix: 'small/', count: small, sizeBytes: 4096 },
    { name: `${medium} objects of 1 MiB`, prefix: 'medium/', count: medium, sizeBytes: mebibyte },
    {
      name: `1 object of ${largeMebibytes} MiB`,
      prefix: 'large/',
      count: largeMebibytes === 0 ? 0 : 1,
      sizeBytes: largeMebibytes * mebibyte,
    },
  ];
  return works.filter(({ count }) => count > 0);
}

function bucketOf({ name }: Contestant): string {
  return `dest-${name.replaceAll(' ', '-').toLowerCase()}`;
}

function rowOf(work: Work, { name }: Contestant, measured: Measured, requests: number, plainSeconds: number): string[] {
  const { tookSeconds, peakBytes, seconds } = measured;
  const millis = (fraction: number) => (seconds.length === 0 ? '-' : (percentile(seconds, fraction) * 1000).toFixed(1));
  return [
    work.name,
    name,
    tookSeconds.toFixed(2),
    (work.count / tookSeconds).toFixed(1),
    ((work.count * work.sizeBytes) / tookSeconds / 1e6).toFixed(1),
    ratio(tookSeconds, plainSeconds),
    (peakBytes / mebibyte).toFixed(0),
    String(requests),
    millis(0.5),
    millis(0.99),
  ];
}

type Server = { places: Places; requests(): Promise<number>; close(): void };

async function startServer(dir: string, destinations: string[]): Promise<Server> {
  const script = `${root}test/bench/objects/server.ts`;
  const args = ['--no-warnings', '--import', 'tsx', script, dir, ...destinations];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the stand-ins have ended');
    return JSON.parse(value);
  };
  const places = z.object({ s3: z.string(), gcs: z.string() }).parse(await next());
  return {
    places,
    async requests() {
      child.stdin.write('count\n');
      return z.object({ requests: z.number() }).parse(await next()).requests;
    },
    close: () => void child.kill('SIGKILL'),
  };
}

const attributes = {
  contentType: 'text/plain',
  contentEncoding: null,
  contentDisposition: null,
  contentLanguage: null,
  cacheControl: null,
  metadata: { colour: 'blue' },
  tags: {},
  storageClass: 'standard',
} as const;

async function fill(places: Places, { prefix, count, sizeBytes }: Work): Promise<void> {
  const { left } = await openEnds(places, 'none');
  const slots = createSlots(16);
  const write = (number: number) =>
    slots.run(() => writeOne(left, `${prefix}${String(number).padStart(6, '0')}`, sizeBytes));
  await Promise.all(Array.from({ length: count }, (_, number) => write(number)));
}

async function writeOne(bucket: ObjectBucket, key: string, sizeBytes: number): Promise<void> {
  const piece = Buffer.alloc(Math.min(sizeBytes, 64 * mebibyte), key);
  const target = { key, attributes, stamp: null };
  if (sizeBytes === piece.length) {
    await bucket.write(target, piece, crc32cText(crc32c(piece)), { kind: 'absent' });
    return;
  }
  const upload = await bucket.begin(target, key);
  const parts = [];
  let whole = 0;
  for (let at = 0, number = 1; at < sizeBytes; at += piece.length, number += 1) {
    const part = piece.subarray(0, Math.min(piece.length, sizeBytes - at));
    const sum = crc32c(part);
    whole = at === 0 ? sum : joinCrc32c(whole, sum, part.length);
    const written = await bucket.writePart(upload, number, part.length, inPieces(part), () => crc32cText(sum));
    if (written.kind !== 'written') throw new Error(`${key}: part ${number} was not taken`);
    parts.push(written.part);
  }
  await bucket.complete(upload, target, parts, crc32cText(whole), { kind: 'absent' });
}

async function* inPieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += mebibyte) yield bytes.subarray(at, at + mebibyte);
}

/** Every object is there with the size that it has; the large one with its checksum. */
async function check(places: Places, destination: string, { prefix, count, sizeBytes }: Work): Promise<void> {
  const { right } = await openEnds(places, destination);
  let found = 0;
  for await (const page of right.list(prefix, null)) found += page.filter((one) => one.sizeBytes === sizeBytes).length;
  if (found !== count) throw new Error(`${destination} has ${found} of ${count} objects below ${prefix}`);
}
