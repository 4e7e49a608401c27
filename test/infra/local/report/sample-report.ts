// A report as a drill of a lost AWS region writes it, for the tests of its two forms.
import { type DrillReport, judgeObjective } from '../../../../infra/local/report/report.ts';

const at = (seconds: number): string => new Date(Date.parse('2026-03-01T12:00:20.000Z') + seconds * 1000).toISOString();

const step = (
  action: string,
  started: number,
  ended: number | null,
  more: Partial<DrillReport['steps'][number]> = {},
) => ({
  action,
  status: 'done' as const,
  by: 'gcp-keeper',
  attempts: 1,
  startedAt: at(started),
  endedAt: ended === null ? null : at(ended),
  detail: null,
  ...more,
});

export function sampleReport(): DrillReport {
  return {
    schema: 1,
    scenario: 'aws-region-lost',
    verdict: 'passed',
    because:
      'The AWS region was killed; Cloud SQL was promoted and traffic moved to GCP, where every client was served again.',
    startedAt: at(-20),
    failedAt: at(0),
    endedAt: at(78),
    rtoSeconds: 61.4,
    rpoSeconds: 0.21,
    detectionSeconds: 13.2,
    authoritySeconds: 12.6,
    promotionSeconds: 3.9,
    trafficSeconds: 31.7,
    acknowledgedWrites: 2318,
    lostWrites: 3,
    dualWrites: 0,
    epochBefore: 1,
    epochAfter: 2,
    steps: [
      step('notify: pagerduty', 13.4, 14.1, { by: 'witness-lookout', detail: 'incident opened, key causeway/1/run-1' }),
      step('create_incident: severity=critical', 13.4, 14.4, { by: 'gcp-keeper' }),
      step('scale_gcp_cluster: min_replicas=10', 13.5, 27.9, { detail: '10 of 10 replicas are ready', attempts: 2 }),
      step('take_authority', 13.6, 25.8, { detail: 'renewal 41 stood still for 23.0 s' }),
      step('promote_gcp_db: read_write_mode', 25.9, 29.7, { detail: 'drained to 0/3A1F0D8, 4 sequences moved' }),
      step('update_dns: route_to_gcp', 25.9, 31.2, {
        attempts: 3,
        detail: 'the beacon is lit; <Route 53> did not answer & records follow',
      }),
      step('verify_service', 31.3, 61.5),
    ],
    objectives: [
      judgeObjective('recovery time (RTO)', 'seconds', 90, 61.4),
      judgeObjective('data loss (RPO)', 'seconds', 60, 0.21),
      judgeObjective('writes taken by two sides', 'count', 0, 0),
      judgeObjective('steps not done', 'count', 0, 0),
    ],
    timeline: [
      { atSeconds: -20, lane: 'aws', text: 'serving, writer', tone: 'good' },
      { atSeconds: 0, lane: 'aws', text: 'killed', tone: 'bad' },
      { atSeconds: -20, lane: 'gcp', text: 'standby', tone: 'neutral' },
      { atSeconds: 29.7, lane: 'gcp', text: 'serving, writer', tone: 'good' },
      { atSeconds: -20, lane: 'authority', text: 'epoch 1: aws, lease renewed', tone: 'good' },
      { atSeconds: 2, lane: 'authority', text: 'lease runs out', tone: 'warning' },
      { atSeconds: 13.2, lane: 'authority', text: 'run opened', tone: 'warning' },
      { atSeconds: 25.8, lane: 'authority', text: 'epoch 2: gcp', tone: 'good' },
      { atSeconds: -20, lane: 'database', text: 'replicating', tone: 'neutral' },
      { atSeconds: 0, lane: 'database', text: 'no writer', tone: 'bad' },
      { atSeconds: 29.7, lane: 'database', text: 'open at gcp', tone: 'good' },
      { atSeconds: -20, lane: 'dns', text: 'aws', tone: 'good' },
      { atSeconds: 31.2, lane: 'dns', text: 'gcp', tone: 'good' },
    ],
    clientSeconds: Array.from({ length: 98 }, (_, index) => {
      const atSecond = index - 20;
      const served = atSecond < 0 || atSecond > 61;
      const partly = atSecond > 31 && !served;
      return {
        atSecond,
        acknowledged: served ? 24 : partly ? Math.floor((atSecond - 31) * 0.75) : 0,
        refused: served ? 0 : partly ? 8 : 12,
        unknown: atSecond >= 0 && atSecond < 3 ? 6 : 0,
      };
    }),
    facts: {
      Causeway: '0.1.0',
      host: 'linux x64, 2 cores',
      Node: 'v20.20.2',
      PostgreSQL: '17.10',
      timings: 'beat 3 s, window 10 s, lease 15 s, DNS TTL 30 s',
    },
  };
}
