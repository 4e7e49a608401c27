// AWS is lost, with its keeper, its store, its database and Route 53's control plane: the application comes back at GCP.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../shared/model/run.ts';
import {
  acknowledgedSince,
  begin,
  events,
  messagesOf,
  rulesDecided,
  runEnds,
  type Story,
  statuses,
  writersInOrder,
} from '../support/estate/story.ts';

describe('when AWS is lost', () => {
  let story: Story;
  let run: Run;
  let lostAtSeconds: number;
  beforeAll(async () => {
    story = await begin({ seed: 11 });
    lostAtSeconds = story.estate.clock.elapsedSeconds();
    story.schedules.killSite('aws');
    run = await runEnds(story, 300);
  });

  it('opens one run on the evidence of two lookouts, one of them outside both clouds', async () => {
    expect(run.because).toContain('lookout gcp and lookout watchtower have seen aws unhealthy for 10 s or more');
    expect(run.evidence.map(({ ground }) => ground).toSorted()).toEqual(['elsewhere', 'gcp']);
    const all = await events(story.estate);
    expect(new Set(all.flatMap((event) => (event.kind === 'run-opened' ? [event.run.id] : [])))).toEqual(
      new Set([run.id]),
    );
    // The story ends with the run; that all is well again is decided a beat later.
    expect(rulesDecided(all).slice(0, 4)).toEqual(['all-well', 'suspected', 'writer-down', 'run-open']);
  });

  it('carries out every step', () => {
    expect(run.outcome).toBe('done');
    expect(statuses(run)).toEqual({
      '1-take_authority': 'done',
      '2-update_dns': 'done',
      '3-scale_cluster': 'done',
      '4-promote_db': 'done',
      '5-notify': 'done',
      '6-create_incident': 'done',
      '7-verify_service': 'done',
    });
  });

  it('leaves GCP as the writer at epoch 2, with all the traffic', () => {
    expect(story.estate.situation()).toMatchObject({
      writer: 'gcp',
      epoch: 2,
      previous: { writer: 'aws', epoch: 1, fenced: null },
      run: null,
      lastRun: { id: run.id, outcome: 'done', target: 'gcp' },
      traffic: { aws: 0, gcp: 100 },
    });
  });

  it('lets nobody write at GCP before the lease has been waited out, and nobody at AWS after', () => {
    const { estate } = story;
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    const first = estate.clients.acknowledged.find(({ site }) => site === 'gcp')?.atSeconds ?? 0;
    // The lease of 20 s may have been renewed up to a beat before the loss.
    expect(first - lostAtSeconds).toBeGreaterThan(20 - 4);
    expect(first - lostAtSeconds).toBeLessThan(90);
    expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 10)).toBeGreaterThan(15);
  });

  it('loses at most what had not been replicated, and says how much it estimates', () => {
    const { estate } = story;
    const arrived = new Set(estate.databases.gcp?.rows().map(({ id, origin }) => `${origin} ${id}`));
    const missing = estate.clients.acknowledged.filter(({ site, id }) => !arrived.has(`${site} ${id}`));
    expect(missing.every(({ atSeconds }) => lostAtSeconds - atSeconds < 1)).toBe(true);
    expect(run.steps.find(({ id }) => id === '4-promote_db')?.detail).toMatch(/estimated loss \d\.\d s of 60 s/);
  });

  it('moves DNS by the beacon, because the control plane of Route 53 is lost too, and says what is still to follow', async () => {
    const { estate } = story;
    const detail = run.steps.find(({ id }) => id === '2-update_dns')?.detail;
    expect(detail).toContain('clients are led to gcp');
    expect(detail).toContain('Whether route53 says it could not be found out');
    const [server = ''] = estate.strategy.dns.nameServers.route53;
    const answers = await estate.answers.resolver.ask(server, estate.strategy.dns.name, 'A');
    expect(answers.map(({ data }) => data)).toContain('198.51.100.20');
  });

  it('has ten replicas ready at GCP', async () => {
    expect(await story.estate.capacities.gcp?.observe()).toMatchObject({
      replicaFloor: 10,
      readyReplicas: 10,
      nodeMinimum: 5,
    });
  });

  it('tells people once on each channel, and opens one incident of severity high', () => {
    expect(messagesOf(story.estate, run)).toEqual([
      {
        channel: 'ops_team',
        dedupKey: `${run.id}/5-notify`,
        severity: 'high',
        title: expect.stringContaining('aws_region_lost'),
      },
      { channel: 'dba_team', dedupKey: `${run.id}/6-create_incident`, severity: 'high', title: expect.any(String) },
    ]);
    expect(
      Object.values(story.estate.channels)
        .map(({ arrived }) => arrived.length)
        .filter((count) => count > 0),
    ).toEqual([1, 1]);
  });

  it('does nothing more afterwards, and nothing when AWS comes back: its database stays shut', async () => {
    const { estate, schedules } = story;
    await estate.pass(60);
    const revivedAtSeconds = estate.clock.elapsedSeconds();
    schedules.reviveSite('aws');
    await estate.pass(200);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, run: null, lastRun: { id: run.id } });
    expect(acknowledgedSince(estate, 'aws', revivedAtSeconds)).toBe(0);
    expect(await estate.databases.aws?.guard.state()).toMatchObject({ open: false, fencedEpoch: 1 });
    expect(messagesOf(estate, run)).toHaveLength(2);
  });
});
