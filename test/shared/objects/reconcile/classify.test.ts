// What the listings and the baseline make of a key; what a run refuses; what it costs.
import { describe, expect, test } from 'vitest';
import type { BucketPair, ListedObject } from '../../../../shared/model/replica.ts';
import type { AgreedKey } from '../../../../shared/objects/reconcile/agreed.ts';
import { agreedLine, parseAgreedLine } from '../../../../shared/objects/reconcile/agreed.ts';
import { classify } from '../../../../shared/objects/reconcile/classify.ts';
import { costOf, expectedUsage, storedMonthlyDollars } from '../../../../shared/objects/reconcile/cost.ts';
import { deleteLimit, refusals } from '../../../../shared/objects/reconcile/guards.ts';
import { egressDollars, PRICES } from '../../../../shared/objects/reconcile/prices.ts';
import { emptyTally, type Tally } from '../../../../shared/objects/reconcile/tally.ts';

const s3 = (tag: string, modifiedMillis: number, sizeBytes = 10): ListedObject => ({
  key: 'k',
  tag,
  version: null,
  revision: null,
  sizeBytes,
  crc32c: null,
  modifiedMillis,
  stamp: null,
});
const gcs = (tag: string, revision: number, modifiedMillis: number, sizeBytes = 10): ListedObject => ({
  ...s3(tag, modifiedMillis, sizeBytes),
  revision,
});
const agreed: AgreedKey = {
  key: 'k',
  left: { tag: 'etag', revision: 1, modifiedMillis: 1000 },
  right: { tag: '77', revision: 2, modifiedMillis: 1500 },
  sizeBytes: 10,
  origin: { site: 'aws', version: 'v1', timeMillis: 1000 },
};
const LEFT = s3('etag', 1000);
const RIGHT = gcs('77', 2, 1500);

test.each([
  ['as both were', LEFT, RIGHT, agreed, { kind: 'unchanged' }],
  ['agreed on and gone from both', null, null, agreed, { kind: 'gone' }],
  ['on the left alone, never agreed on', LEFT, null, null, { kind: 'missing', to: 'right', sizeBytes: 10 }],
  ['on the right alone, never agreed on', null, RIGHT, null, { kind: 'missing', to: 'left', sizeBytes: 10 }],
  ['gone from the right, the left as it was', LEFT, null, agreed, { kind: 'deleted', to: 'left', sizeBytes: 10 }],
  ['gone from the left, the right as it was', null, RIGHT, agreed, { kind: 'deleted', to: 'right', sizeBytes: 10 }],
  [
    'gone from the right, the left written since',
    s3('new', 2000),
    null,
    agreed,
    { kind: 'missing', to: 'right', sizeBytes: 10 },
  ],
  ['the left written since', s3('new', 2000, 20), RIGHT, agreed, { kind: 'different', to: 'right', sizeBytes: 20 }],
  ['the right written since', LEFT, gcs('78', 1, 2000, 30), agreed, { kind: 'different', to: 'left', sizeBytes: 30 }],
  [
    'attributes alone changed at Cloud Storage',
    LEFT,
    gcs('77', 3, 1900),
    agreed,
    { kind: 'different', to: 'left', sizeBytes: 10 },
  ],
  [
    'attributes alone changed at S3: same ETag, another time',
    s3('etag', 1900),
    RIGHT,
    agreed,
    { kind: 'different', to: 'right', sizeBytes: 10 },
  ],
  ['both written since, in one size', s3('new', 2000), gcs('78', 1, 2100), agreed, { kind: 'unsure', sizeBytes: 10 }],
  ['never compared, in one size', LEFT, RIGHT, null, { kind: 'unsure', sizeBytes: 10 }],
  ['never compared, the left newer', s3('x', 9000, 20), RIGHT, null, { kind: 'different', to: 'right', sizeBytes: 20 }],
  ['never compared, the right newer', s3('x', 900, 20), RIGHT, null, { kind: 'different', to: 'left', sizeBytes: 10 }],
])('%s', (_, left, right, row, expected) => {
  expect(classify({ key: 'k', left, right, agreed: row })).toEqual(expected);
});

test('a row of the baseline reads back as it was, whatever its key', () => {
  const row = { ...agreed, key: 'a\n"b"\u{1f600}/../ ' };
  expect(agreedLine(row)).not.toContain('\n');
  expect(parseAgreedLine(agreedLine(row))).toEqual(row);
});

const PAIR: BucketPair = {
  name: 'assets',
  buckets: [
    { site: 'aws', bucket: 'gopro-assets' },
    { site: 'gcp', bucket: 'gopro-assets-gcp' },
  ],
  tiers: [],
};
const LIMITS = { everySeconds: 86_400, deleteCap: 1000, deleteCapPercent: 10 };

function tally(change: (tally: Tally) => void): Tally {
  const made = emptyTally();
  change(made);
  return made;
}
const some = (objects: number, bytes = 0, parts = objects) => ({ objects, bytes, parts });

describe('before anything is done', () => {
  const listing = (left: number, right: number, known: number) =>
    tally((to) => {
      to.listed = { left: some(left), right: some(right) };
      to.agreed = known;
    });

  test.each([
    [
      'an empty listing of what held objects',
      listing(0, 500, 500),
      'empty-listing',
      'gopro-assets (aws) lists nothing',
    ],
    [
      'an empty listing, however few there were',
      listing(3, 0, 3),
      'empty-listing',
      'gopro-assets-gcp (gcp) lists nothing',
    ],
    [
      'a listing of less than half',
      listing(500, 249, 500),
      'shrunken-listing',
      '249 objects, less than half of the 500',
    ],
  ])('%s is refused', (_, counted, rule, says) => {
    const [refusal, ...others] = refusals(counted, PAIR, LIMITS);
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({ rule });
    expect(refusal?.because).toContain(says);
    expect(refusal?.wayOut).toContain('--force');
  });

  test.each([
    ['a new pair, one side empty', listing(1000, 0, 0)],
    ['half of it', listing(500, 250, 500)],
    ['a few objects, most of them gone', listing(1, 9, 9)],
  ])('%s is not refused', (_, counted) => {
    expect(refusals(counted, PAIR, LIMITS)).toEqual([]);
  });

  test.each([
    ['a tenth of what is known', 500, 50],
    ['no more than the cap, however much is known', 1_000_000, 1000],
    ['always a handful', 20, 10],
  ])('deletes: %s', (_, known, limit) => {
    expect(deleteLimit(known, LIMITS)).toBe(limit);
    const deleting = (objects: number) =>
      tally((to) => {
        to.listed = { left: some(known), right: some(known) };
        to.agreed = known;
        to.deleted.right = some(objects);
      });
    expect(refusals(deleting(limit), PAIR, LIMITS)).toEqual([]);
    expect(refusals(deleting(limit + 1), PAIR, LIMITS)).toEqual([
      expect.objectContaining({ rule: 'delete-cap', because: expect.stringContaining(`at most ${limit} are`) }),
    ]);
  });

  test('a cap of nothing deletes nothing', () => {
    expect(deleteLimit(1_000_000, { deleteCap: 0, deleteCapPercent: 10 })).toBe(0);
  });
});

describe('the price', () => {
  const providers = { left: 'aws', right: 'gcp' } as const;
  const million = 1_000_000;

  test('of a million objects that have not changed is a cent', () => {
    const cost = costOf(
      expectedUsage(
        tally((to) => {
          to.listed = { left: some(million), right: some(million) };
          to.agreed = million;
          to.unchanged = some(million);
        }),
      ),
      providers,
    );
    expect(cost.egress).toBe(0);
    expect(cost.total).toBeCloseTo(0.01, 6);
  });

  test('of a first copy of a million small objects to Cloud Storage is their writes, reads, looks and traffic', () => {
    const bytes = million * 4096;
    const counted = tally((to) => {
      to.listed.left = some(million);
      to.missing.right = some(million, bytes);
    });
    const { requests, egress } = costOf(expectedUsage(counted), providers);
    // Writes 5.00, the question whether each was deleted there 5.00, reads 0.40, looks 0.40 and 0.80, listing 0.005.
    expect(requests).toBeCloseTo(11.605, 2);
    expect(egress).toBeCloseTo((bytes / 1e9) * 0.09, 6);
    expect(storedMonthlyDollars(counted, providers)).toBeCloseTo((bytes / 1024 ** 3) * 0.02, 6);
  });

  test('of traffic falls with its amount at AWS, and is by the gibibyte at Google', () => {
    expect(egressDollars(PRICES.aws, 1e12)).toBeCloseTo(90, 6);
    expect(egressDollars(PRICES.aws, 60e12)).toBeCloseTo(10_000 * 0.09 + 40_000 * 0.085 + 10_000 * 0.07, 6);
    expect(egressDollars(PRICES.gcp, 1024 ** 4)).toBeCloseTo(1024 * 0.12, 6);
  });

  test('says when and where it was read', () => {
    for (const { asOf, source, scope } of Object.values(PRICES)) {
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(source).toMatch(/^https:\/\//);
      expect(scope).not.toBe('');
    }
  });
});
