// Copying the same objects between S3 and Cloud Storage, both ways, over the same stand-ins: Causeway beside rclone, and beside the plain bytes.
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
import { openEnds, type Places, type Way, ways } from './open.ts';
import type { ObjectsOptions } from './options.ts';

type Work = { name: string; way: Way; prefix: string; count: number; sizeBytes: number };

const mebibyte = 1024 ** 2;

/** Rejects when a copy fails, or is not what the source holds. */
export async function benchObjects(progress: (line: string) => void, options: ObjectsOptions): Promise<BenchTable> {
  const { here, missing } = contestantsHere();
  for (const sentence of missing) progress(sentence);
  const dir = mkdtempSync(join(tmpdir(), 'causeway-bench-objects-'));
  const buckets = ['source', ...here.map(bucketOf)];
  const servers: Server[] = [];
  try {
    for (const kind of ways) servers.push(await startServer(kind, join(dir, kind), buckets));
    const [s3, gcs] = servers.map(({ url }) => url);
    const places = { s3: s3 ?? '', gcs: gcs ?? '' };
    const requests = async () => (await Promise.all(servers.map((one) => one.requests()))).reduce((a, b) => a + b, 0);
    const rows: string[][] = [];
    for (const work of worksOf(options)) {
      progress(`writing ${work.name} to the source`);
      await fill(places, work);
      let beside: Measured | null = null;
      for (const contestant of here) {
        progress(`${contestant.name}: ${work.name}`);
        await requests();
        const { args, env } = contestant.command(places, work.way, bucketOf(contestant), work.prefix);
        const measured = await measureRun(args, env, contestant.timesItself);
        const asked = await requests();
        await check(places, bucketOf(contestant), work);
        if (contestant === plain) beside = measured;
        rows.push(rowOf(work, contestant, measured, asked, beside ?? measured));
      }
    }
    return { title: 'Objects between S3 and Cloud Storage', columns, rows, notes: [...notes, ...missing] };
  } finally {
    for (const server of servers) server.close();
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
  'CPU (s)',
  'peak RSS (MB)',
  'requests',
  'p50 (ms)',
  'p99 (ms)',
];
const notes = [
  'One run each, in turns, over the same stand-ins, each in a process of its own with its bodies on the disk, on the same machine: what one has, the others have not. x plain is the time beside that of the plain copy. CPU is of the copying process alone, which a busy machine changes least.',
  'The plain copy is a GET and a POST for each object, sixteen at once: no look, no checksum, no condition, no attributes. It is what the machine and the stand-ins can do.',
  'Causeway looks at both sides of each key, judges, copies with its checksum, attributes and stamp on condition; p50 and p99 are of one key, from the event to the acknowledged replica, without the way of the event.',
  'rclone lists, copies with `--transfers=16 --checkers=16`, and is timed with its start, which is short. Requests are those that the stand-ins were asked.',
];

function worksOf({ small, medium, largeMebibytes }: ObjectsOptions): Work[] {
  const kinds = [
    { kind: 'small', what: `${small} of 4 KiB`, count: small, sizeBytes: 4096 },
    { kind: 'medium', what: `${medium} of 1 MiB`, count: medium, sizeBytes: mebibyte },
    {
      kind: 'large',
      what: `1 of ${largeMebibytes} MiB`,
      count: largeMebibytes === 0 ? 0 : 1,
      sizeBytes: largeMebibytes * mebibyte,
    },
  ];
  return kinds
    .filter(({ count }) => count > 0)
    .flatMap(({ kind, what, count, sizeBytes }) =>
      ways.map((way) => ({ name: `${what}, from ${way}`, way, prefix: `${kind}/`, count, sizeBytes })),
    );
}

function bucketOf({ name }: Contestant): string {
  return `dest-${name.replaceAll(' ', '-').toLowerCase()}`;
}

function rowOf(work: Work, { name }: Contestant, measured: Measured, requests: number, beside: Measured): string[] {
  const { tookSeconds, cpuSeconds, peakBytes, seconds } = measured;
  const millis = (fraction: number) => (seconds.length === 0 ? '-' : (percentile(seconds, fraction) * 1000).toFixed(1));
  return [
    work.name,
    name,
    tookSeconds.toFixed(2),
    (work.count / tookSeconds).toFixed(1),
    ((work.count * work.sizeBytes) / tookSeconds / 1e6).toFixed(1),
    ratio(tookSeconds, beside.tookSeconds),
    cpuSeconds.toFixed(2),
    (peakBytes / mebibyte).toFixed(0),
    String(requests),
    millis(0.5),
    millis(0.99),
  ];
}

type Server = { url: string; requests(): Promise<number>; close(): void };

async function startServer(kind: Way, dir: string, buckets: string[]): Promise<Server> {
  const script = `${root}test/bench/objects/server.ts`;
  const args = ['--no-warnings', '--import', 'tsx', script, kind, dir, ...buckets];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the stand-ins have ended');
    return JSON.parse(value);
  };
  const { url } = z.object({ url: z.string() }).parse(await next());
  return {
    url,
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

async function fill(places: Places, { way, prefix, count, sizeBytes }: Work): Promise<void> {
  const { source } = await openEnds(places, way, 'none');
  const slots = createSlots(16);
  const write = (number: number) =>
    slots.run(() => writeOne(source.bucket, `${prefix}${String(number).padStart(6, '0')}`, sizeBytes));
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
async function check(places: Places, name: string, { way, prefix, count, sizeBytes }: Work): Promise<void> {
  const { destination } = await openEnds(places, way, name);
  let found = 0;
  for await (const page of destination.bucket.list(prefix, null))
    found += page.filter((one) => one.sizeBytes === sizeBytes).length;
  if (found !== count) throw new Error(`${name} has ${found} of ${count} objects below ${prefix}`);
}
