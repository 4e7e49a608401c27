// `objects:` as it is written and what it comes to: the document's table by default, each mistake in its place.
import { describe, expect, test } from 'vitest';
import { objectQueue, objectQueues, subscriptionOf } from '../../../shared/model/object-queues.ts';
import { type Edit, overrideStrategy } from '../../../shared/strategy/override.ts';
import { EXAMPLE, errorsAfter, strategyOf } from './example.ts';

const ASSETS = ['objects', 'pairs', 'assets'];
const TIERS = [...ASSETS, 'tiers'];

function objectsAfter(...edits: Edit[]) {
  return strategyOf(overrideStrategy(EXAMPLE, edits)).objects;
}

test('a strategy without the section replicates no objects', () => {
  expect(objectsAfter({ path: ['objects'], value: undefined })).toBeNull();
});

test('without tiers the document decides: critical at once, uploads in 5 minutes, logs in an hour, backups in a day', () => {
  const tiers = objectsAfter({ path: TIERS, value: undefined })?.pairs[0]?.tiers;
  expect(tiers?.map(({ prefix, everySeconds }) => [prefix, everySeconds])).toEqual([
    ['critical/', null],
    ['uploads/', 300],
    ['logs/', 3600],
    ['backups/', 86_400],
    ['', 300],
  ]);
  expect(objectsAfter()?.pairs[0]?.tiers).toEqual(tiers);
});

test('a tier with the empty prefix is the one for every other key', () => {
  const value = { all: { prefix: '', sync: 'realtime' } };
  expect(objectsAfter({ path: TIERS, value })?.pairs[0]?.tiers).toEqual([
    { name: 'all', prefix: '', everySeconds: null },
  ]);
});

test('what is left out is safe: a daily comparison that deletes at most 1,000 objects and a tenth', () => {
  const bare = { pairs: { assets: { buckets: { aws: 'left', gcp: 'right' } } } };
  expect(objectsAfter({ path: ['objects'], value: bare })).toMatchObject({
    pairs: [
      {
        name: 'assets',
        buckets: [
          { site: 'aws', bucket: 'left' },
          { site: 'gcp', bucket: 'right' },
        ],
      },
    ],
    queues: [],
    reconcile: { everySeconds: 86_400, deleteCap: 1000, deleteCapPercent: 10 },
    noProgress: { afterSeconds: 900, notify: [] },
  });
});

test('each site has three queues and one for each tier with a window', () => {
  const objects = strategyOf(EXAMPLE).objects;
  if (!objects) throw new Error('the example replicates no objects');
  const names = (site: string) => objectQueues(objects, site).map((queue) => objectQueue(objects, site, queue));
  const base = 'https://sqs.us-east-1.amazonaws.com/123456789012/gopro-objects';
  const windows = ['assets-user_uploads', 'assets-logs', 'assets-backups', 'assets-other'];
  expect(names('aws')).toEqual(['events', 'again', 'dead', ...windows].map((end) => `${base}-${end}`));
  const [topic] = names('gcp').slice(-1);
  expect(topic).toBe('projects/gopro-prod/topics/gopro-objects-assets-other');
  expect(subscriptionOf(topic ?? '')).toBe('projects/gopro-prod/subscriptions/gopro-objects-assets-other');
  expect(objectQueue({ ...objects, queues: [] }, 'aws', { kind: 'dead' })).toBeNull();
});

const WRONG: [what: string, edits: Edit[], rule: string, path: string, says: string][] = [
  [
    'one bucket alone',
    [{ path: [...ASSETS, 'buckets', 'gcp'], value: undefined }],
    'not-a-pair',
    'objects.pairs.assets.buckets',
    'found 1 bucket',
  ],
  [
    'a site that is not there',
    [{ path: [...ASSETS, 'buckets', 'azure'], value: 'b' }],
    'undeclared-site',
    'objects.pairs.assets.buckets.azure',
    'the sites are aws, gcp',
  ],
  [
    'a pace said twice',
    [{ path: [...TIERS, 'logs', 'sync'], value: 'realtime' }],
    'one-pace-each',
    'objects.pairs.assets.tiers.logs',
    'sync beside every',
  ],
  [
    'no pace',
    [{ path: [...TIERS, 'logs', 'every'], value: undefined }],
    'one-pace-each',
    'objects.pairs.assets.tiers.logs',
    'every: 5m',
  ],
  [
    'a window shorter than the tick',
    [{ path: [...TIERS, 'logs', 'every'], value: '30s' }],
    'not-allowed',
    'objects.pairs.assets.tiers.logs.every',
    'from 1m to 1d',
  ],
  [
    'a prefix twice',
    [{ path: [...TIERS, 'logs', 'prefix'], value: 'uploads/' }],
    'same-twice',
    'objects.pairs.assets.tiers.logs.prefix',
    'of tier "user_uploads"',
  ],
  [
    'a prefix of our own',
    [{ path: [...TIERS, 'logs', 'prefix'], value: '.causeway/conflicts/' }],
    'own-prefix',
    'objects.pairs.assets.tiers.logs.prefix',
    'never replicated',
  ],
  [
    'a prefix for what has none',
    [{ path: [...TIERS, 'other'], value: { prefix: 'x/', every: '5m' } }],
    'own-prefix',
    'objects.pairs.assets.tiers.other.prefix',
    'prefix: ""',
  ],
  [
    "a queue in the other provider's spelling",
    [{ path: ['objects', 'queues', 'gcp'], value: 'https://sqs.us-east-1.amazonaws.com/123456789012/x' }],
    'not-this-provider',
    'objects.queues.gcp',
    'projects/PROJECT/topics/NAME',
  ],
  [
    'a queue with a name that is too long',
    [{ path: ['objects', 'queues', 'aws'], value: `https://sqs.x.example/123456789012/${'q'.repeat(70)}` }],
    'queue-name-too-long',
    'objects.queues.aws',
    '80 are allowed',
  ],
  [
    'a bucket in two pairs',
    [{ path: ['objects', 'pairs', 'more'], value: { buckets: { aws: 'gopro-assets', gcp: 'more' } } }],
    'bucket-twice',
    'objects.pairs.more.buckets.aws',
    'is in the pairs "assets" and "more"',
  ],
  [
    "the register's bucket",
    [{ path: [...ASSETS, 'buckets', 'gcp'], value: 'gopro-register-gcp' }],
    'own-bucket',
    'objects.pairs.assets.buckets.gcp',
    'the register store "gcs-us-central1"',
  ],
  [
    "a beacon's bucket",
    [{ path: [...ASSETS, 'buckets', 'aws'], value: 'gopro-beacon-aws' }],
    'own-bucket',
    'objects.pairs.assets.buckets.aws',
    'the beacon of site "aws"',
  ],
  [
    'a channel that is not declared',
    [{ path: ['objects', 'no_progress', 'notify'], value: ['ops_taem'] }],
    'undeclared-channel',
    'objects.no_progress.notify[0]',
    'Did you mean "ops_team"?',
  ],
];

describe('refused', () => {
  test.each(WRONG)('%s', (_, edits, rule, path, says) => {
    const issue = errorsAfter(...edits).find((one) => one.rule === rule && one.path === path);
    expect(errorsAfter(...edits).map((one) => [one.rule, one.path])).toContainEqual([rule, path]);
    expect(issue?.message).toContain(says);
  });
});
