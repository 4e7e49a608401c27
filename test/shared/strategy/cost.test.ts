// `cost:` as it is written and what it comes to: safe defaults, each mistake in its place.
import { describe, expect, test } from 'vitest';
import { environmentOf } from '../../../shared/model/cost-plan.ts';
import { type Edit, overrideStrategy } from '../../../shared/strategy/override.ts';
import { EXAMPLE, errorsAfter, issuesOf, lineOf, spoilt, strategyOf } from './example.ts';

function costAfter(...edits: Edit[]) {
  return strategyOf(overrideStrategy(EXAMPLE, edits)).cost;
}

test('a strategy without the section looks at no costs', () => {
  expect(costAfter({ path: ['cost'], value: undefined })).toBeNull();
});

test('the example reads both bills, keeps them at both sites and holds them against the shares of the strategy document', () => {
  expect(costAfter()).toMatchObject({
    buckets: [
      { site: 'aws', bucket: 'gopro-cost' },
      { site: 'gcp', bucket: 'gopro-cost-gcp' },
    ],
    sources: [
      { provider: 'aws', account: '123456789012' },
      {
        provider: 'gcp',
        project: 'gopro-billing',
        dataset: 'billing',
        table: 'gcp_billing_export_v1_0123AB_456789_ABCDEF',
        location: 'US',
      },
    ],
    restateWindowDays: 10,
    allocation: {
      byEnvironment: [
        { name: 'production', percent: 70 },
        { name: 'staging', percent: 20 },
        { name: 'development', percent: 10 },
      ],
      byService: [
        { name: 'compute', percent: 45 },
        { name: 'database', percent: 30 },
        { name: 'storage', percent: 10 },
        { name: 'networking', percent: 10 },
        { name: 'other', percent: 5 },
      ],
    },
    budgets: [{ name: 'whole_estate', monthly: { amount: '3000', currency: 'USD' }, environment: null }],
    anomalies: { atLeast: [{ amount: '20', currency: 'USD' }], notify: ['ops_team'] },
  });
});

test('what is left out is usual: ten days restated, the three environments, thresholds and a forecast', () => {
  const bare = {
    buckets: { aws: 'a', gcp: 'b' },
    sources: { gcp: { export: 'example.com:billing.set.table' } },
    budgets: { all: { monthly: '1200.50 EUR' } },
  };
  expect(costAfter({ path: ['cost'], value: bare })).toEqual({
    buckets: [
      { site: 'aws', bucket: 'a' },
      { site: 'gcp', bucket: 'b' },
    ],
    sources: [{ provider: 'gcp', project: 'example.com:billing', dataset: 'set', table: 'table', location: 'US' }],
    restateWindowDays: 10,
    environments: {
      tag: 'environment',
      named: [
        { name: 'production', values: ['production', 'prod'] },
        { name: 'staging', values: ['staging', 'stage'] },
        { name: 'development', values: ['development', 'dev'] },
      ],
    },
    allocation: { byEnvironment: [], byService: [] },
    budgets: [
      {
        name: 'all',
        monthly: { amount: '1200.5', currency: 'EUR' },
        provider: null,
        environment: null,
        category: null,
        thresholdPercents: [50, 80, 100],
        forecastPercent: 110,
        notify: [],
      },
    ],
    anomalies: { atLeast: [], notify: [] },
    savings: {},
  });
});

test("a tag's value means an environment however it is capitalised, or none", () => {
  const environments = costAfter()?.environments;
  if (!environments) throw new Error('the example has no costs');
  expect(['prod', 'Production', 'STAGE', 'qa', ''].map((value) => environmentOf(environments, value))).toEqual([
    'production',
    'production',
    'staging',
    null,
    null,
  ]);
});

const COST = ['cost'];
const BUDGET = [...COST, 'budgets', 'whole_estate'];

const WRONG: [what: string, edits: Edit[], rule: string, path: string, says: string][] = [
  [
    'a bucket at a site that is not there',
    [{ path: [...COST, 'buckets', 'azure'], value: 'b' }],
    'undeclared-site',
    'cost.buckets.azure',
    'the sites are aws, gcp',
  ],
  ['no source', [{ path: [...COST, 'sources'], value: {} }], 'no-cost-source', 'cost.sources', 'sources.aws'],
  [
    'an account that lost its leading zero',
    [{ path: [...COST, 'sources', 'aws', 'account'], value: 12345678901 }],
    'not-allowed',
    'cost.sources.aws.account',
    '12 digits, quoted',
  ],
  [
    'a table without its data set',
    [{ path: [...COST, 'sources', 'gcp', 'export'], value: 'gopro-billing.table' }],
    'not-allowed',
    'cost.sources.gcp.export',
    'PROJECT.DATASET.TABLE',
  ],
  [
    'a window of hours',
    [{ path: [...COST, 'restate_window'], value: '36h' }],
    'not-allowed',
    'cost.restate_window',
    'whole days',
  ],
  [
    'shares of environments that are too much',
    [{ path: [...COST, 'allocation', 'by_environment', 'staging'], value: 25 }],
    'shares-not-100',
    'cost.allocation.by_environment',
    'sum to 105',
  ],
  [
    'shares of services that are too little',
    [{ path: [...COST, 'allocation', 'by_service', 'other'], value: undefined }],
    'shares-not-100',
    'cost.allocation.by_service',
    'sum to 95',
  ],
  [
    'a share of an environment that is not declared',
    [
      {
        path: [...COST, 'allocation', 'by_environment'],
        value: { production: 70, stagin: 20, development: 10 },
      },
    ],
    'undeclared-environment',
    'cost.allocation.by_environment.stagin',
    'Did you mean "staging"?',
  ],
  [
    'a budget of an environment that is not declared',
    [{ path: [...BUDGET, 'environment'], value: 'prodution' }],
    'undeclared-environment',
    'cost.budgets.whole_estate.environment',
    'Did you mean "production"?',
  ],
  [
    'a value of two environments',
    [{ path: [...COST, 'environments', 'staging'], value: ['Prod'] }],
    'same-twice',
    'cost.environments.staging[0]',
    'stands for "production" and for "staging"',
  ],
  [
    'an amount without its currency',
    [{ path: [...BUDGET, 'monthly'], value: '3000' }],
    'not-allowed',
    'cost.budgets.whole_estate.monthly',
    'such as 3000 USD',
  ],
  [
    'an amount of nothing',
    [{ path: [...BUDGET, 'monthly'], value: '0.00 USD' }],
    'not-allowed',
    'cost.budgets.whole_estate.monthly',
    'such as 3000 USD',
  ],
  [
    'a channel that is not declared',
    [{ path: [...BUDGET, 'notify'], value: ['ops_taem'] }],
    'undeclared-channel',
    'cost.budgets.whole_estate.notify[0]',
    'Did you mean "ops_team"?',
  ],
  [
    'two least amounts of one currency',
    [{ path: [...COST, 'anomalies', 'at_least'], value: ['20 USD', '30 USD'] }],
    'same-twice',
    'cost.anomalies.at_least',
    'two amounts of USD',
  ],
  [
    "a beacon's bucket, which is public",
    [{ path: [...COST, 'buckets', 'aws'], value: 'gopro-beacon-aws' }],
    'own-bucket',
    'cost.buckets.aws',
    'the beacon of site "aws"',
  ],
  [
    'a bucket that is replicated',
    [{ path: [...COST, 'buckets', 'gcp'], value: 'gopro-assets-gcp' }],
    'own-bucket',
    'cost.buckets.gcp',
    'replicated as pair "assets"',
  ],
];

describe('refused', () => {
  test.each(WRONG)('%s', (_, edits, rule, path, says) => {
    const issue = errorsAfter(...edits).find((one) => one.rule === rule && one.path === path);
    expect(errorsAfter(...edits).map((one) => [one.rule, one.path])).toContainEqual([rule, path]);
    expect(issue?.message).toContain(says);
  });
});

test('a mistake is told in its line, with the nearest word', () => {
  const text = spoilt('restate_window:', 'restate_windw:');
  const [issue] = issuesOf(text);
  expect(issue?.message).toContain('Did you mean "restate_window"?');
  expect(lineOf(text, issue!)).toBe('  restate_windw: 10d');
  const uneven = spoilt('staging: 20', 'staging: 21');
  const [sum] = issuesOf(uneven);
  expect(sum?.message).toBe(
    'the target shares sum to 101, and to 100 they should: production 70 + staging 21 + development 10.',
  );
  expect(lineOf(uneven, sum!)).toContain('by_environment:');
});
