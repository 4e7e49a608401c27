// A day that is too large for one request, over both clouds' wire protocols: in parts, through a draft, and from one bucket to the other.
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAws } from '../../../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../../../gcp/adapters/open-google.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';
import { bring } from '../../../../shared/cost/snapshot/level.ts';
import { createShelf, type Shelf } from '../../../../shared/cost/snapshot/shelf.ts';
import { takeDay } from '../../../../shared/cost/snapshot/take-day.ts';
import { systemChance, systemClock } from '../../../../shared/engine/system.ts';
import type { CostRow } from '../../../../shared/model/cost.ts';
import type { CostDay } from '../../../../shared/model/cost-day.ts';
import { createBenchBill } from '../../../bench/cost-bill.ts';

/** What one part holds: twelve of them, and S3's stand-in takes them so small. */
const partBytes = 20_000;
const date = '2026-06-01';
const source = createBenchBill({ dates: [date], rowsPerDay: 20_000, restated: false });

let servers: HttpServer[];
let shelves: Record<'aws' | 'gcp', Shelf>;
beforeEach(async () => {
  const where = { host: '127.0.0.1', port: 0 };
  const s3 = await startS3Standin({ ...where, buckets: [{ name: 'costs' }], minimumPartBytes: 1000 });
  const gcs = await startGcsStandin({ ...where, buckets: [{ name: 'costs' }] });
  servers = [s3, gcs];
  const say = () => undefined;
  const { now } = systemClock;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const aws = openAws({ credentials, witnessCredentials: null, s3Endpoint: s3.url, route53Endpoint: null, say, now });
  const endpoints = { dns: null, sql: null, container: null, pubsub: null, secretManager: null };
  const google = { project: 'p', accessToken: 'local', endpoints: { ...endpoints, storage: gcs.url }, say, now };
  const shelf = async (site: 'aws' | 'gcp', cloud: Pick<typeof aws, 'objectBucket'>) =>
    createShelf(site, await cloud.objectBucket({ region: 'us-east-1' }, 'costs'), systemClock, systemChance);
  shelves = { aws: await shelf('aws', aws), gcp: await shelf('gcp', openGoogle(google)) };
});
afterEach(() => Promise.all(servers.map((server) => server.close())));

async function take(shelf: Shelf, takenAt: string) {
  const range = { fromDate: date, toDate: '2026-06-02' };
  const [told] = await source.totals(range);
  const work = { shelf, provider: 'aws', takenAt, newId: systemChance.id, partBytes } as const;
  return takeDay(work, told!, source.rows(range));
}

async function rowsIn(shelf: Shelf, { rowsKey }: CostDay): Promise<CostRow[]> {
  const look = await shelf.ask((bucket) => bucket.look(rowsKey));
  if (look.kind === 'absent') throw new Error(`${rowsKey} is not there`);
  const chunks: Uint8Array[] = [];
  const read = await shelf.ask((bucket) => bucket.read(look.object, null));
  if (read.kind === 'bytes') for await (const chunk of read.bytes) chunks.push(chunk);
  const lines = gunzipSync(Buffer.concat(chunks)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

async function keysOf(shelf: Shelf): Promise<string[]> {
  const keys: string[] = [];
  await shelf.ask(async (bucket) => {
    for await (const page of bucket.list('', null)) keys.push(...page.map(({ key }) => key));
  });
  return keys;
}

test.each([
  ['aws', 'gcp'],
  ['gcp', 'aws'],
] as const)('taken into the bucket at %s and brought to that at %s', async (from, to) => {
  const outcome = await take(shelves[from], '2026-06-02T06:00:00.000Z');
  if (outcome.kind !== 'taken') throw new Error(`it was ${outcome.kind}`);
  const work = { provider: 'aws', newId: systemChance.id, partBytes } as const;
  expect(await bring(work, outcome.day, shelves[from], shelves[to])).toBe(true);
  expect(await bring(work, outcome.day, shelves[from], shelves[to])).toBe(false);
  const rows = await rowsIn(shelves[to], outcome.day);
  expect(rows).toHaveLength(20_000);
  expect(rows).toEqual(await rowsIn(shelves[from], outcome.day));
  expect((await take(shelves[from], '2026-06-03T06:00:00.000Z')).kind).toBe('unchanged');
  for (const shelf of Object.values(shelves)) {
    expect(await keysOf(shelf)).toEqual(['cost/v1/aws/2026/06/01/day.json', outcome.day.rowsKey]);
  }
});
