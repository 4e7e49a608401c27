// A region is lost, whole: real databases, real DNS, the functions in their own processes; with timings that fit a test.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrillReport } from '../../../../infra/local/report/report.ts';
import { drillPlayer, drillTimeout } from './play.ts';

describe('the drill', { timeout: drillTimeout }, () => {
  const play = drillPlayer();

  it('loses AWS, and the application comes back in GCP', async () => {
    const { report, path, dir } = await play('aws-region-lost');
    expect(report).toMatchObject({ epochBefore: 1, epochAfter: 2 });
    expect(report.steps.map((step) => [step.action, step.status])).toEqual([
      ['take_authority', 'done'],
      ['update_dns: route_to_gcp', 'done'],
      ['scale_gcp_cluster: min_replicas=10', 'done'],
      ['promote_gcp_db: read_write_mode', 'done'],
      ['notify: ops_team', 'done'],
      ['create_incident: severity=high', 'done'],
      ['verify_service', 'done'],
    ]);
    expect(report.steps.every((step) => step.by?.startsWith('gcp keeper'))).toBe(true);
    expect(report.acknowledgedWrites).toBeGreaterThan(20);
    expect(DrillReport.parse(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')))).toEqual(report);
    expect(existsSync(path)).toBe(true);
  });

  it('loses GCP, and traffic stays on AWS without a promotion', async () => {
    const { report } = await play('gcp-region-lost');
    expect(report).toMatchObject({ epochBefore: 1, epochAfter: 1, lostWrites: 0 });
    expect(report.steps.map((step) => [step.action, step.status])).toEqual([
      ['update_dns: route_to_aws', 'done'],
      ['verify_aws_capacity: true', 'done'],
      ['notify: ops_team', 'done'],
      ['create_incident: severity=medium', 'done'],
      ['verify_service', 'done'],
    ]);
  });
});
