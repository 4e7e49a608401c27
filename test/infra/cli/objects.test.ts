// `causeway objects`: two real wire protocols, what a person is told before and after, and exit codes that a script can trust.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { startEstate, type TestEstate } from './estate.ts';

let estate: TestEstate;
beforeEach(async () => {
  estate = await startEstate();
});
afterEach(() => estate.close());

/** A user's own upload, at Amazon. */
async function upload(key: string, body: string): Promise<void> {
  const { env } = estate.terminal();
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: env.CAUSEWAY_ENDPOINT_S3 ?? '',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });
  await client.send(
    new PutObjectCommand({ Bucket: 'gopro-assets', Key: key, Body: Buffer.from(body), ContentType: 'text/plain' }),
  );
  client.destroy();
}

async function bucketAt(site: 'aws' | 'gcp') {
  const opened = openEstate(estate.terminal(), {});
  const bucket = site === 'aws' ? 'gopro-assets' : 'gopro-assets-gcp';
  return opened.objectBucket(siteOf(opened.strategy, site), bucket);
}

async function keysAt(site: 'aws' | 'gcp'): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of (await bucketAt(site)).list('', null)) keys.push(...page.map(({ key }) => key));
  return keys.filter((key) => !key.startsWith('.causeway/'));
}

const KEYS = ['critical/a.txt', 'logs/with space+plus%', 'uploads/zero', 'uploads/é/\u{1f600}'];

async function fill(): Promise<void> {
  for (const key of KEYS) await upload(key, key === 'uploads/zero' ? '' : `the text of ${key}`);
}

describe('objects sync', () => {
  it('shows what it would do and cost, and does nothing', async () => {
    await fill();
    const { out, err, code } = await estate.causeway('objects', 'sync', '--dry-run', '--list');
    expect(err).toBe('');
    expect(code).toBe(1);
    for (const key of KEYS) expect(out).toContain(`copy to gcp    ${key}  `);
    expect(out).toContain('Pair assets  gopro-assets (aws) and gopro-assets-gcp (gcp), never compared before');
    expect(out).toMatch(/copy to gcp +4 objects, \d+ B \(4 missing there, 0 differ\)/);
    expect(out).toMatch(/costs about +<?\$0\.\d+: requests <?\$0\.\d+, traffic <\$0\.0001; then <\$0\.0001 a month/);
    expect(out).toMatch(/prices +of 2026-09-20, S3 Standard/);
    expect(out).toContain('dry run: nothing was changed');
    expect(await keysAt('gcp')).toEqual([]);
  });

  it('off a terminal does nothing without --yes, and says so', async () => {
    await fill();
    const { out, code } = await estate.causeway('objects', 'sync');
    expect(code).toBe(1);
    expect(out).toContain('not-confirmed: nothing was changed: add --yes to do it');
    expect(await keysAt('gcp')).toEqual([]);
  });

  it('on a terminal asks, and takes nothing but yes for yes', async () => {
    await fill();
    estate.answer = 'y';
    expect((await estate.causeway('objects', 'sync')).code).toBe(1);
    expect(await keysAt('gcp')).toEqual([]);
    estate.answer = 'yes';
    const { out, err, code } = await estate.causeway('objects', 'sync');
    expect(err).toContain('Pair assets');
    expect(out).toContain('done: assets: copied to gcp 4 objects');
    expect(code).toBe(0);
    expect(await keysAt('gcp')).toEqual(KEYS);
  });

  it('back-fills a pair, finds nothing to do the second time, and carries a delete over', async () => {
    await fill();
    const first = await estate.causeway('objects', 'sync', '--yes', '--reason', 'a new pair');
    expect(first.out).toMatch(
      /done: assets: copied to gcp 4 objects, \d+ B\n {2}it cost about <?\$0\.\d+ \(<?\$0\.\d+ were expected\)/,
    );
    expect(first.code).toBe(0);
    const again = await estate.causeway('objects', 'sync', '--dry-run');
    expect(again.out).toContain('last alike ');
    const done = await estate.causeway('objects', 'sync', '--yes');
    expect(done.code).toBe(0);
    const unchanged = await estate.causeway('objects', 'sync', '--dry-run');
    expect(unchanged.out).toMatch(/unchanged +4 objects/);
    expect(unchanged.out).toContain('dry run: nothing differs');
    expect(unchanged.code).toBe(0);
    const look = await (await bucketAt('gcp')).look('logs/with space+plus%');
    if (look.kind === 'absent') throw new Error('it is not there');
    await (await bucketAt('gcp')).remove(look.object);
    const deleting = await estate.causeway('objects', 'sync', '--yes');
    expect(deleting.out).toContain('deleted at aws 1');
    expect(await keysAt('aws')).toEqual(KEYS.filter((key) => !key.startsWith('logs/')));
    const { out } = await estate.causeway('journal', 'show');
    expect(out).toContain('objects sync --pair assets');
    expect(out).toContain('a new pair');
  });

  it('refuses an emptied bucket; --force needs a reason, and is journaled before anything is done', async () => {
    await fill();
    for (let run = 0; run < 2; run += 1) await estate.causeway('objects', 'sync', '--yes');
    const bucket = await bucketAt('aws');
    for (const key of KEYS) {
      const look = await bucket.look(key);
      if (look.kind === 'present') await bucket.remove(look.object);
    }
    const refused = await estate.causeway('objects', 'sync', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('refused gopro-assets (aws) lists nothing, and held 4 of these objects');
    expect(refused.out).toContain('--force --reason');
    expect(await keysAt('gcp')).toEqual(KEYS);
    const unexplained = await estate.causeway('objects', 'sync', '--yes', '--force');
    expect(unexplained.code).toBe(2);
    const forced = await estate.causeway(
      'objects',
      'sync',
      '--yes',
      '--force',
      '--reason',
      'the bucket was cleared on purpose',
    );
    expect(forced.out).toContain('deleted at gcp 4');
    expect(await keysAt('gcp')).toEqual([]);
    const { out } = await estate.causeway('journal', 'show');
    expect(out).toContain('--force (begins against the guards)');
    expect(out).toContain('the bucket was cleared on purpose');
  });

  it('keeps to one direction and one prefix', async () => {
    await fill();
    const gcp = await bucketAt('gcp');
    await upload('uploads/only-here', 'x');
    const back = await estate.causeway('objects', 'sync', '--yes', '--direction', 'gcp-to-aws');
    expect(back.out).toMatch(/left +5 keys differ the other way/);
    expect(await keysAt('gcp')).toEqual([]);
    const one = await estate.causeway('objects', 'sync', '--yes', '--prefix', 'critical/', '--direction', 'aws-to-gcp');
    expect(one.code).toBe(0);
    expect(await keysAt('gcp')).toEqual(['critical/a.txt']);
    expect(gcp.name).not.toBe('');
  });

  it.each([
    [['--direction', 'sideways'], 'it has both, aws-to-gcp, gcp-to-aws'],
    [['--pair', 'asets'], 'the pairs are assets'],
    [['--prefix', '.causeway/x'], "Causeway's own records"],
    [['--dry-run', '--yes'], 'leave one'],
  ])('says what is wrong with %j, and exits 2', async (options, says) => {
    const { err, code } = await estate.causeway('objects', 'sync', ...options);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  it('exits 2 when a bucket does not answer', async () => {
    estate.faults['gcs-us-central1'] = { kind: 'refuse', status: 503, code: 'backendError' };
    const { err, code } = await estate.causeway('objects', 'sync', '--dry-run');
    expect(code).toBe(2);
    expect(err).toContain('failed: ');
  });
});
