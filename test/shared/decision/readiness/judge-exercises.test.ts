// What the exercised calls make of readiness, sentence by sentence: rights that are missing, records that differ, beacons, clusters, instances.
import { describe, expect, it } from 'vitest';
import { isOpen, type ReadinessFinding } from '../../../../shared/decision/readiness/finding.ts';
import { judgeReadiness } from '../../../../shared/decision/readiness/judge.ts';
import type { Exercise, ExerciseFacts } from '../../../../shared/model/readiness.ts';
import type { Ground } from '../../../../shared/model/site.ts';
import { aReport, heard, standbyFacts, writerFacts } from '../../../support/readiness.ts';
import { aSituation } from '../../../support/situation.ts';
import { theStrategy } from '../../../support/strategy.ts';

const now = new Date('2026-11-20T03:00:00.000Z');
const at = new Date(now.getTime() - 20_000);
const long = new Date(now.getTime() - 12 * 60_000);

function seen(name: string, facts: ExerciseFacts, ground: Ground = 'elsewhere'): Exercise {
  return { name, ground, sight: { kind: 'seen', at: at.toISOString(), facts } };
}

function judged(exercises: Exercise[], strategy = theStrategy()): ReadinessFinding[] {
  const reports = [heard(aReport('aws', at, writerFacts())), heard(aReport('gcp', at, standbyFacts(), { exercises }))];
  return judgeReadiness({ strategy, situation: aSituation(), reports, now });
}

const finding = (exercise: Exercise) => judged([exercise]).find(({ about }) => about === exercise.name);

const beacon = (changes: Partial<Extract<ExerciseFacts, { kind: 'beacon' }>>): ExerciseFacts => ({
  kind: 'beacon',
  lit: false,
  mustBeLit: false,
  inPublic: 'healthy',
  because: 'https://b.example/causeway/away-aws.json: HTTP 200',
  ...changes,
});
const capacity = (readyReplicas: number, site = 'gcp'): ExerciseFacts => ({
  kind: 'capacity',
  site,
  nodeMinimum: 2,
  replicaFloor: 3,
  readyReplicas,
});
const instance = (changes: Partial<Extract<ExerciseFacts, { kind: 'instance' }>>): ExerciseFacts => ({
  kind: 'instance',
  site: 'gcp',
  status: 'running',
  providerStatus: 'RUNNABLE',
  role: 'primary',
  ...changes,
});

describe('a call that was exercised', () => {
  it('and answered, with all others, is one line that says how old the oldest is', () => {
    const findings = judged([
      seen('store witness', { kind: 'answered' }),
      seen('cluster of aws', capacity(3, 'aws'), 'aws'),
    ]);
    expect(findings.filter(isOpen)).toEqual([]);
    expect(findings.find(({ about }) => about === 'calls to both clouds')?.found).toBe(
      'all 2 calls that a failover makes have answered, the oldest 20 s ago: store witness, cluster of aws',
    );
  });

  const rows: [string, Exercise, Partial<ReadinessFinding>][] = [
    [
      'and was refused in the own cloud is what a takeover would fail on',
      {
        name: 'instance of gcp',
        ground: 'gcp',
        sight: {
          kind: 'refused',
          at: at.toISOString(),
          because: 'PERMISSION_DENIED cloudsql.instances.get',
          seenAt: null,
        },
      },
      {
        verdict: 'not-ready',
        severity: 'critical',
        found: 'refused gcp: PERMISSION_DENIED cloudsql.instances.get; it has never answered',
        wayOut: 'give the keeper of gcp that right; `causeway readiness` shows within a minute whether it has it',
      },
    ],
    [
      'and was refused in the other cloud is a little less',
      {
        name: 'records of route53',
        ground: 'aws',
        sight: { kind: 'refused', at: at.toISOString(), because: 'AccessDenied', seenAt: long.toISOString() },
      },
      { verdict: 'not-ready', severity: 'high', found: 'refused gcp: AccessDenied; it last answered 12 min ago' },
    ],
    [
      'and did not answer is unknown, neither ready nor a failure',
      {
        name: 'cluster of aws',
        ground: 'aws',
        sight: { kind: 'unknown', at: at.toISOString(), because: 'no answer within 6 s', seenAt: long.toISOString() },
      },
      { verdict: 'unknown', found: 'did not answer gcp: no answer within 6 s; it last answered 12 min ago' },
    ],
    [
      'and lists other records than the situation has',
      seen('records of clouddns', {
        kind: 'zone',
        differences: ['writer.learn.gopro.example A - is otherwise'],
        unpublished: null,
      }),
      {
        verdict: 'not-ready',
        severity: 'high',
        found: '1 are not as the situation has them: writer.learn.gopro.example A - is otherwise',
      },
    ],
    [
      'and lists a zone that was never published',
      seen('records of route53', {
        kind: 'zone',
        differences: [],
        unpublished: 'to-aws has no health check in Route 53',
      }),
      { verdict: 'not-ready', severity: 'critical', wayOut: '`causeway publish --yes`' },
    ],
    [
      'and answers clients wrong',
      seen('answers of route53', { kind: 'answers', verdict: 'not-moved', because: 'ns-1 leads www to aws' }),
      { verdict: 'not-ready', severity: 'critical', found: 'lead clients wrong: ns-1 leads www to aws' },
    ],
    [
      'and is silent for all names',
      seen('answers of route53', { kind: 'answers', verdict: 'unknown', because: 'no server was reached' }),
      { verdict: 'unknown', found: 'no server was reached' },
    ],
    [
      'and finds no beacon: the fast path is not there',
      seen('beacon away from aws', beacon({ lit: null })),
      { verdict: 'not-ready', severity: 'critical', found: 'was never written: no health check watches it' },
    ],
    [
      'and finds a beacon that the world cannot read',
      seen('beacon away from aws', beacon({ inPublic: 'unhealthy', because: 'https://b.example/x: HTTP 403' })),
      {
        verdict: 'not-ready',
        severity: 'critical',
        found: 'cannot be read by the world, and so not by the health checks: https://b.example/x: HTTP 403',
      },
    ],
    [
      'and finds a beacon lit that nobody has lit for the situation',
      seen('beacon away from aws', beacon({ lit: true })),
      { verdict: 'not-ready', severity: 'critical', found: 'is lit, and traffic has not left that site' },
    ],
    [
      'and finds too few replicas at its own cluster',
      seen('cluster of gcp', capacity(1), 'gcp'),
      {
        verdict: 'not-ready',
        severity: 'high',
        found: '1 replicas are ready, the floor is 3, with at least 2 nodes',
      },
    ],
    [
      'and finds the floor ready, of which a scenario will ask for more',
      seen('cluster of gcp', capacity(3), 'gcp'),
      {
        verdict: 'noted',
        found:
          '3 replicas are ready, the floor is 3, with at least 2 nodes; aws_region_lost asks for 10, which takes nodes their time to start',
      },
    ],
    [
      'and finds its own instance stopped',
      seen('instance of gcp', instance({ status: 'stopped', providerStatus: 'STOPPED' }), 'gcp'),
      { verdict: 'not-ready', severity: 'critical', found: 'its provider shows it as STOPPED and a primary' },
    ],
    [
      'and finds an instance being changed',
      seen('instance of gcp', instance({ status: 'changing', providerStatus: 'MAINTENANCE' }), 'gcp'),
      { verdict: 'noted' },
    ],
    [
      'and finds a provider’s replica where the strategy replicates logically',
      seen('instance of gcp', instance({ role: 'replica' }), 'gcp'),
      {
        verdict: 'not-ready',
        severity: 'critical',
        found:
          'its provider shows it as RUNNABLE and a replica, and the strategy replicates logically: it could never be opened',
      },
    ],
  ];
  it.each(rows)('%s', (_title, exercise, expected) => {
    expect(finding(exercise)).toMatchObject(expected);
  });

  it('leaves the other cloud’s cluster and instance to their own keeper', () => {
    const exercises = [
      seen('cluster of aws', capacity(0, 'aws'), 'aws'),
      seen('instance of aws', instance({ site: 'aws', status: 'stopped' }), 'aws'),
    ];
    expect(judged(exercises).filter(isOpen)).toEqual([]);
  });
});

it('one right that is missing hides no other that is there', () => {
  const findings = judged([
    {
      name: 'store witness',
      ground: 'elsewhere',
      sight: { kind: 'refused', at: at.toISOString(), because: '403', seenAt: null },
    },
    seen('store s3-us-east-1', { kind: 'answered' }),
  ]);
  expect(findings.filter(isOpen).map(({ about }) => about)).toEqual(['store witness']);
  expect(findings.find(({ about }) => about === 'calls to both clouds')?.found).toBe(
    '1 of 2 calls that a failover makes have answered, the oldest 20 s ago: store s3-us-east-1',
  );
});
