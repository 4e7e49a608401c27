// Every error names its line and column, what was found, what is allowed, and the way out.
import { describe, expect, test } from 'vitest';
import { parseStrategy } from '../../../shared/strategy/parse.ts';
import { EXAMPLE, errorsAfter, issuesOf, lineOf, spoilt } from './example.ts';

const SCENARIOS = EXAMPLE.indexOf('scenarios:');

type Case = [what: string, text: string, line: string, rule: string, says: string];

const CASES: Case[] = [
  [
    'a key misspelt',
    spoilt('region: us-east-1', 'regoin: us-east-1'),
    '    regoin: us-east-1',
    'unknown-key',
    'Did you mean "region"?',
  ],
  [
    'a section misspelt',
    spoilt('objectives:', 'objectivs:'),
    'objectivs:',
    'unknown-key',
    'Did you mean "objectives"?',
  ],
  ['a duration as a number', spoilt('rto: 5m', 'rto: 5'), '  rto: 5', 'not-allowed', 'found the number 5'],
  ['a duration of nothing', spoilt('beat: 3s', 'beat: 0s'), '  beat: 0s', 'not-allowed', 'longer than 0s'],
  [
    'a word misspelt',
    spoilt('guard: enforce', 'guard: enforced'),
    '  guard: enforced',
    'not-allowed',
    'Did you mean "enforce"?',
  ],
  ['a kind misspelt', spoilt('kind: sns', 'kind: sms'), '    kind: sms', 'not-allowed', 'Did you mean "sns"?'],
  [
    'a missing key',
    spoilt('    service_url: https://aws.learn.gopro.example/orders\n', ''),
    '  aws:',
    'missing',
    '"service_url" is missing',
  ],
  [
    'an address that is a name',
    spoilt('[203.0.113.10]', '[www.example.com]'),
    '    addresses: [www.example.com]',
    'not-allowed',
    'an IPv4 address',
  ],
  [
    'a URL without its scheme',
    spoilt('https://aws.learn', 'aws.learn'),
    '    health_url: aws.learn.gopro.example/healthz',
    'not-allowed',
    'http(s) URL',
  ],
  [
    'a name with a final dot',
    spoilt('name: learn.gopro.example', 'name: learn.gopro.example.'),
    '  name: learn.gopro.example.',
    'not-allowed',
    'without a final dot',
  ],
  [
    'a site name in capitals',
    spoilt('  aws:\n    provider', '  AWS:\n    provider'),
    '  AWS:',
    'not-allowed',
    'cannot be a key here',
  ],
  [
    'traffic to a site that is not there',
    spoilt('route_to_gcp', 'route_to_azure', SCENARIOS),
    '      - update_dns: route_to_azure',
    'undeclared-site',
    'the sites are aws, gcp',
  ],
  [
    'an action of a site that is not there',
    spoilt('scale_gcp', 'scale_gpc', SCENARIOS),
    '      - scale_gpc_cluster: min_replicas=10',
    'undeclared-site',
    'Did you mean "gcp"?',
  ],
  [
    'a severity that is none',
    spoilt('severity=high', 'severity=hihg'),
    '      - create_incident: severity=hihg',
    'not-allowed',
    'one of severity=critical, severity=high',
  ],
  [
    'an action misspelt',
    spoilt('create_incident', 'create_incidnet'),
    '      - create_incidnet: severity=high',
    'unknown-action',
    'Did you mean "create_incident"?',
  ],
  [
    'an action of an alert in a scenario',
    spoilt('- notify: ops_team', '- trigger: auto_failover'),
    '      - trigger: auto_failover',
    'unknown-action',
    'an action of an alert, not of a scenario',
  ],
  [
    'an action of a scenario in an alert',
    spoilt('investigate: true', 'update_dns: route_to_gcp'),
    '      - update_dns: route_to_gcp',
    'unknown-action',
    'an action of a scenario, not of an alert',
  ],
  [
    'a value that an action does not take',
    spoilt('min_replicas=10', 'min_replicas=0', SCENARIOS),
    '      - scale_gcp_cluster: min_replicas=0',
    'not-allowed',
    'min_replicas=N',
  ],
  [
    'two actions in one item',
    spoilt('- notify: ops_team\n      - create', '- notify: ops_team\n        create'),
    '      - notify: ops_team',
    'one-action-each',
    'exactly one action',
  ],
  [
    'a trigger of a site that is not there',
    spoilt('trigger: gcp_', 'trigger: azure_'),
    '    trigger: azure_health_check_failed',
    'undeclared-site',
    'no site "azure"',
  ],
  [
    'a channel that is not declared',
    spoilt('notify: slack', 'notify: slakc'),
    '      - notify: slakc',
    'undeclared-channel',
    'Did you mean "slack"?',
  ],
  [
    'somebody to escalate to who is not declared',
    spoilt('escalate: dba_team', 'escalate: nobody'),
    '      - escalate: nobody',
    'undeclared-channel',
    'Declare it below notifications.',
  ],
  [
    'a store that is not declared',
    spoilt('store: witness', 'store: witnes'),
    '    store: witnes',
    'undeclared-store',
    'Did you mean "witness"?',
  ],
  [
    'an alert that is not declared',
    spoilt('alert: high_error_rate', 'alert: high_error_rates'),
    '    speaks: { about: alert, alert: high_error_rates }',
    'undeclared-alert',
    'Did you mean "high_error_rate"?',
  ],
  [
    'a scenario that is not declared',
    spoilt('trigger: auto_failover', 'trigger: somewhere'),
    '      - trigger: somewhere',
    'undeclared-scenario',
    'auto_failover',
  ],
  [
    'a metric that nobody measures',
    spoilt('p99_latency > 1000ms', 'p98_latency > 1000ms'),
    '    condition: p98_latency > 1000ms',
    'unknown-metric',
    'Did you mean "p99_latency"?',
  ],
  [
    'a lag without a unit',
    spoilt('lag > 10s', 'lag > 10'),
    '    condition: db_replication_lag > 10',
    'wrong-unit',
    'found "10"',
  ],
  [
    'a rate in seconds',
    spoilt('rate > 0.05', 'rate > 5s'),
    '    condition: error_rate > 5s',
    'wrong-unit',
    'a plain number such as 0.05',
  ],
  [
    'no comparison',
    spoilt('rate > 0.05', 'rate 0.05'),
    '    condition: error_rate 0.05',
    'not-allowed',
    'one of > >= < <=',
  ],
  ['a weight above 255', spoilt('aws: 70', 'aws: 700'), '      aws: 700', 'not-allowed', 'from 0 to 255'],
  [
    'a weight for no site',
    spoilt('aws: 70', 'azure: 70'),
    '      azure: 70',
    'undeclared-site',
    'the sites are aws, gcp',
  ],
  [
    'no weight at all',
    spoilt('aws: 70\n      gcp: 30', 'aws: 0\n      gcp: 0'),
    '  - weighted:',
    'no-weight',
    'at least one weight',
  ],
  [
    'a continent misspelt',
    spoilt('europe: gcp', 'europa: gcp'),
    '      europa: gcp',
    'unknown-key',
    'Did you mean "europe"?',
  ],
  [
    'a replica in another region than its site',
    spoilt('region: us-central1\n      lag', 'region: us-east1\n      lag'),
    '      region: us-east1',
    'replication-differs-from-site',
    '"us-east1" is not that of site "gcp", which says "us-central1"',
  ],
  [
    'a replica of another instance than its site',
    spoilt('instance: gopro-prod-db-replica\n', 'instance: gopro-db\n'),
    '      instance: gopro-db',
    'replication-differs-from-site',
    '"gopro-prod-db-replica"',
  ],
  [
    'a replica that may be written to',
    spoilt('read_only: true', 'read_only: false'),
    '      read_only: false',
    'not-allowed',
    'one site writes at a time',
  ],
  [
    "a region spelled as the other provider's",
    spoilt('region: us-central1', 'region: us-central-1'),
    '    region: us-central-1',
    'not-this-provider',
    'spelled like us-central1',
  ],
  [
    'a zone of the other provider',
    spoilt('zone: Z0123456789ABCDEFGHIJ', 'zone: gopro/zone'),
    '    zone: gopro/zone',
    'not-this-provider',
    'Route 53 hosted zone id',
  ],
  [
    'a GKE cluster without its project',
    spoilt('      parent: projects/gopro-prod/locations/us-central1\n', ''),
    '    cluster:',
    'not-this-provider',
    'projects/PROJECT/locations/LOCATION',
  ],
  ['a key given twice', spoilt('rpo: 1m', 'rpo: 1m\n  rpo: 2m'), '  rpo: 2m', 'duplicate-key', 'not YAML'],
  ['YAML that is none', spoilt('sites:', 'sites: ]'), 'sites: ]', 'yaml-syntax', 'not YAML'],
  [
    'a key that JavaScript keeps for itself',
    spoilt('rpo: 1m', 'rpo: 1m\n  __proto__: 1m'),
    '# The strategy of GO-PRO',
    'unknown-key',
    '__proto__',
  ],
];

test.each(CASES)('%s', (_, text, line, rule, says) => {
  const issues = issuesOf(text);
  const issue = issues.find((candidate) => candidate.rule === rule);
  expect(issue, JSON.stringify(issues, null, 1)).toBeDefined();
  expect(issue).toMatchObject({ severity: 'error', file: 'strategy.yaml' });
  expect(issue?.message).toContain(says);
  expect(issue?.found).not.toBe('');
  expect(issue?.allowed).not.toBe('');
  expect(lineOf(text, issue!)).toContain(line);
});

test('the column points at the key or at the value', () => {
  const [unknown] = issuesOf(spoilt('region: us-east-1', 'regoin: us-east-1')).filter(
    ({ rule }) => rule === 'unknown-key',
  );
  const [value] = issuesOf(spoilt('guard: enforce', 'guard: enforced'));
  expect(unknown?.column).toBe(5);
  expect(value?.column).toBe('  guard: '.length + 1);
});

test('all errors are told at once, in the order of the file, with nothing made up beside them', () => {
  const text = EXAMPLE.replace('rto: 5m', 'rto: 5')
    .replace('guard: enforce', 'guard: enforced')
    .replace('- scale_gcp_cluster', '- scale_gpc_cluster')
    .replace('lag > 10s', 'lag > 10')
    .replace('kind: sns', 'kind: sms');
  expect(issuesOf(text).map(({ path, severity }) => [path, severity])).toEqual([
    ['objectives.rto', 'error'],
    ['authority.guard', 'error'],
    ['scenarios.aws_region_lost.actions[1].scale_gpc_cluster', 'error'],
    ['alerts[2].condition', 'error'],
    ['notifications.aws_events.kind', 'error'],
  ]);
});

test('a syntax error is told beside the errors above it, and what follows it is not guessed at', () => {
  const issues = issuesOf(
    EXAMPLE.replace('rto: 5m', 'rto: 5').replace('health_checks:\n  interval', 'health_checks:\n  }interval'),
  );
  expect(issues.map(({ rule }) => rule)).toContain('yaml-syntax');
  expect(issues[0]).toMatchObject({ path: 'objectives.rto' });
  expect(issues.slice(1)).toMatchObject([
    { rule: 'yaml-syntax', message: expect.stringContaining('Unexpected flow-map-end token') },
  ]);
});

describe('contradictions between parts', () => {
  const cases: [string, Parameters<typeof errorsAfter>, string, string][] = [
    [
      'failover to itself',
      [{ path: ['routing_policies', 3, 'failover', 'secondary'], value: 'aws' }],
      'same-site',
      'routing_policies.failover.secondary',
    ],
    [
      'one name for both',
      [{ path: ['dns', 'writer_name'], value: 'learn.gopro.example' }],
      'same-name',
      'dns.writer_name',
    ],
    [
      'a replica at the primary',
      [{ path: ['replication', 'replicas', 0], value: { provider: 'aws' } }],
      'same-twice',
      'replication.replicas[0]',
    ],
    [
      'two alerts of one name',
      [{ path: ['alerts', 2, 'name'], value: 'high_error_rate' }],
      'same-twice',
      'alerts[2].name',
    ],
    [
      'one alarm declared twice',
      [{ path: ['alarms', 1, 'name'], value: 'gopro-aws-endpoint-health' }],
      'same-twice',
      'alarms[1].name',
    ],
    [
      'two scenarios for one trigger',
      [{ path: ['scenarios', 'partial_failure', 'trigger'], value: 'aws_health_check_failed' }],
      'same-twice',
      'scenarios.partial_failure.trigger',
    ],
    [
      'traffic to the site that was lost',
      [{ path: ['scenarios', 'gcp_region_lost', 'actions', 0], value: { update_dns: 'route_to_gcp' } }],
      'leans-on-lost-site',
      'scenarios.gcp_region_lost.actions[0]',
    ],
    [
      'traffic and authority apart',
      [
        {
          path: ['scenarios', 'partial_failure', 'actions'],
          value: [{ update_dns: 'route_to_aws' }, { promote_gcp_db: 'read_write_mode' }],
        },
      ],
      'split-target',
      'scenarios.partial_failure.actions[1]',
    ],
    [
      'a policy twice',
      [{ path: ['routing_policies', 1], value: { weighted: { aws: 1 } } }],
      'one-policy-each',
      'routing_policies[2]',
    ],
    [
      'a database that is not there',
      [{ path: ['sites', 'gcp', 'database'], value: undefined }],
      'site-without-database',
      'scenarios.aws_region_lost.actions[2].promote_gcp_db',
    ],
    [
      'a cluster that is not there',
      [{ path: ['sites', 'aws', 'cluster'], value: undefined }],
      'site-without-cluster',
      'scenarios.gcp_region_lost.actions[1].verify_aws_capacity',
    ],
    ['one site alone', [{ path: ['sites', 'gcp'], value: undefined }], 'not-allowed', 'sites'],
  ];
  test.each(cases)('%s', (_, edits, rule, path) => {
    expect(errorsAfter(...edits)).toContainEqual(expect.objectContaining({ severity: 'error', rule, path }));
  });
});

test.each([
  ['nothing', ''],
  ['a comment', '# nothing\n'],
  ['a word', 'hello'],
  ['a list', '- a\n- b\n'],
  ['two documents', 'application: a\n---\napplication: b\n'],
  ['an alias of nothing', 'application: *nothing\n'],
  [
    'aliases that multiply',
    `a: &a [1,1,1,1,1,1,1,1]\n${['b', 'c', 'd', 'e'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcd'[index]}`)}]`).join('\n')}\n`,
  ],
])('%s is an error on line 1 or below, and no throw', (_, text) => {
  const parsed = parseStrategy(text, 'strategy.yaml');
  expect(parsed.kind).toBe('invalid');
  expect(issuesOf(text).length).toBeGreaterThan(0);
  for (const { line, column } of issuesOf(text)) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split('\n').length);
    expect(column).toBeGreaterThanOrEqual(1);
  }
});

test('an alias is followed to what it stands for, and its errors are told where the value stands', () => {
  const text = spoilt('schemas: [shop]', 'schemas: &schemas [shop]').replace(/schemas: \[shop\]/, 'schemas: *schemas');
  expect(parseStrategy(text, 'strategy.yaml').kind).toBe('valid');
});

describe("a site by its provider's name", () => {
  const two = (text: string): string => text.replace(/^ {2}aws:$/m, '  virginia:');
  test('is found when one site has that provider', () => {
    const parsed = parseStrategy(two(EXAMPLE), 'strategy.yaml');
    expect(parsed.kind === 'valid' && parsed.strategy.replication.primary).toBe('virginia');
    expect(parsed.kind === 'valid' && parsed.strategy.routing.weighted).toEqual({ virginia: 70, gcp: 30 });
    expect(parsed.kind === 'valid' && parsed.strategy.scenarios[0]?.trigger).toEqual({
      kind: 'site_down',
      site: 'virginia',
    });
  });
  test('is refused when two have it, naming both', () => {
    const site = EXAMPLE.slice(EXAMPLE.indexOf('  aws:\n'), EXAMPLE.indexOf('  gcp:\n'));
    const text = two(EXAMPLE).replace(
      '  gcp:\n',
      `${site.replace('  aws:', '  oregon:').replace('region: us-east-1', 'region: us-west-2')}  gcp:\n`,
    );
    const issues = issuesOf(text).filter(({ rule }) => rule === 'undeclared-site');
    expect(issues[0]?.message).toContain('virginia or oregon');
    expect(issues.map(({ path }) => path)).not.toContain('replication.primary.provider');
  });
});
