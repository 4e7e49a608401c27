// Every rule of the policy, with the sentence that people read.
import { describe, expect, it } from 'vitest';
import { makeCase } from '../../../shared/decision/case.ts';
import { compileRun } from '../../../shared/decision/compile-run.ts';
import { decide } from '../../../shared/decision/decide.ts';
import { fold } from '../../../shared/decision/fold.ts';
import { policy } from '../../../shared/decision/policy.ts';
import { type Sighting, sightingOfSilence } from '../../../shared/decision/sighting.ts';
import { compileSwitchover } from '../../../shared/decision/switchover.ts';
import type { DatabaseView } from '../../../shared/model/bulletin.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const strategy = theStrategy();
const now = new Date('2026-11-20T03:00:10.000Z');

function sees(
  vantage: string,
  ground: Sighting['ground'],
  site: string,
  health: Sighting['health'],
  changes: Partial<Sighting> = {},
): Sighting {
  return {
    vantage,
    kind: 'lookout',
    ground,
    site,
    health,
    forSeconds: 13,
    fresh: true,
    because: `HTTP ${health}`,
    ...changes,
  };
}

/** AWS gone, as GCP's keeper and the witness see it. */
const awsGone = [
  sees('lookout gcp', 'gcp', 'aws', 'unhealthy'),
  sees('lookout witness', 'elsewhere', 'aws', 'unhealthy'),
  sees('lookout gcp', 'gcp', 'gcp', 'healthy'),
  sees('lookout witness', 'elsewhere', 'gcp', 'healthy'),
];
const gcpGone = awsGone.map((one) => ({
  ...one,
  site: one.site === 'aws' ? 'gcp' : 'aws',
  ground: one.ground === 'gcp' ? ('aws' as const) : one.ground,
}));
const readyStandby: DatabaseView = {
  site: 'gcp',
  applied: null,
  lagSeconds: 0.4,
  ready: true,
  because: '0.4 s behind',
};

function decided(
  sightings: Sighting[],
  changes: Partial<Situation> = {},
  standbys: DatabaseView[] = [readyStandby],
  at = now,
) {
  const situation = aSituation(changes);
  return decide(makeCase(strategy, situation, fold(strategy, sightings), standbys, at));
}

const override = (what: Situation['overrides'][number]['what']) => ({
  overrides: [{ id: 'o1', what, by: 'ana', reason: 'I have looked', at: now.toISOString() }],
});

function aRun(situation = aSituation()) {
  const scenario = strategy.scenarios[0]!;
  return compileRun(situation, {
    id: 'r1',
    scenario,
    target: 'gcp',
    because: 'it was down',
    evidence: [],
    by: 'gcp',
    at: now.toISOString(),
  });
}

describe('the policy table', () => {
  it('opens the run of the scenario when the writer is down and the target is healthy', () => {
    const decision = decided(awsGone);
    expect(decision).toMatchObject({ kind: 'open-run', rule: 'writer-down', target: 'gcp' });
    expect(decision.because).toBe(
      'the writer aws is down and gcp is healthy: lookout gcp and lookout witness have seen aws unhealthy for 10 s or more',
    );
    expect(decision.evidence).toHaveLength(2);
  });

  it('holds while an operator has paused automation, whatever is down', () => {
    const decision = decided(awsGone, {
      paused: { by: 'ana', reason: 'network works tonight', at: now.toISOString() },
    });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'paused', blocked: { unblock: '`causeway resume`' } });
    expect(decision.because).toBe('ana paused all automation: network works tonight');
  });

  it('carries an open run to its end before anything else begins', () => {
    const decision = decided(gcpGone, { run: aRun() });
    expect(decision).toMatchObject({ kind: 'carry-on', rule: 'run-open' });
    expect(decision.because).toContain('is carried to its end before anything else begins');
  });

  it('holds when the strategy has no scenario for the site', () => {
    const without = { ...strategy, scenarios: [] };
    const it = makeCase(without, aSituation(), fold(without, awsGone), [], now);
    expect(decide(it)).toMatchObject({
      rule: 'no-scenario',
      because: 'aws is down, and the strategy has no scenario with the trigger aws_health_check_failed',
    });
  });

  it('holds when the scenario names no site to go to', () => {
    const lame = {
      ...strategy,
      scenarios: [
        {
          name: 'lame',
          trigger: { kind: 'site_down' as const, site: 'aws' },
          actions: [{ written: 'notify: ops_team', action: { kind: 'notify' as const, channel: 'ops_team' } }],
        },
      ],
    };
    const it = makeCase(lame, aSituation(), fold(lame, awsGone), [], now);
    expect(decide(it)).toMatchObject({
      rule: 'no-target',
      because: 'aws is down, and the scenario lame names no site to go to',
    });
  });

  it('holds without a witness outside both clouds, and goes on when a person says so', () => {
    const alarmAndPeer = [
      sees('lookout gcp', 'gcp', 'aws', 'unhealthy'),
      sees('alarm uptime', 'gcp', 'aws', 'unhealthy', { kind: 'managed-check' }),
      sees('lookout gcp', 'gcp', 'gcp', 'healthy'),
    ];
    const held = decided(alarmAndPeer);
    expect(held).toMatchObject({ kind: 'hold', rule: 'no-outside-witness' });
    expect(held.because).toContain('two clouds alone cannot tell a dead peer from a cut cable');
    expect(decided(alarmAndPeer, override('authority')).kind).toBe('open-run');
  });

  it('never fails into a site that is itself unhealthy, or of which nobody knows', () => {
    const bothGone = [...awsGone.filter((one) => one.site === 'aws'), ...gcpGone.filter((one) => one.site === 'gcp')];
    expect(decided(bothGone)).toMatchObject({ kind: 'hold', rule: 'target-unhealthy' });
    const gcpUnknown = awsGone.filter((one) => one.site === 'aws');
    const held = decided(gcpUnknown);
    expect(held).toMatchObject({ rule: 'target-unhealthy', blocked: { by: 'gcp is unknown' } });
    expect(held.because).toBe('aws is down, but gcp cannot take over: no fresh lookout says anything about gcp');
    expect(decided(gcpUnknown, override('target-veto')).kind).toBe('open-run');
  });

  it('damps flapping with a cool-down, which never blocks the recovery of the new writer', () => {
    const lastRun = {
      id: 'r0',
      scenario: 's',
      target: 'aws',
      outcome: 'done',
      endedAt: '2026-11-20T03:00:00.000Z',
      epoch: 1,
    };
    const held = decided(gcpGone, { lastRun }, []);
    expect(held).toMatchObject({ kind: 'hold', rule: 'cool-down' });
    expect(held.blocked?.by).toBe(`the cool-down, for another ${strategy.authority.coolDownSeconds - 10} s`);
    expect(decided(gcpGone, { lastRun, ...override('cool-down') }, []).kind).toBe('open-run');
    expect(decided(awsGone, { lastRun }).kind).toBe('open-run');
    const later = new Date(now.getTime() + strategy.authority.coolDownSeconds * 1000);
    expect(decided(gcpGone, { lastRun }, [], later).kind).toBe('open-run');
    const byClockFarBehind = new Date(now.getTime() - 3600 * 1000);
    expect(decided(gcpGone, { lastRun }, [], byClockFarBehind).kind).toBe('open-run');
  });

  it('does not lead clients away from a writer that nobody takes over from', () => {
    const held = decided(gcpGone, { writer: 'gcp', traffic: { aws: 50, gcp: 50 } }, []);
    expect(held).toMatchObject({ kind: 'hold', rule: 'no-promotion', blocked: { by: 'the strategy' } });
    expect(held.because).toBe(
      'the writer gcp is down, and the scenario gcp_region_lost promotes no database: traffic would go where nobody can write',
    );
  });

  it('does not take the role when the promotion could lose more than the RPO, or nobody can say', () => {
    const behind: DatabaseView = { ...readyStandby, lagSeconds: 75, because: '75.0 s behind' };
    const held = decided(awsGone, {}, [behind]);
    expect(held).toMatchObject({ kind: 'hold', rule: 'standby-behind', blocked: { by: 'the RPO of 60 s' } });
    expect(held.because).toBe('aws is down, but promoting gcp could lose more than the RPO allows: 75.0 s behind');
    expect(decided(awsGone, {}, []).rule).toBe('standby-behind');
    expect(decided(awsGone, override('rpo'), [behind]).kind).toBe('open-run');
  });

  it('sends traffic away from a site that serves and does not write, without touching authority', () => {
    const decision = decided(gcpGone, {}, []);
    expect(decision).toMatchObject({ kind: 'open-run', rule: 'standby-down', target: 'aws' });
    expect(decision.because).toMatch(/^gcp, which serves traffic but does not write, is down: /);
  });

  it('does nothing about a site that traffic has left already', () => {
    expect(decided(gcpGone, { traffic: { aws: 100, gcp: 0 } }, []).rule).toBe('all-well');
  });

  it('says what is still missing while a site is only suspected', () => {
    const early = awsGone.map((one) => (one.ground === 'elsewhere' ? { ...one, forSeconds: 4 } : one));
    const decision = decided(early);
    expect(decision).toMatchObject({ kind: 'hold', rule: 'suspected' });
    expect(decision.because).toBe(
      'lookout gcp and lookout witness see aws unhealthy; 1 of 2 vantages have seen it so for 10 s',
    );
  });

  it('says that all is well when it is', () => {
    const decision = decided([
      sees('lookout gcp', 'gcp', 'aws', 'healthy'),
      sees('lookout gcp', 'gcp', 'gcp', 'healthy'),
    ]);
    expect(decision.because).toBe('aws is the writer at epoch 1, and nothing that serves traffic is down');
  });

  it('has a last rule that always matches, and names no rule twice', () => {
    expect(new Set(policy.map((rule) => rule.name)).size).toBe(policy.length);
    expect(decided([]).rule).toBe('all-well');
  });
});

describe('what does not count as down', () => {
  it.each<[string, Sighting[]]>([
    [
      'one vantage twice',
      [
        sees('lookout witness', 'elsewhere', 'aws', 'unhealthy'),
        sees('lookout witness', 'elsewhere', 'aws', 'unhealthy'),
      ],
    ],
    [
      'nobody outside its own provider',
      [
        sees('lookout aws', 'aws', 'aws', 'unhealthy'),
        sees('alarm r53', 'aws', 'aws', 'unhealthy', { kind: 'managed-check' }),
      ],
    ],
    [
      'unknown, however often',
      [sees('lookout gcp', 'gcp', 'aws', 'unknown'), sees('lookout witness', 'elsewhere', 'aws', 'unknown')],
    ],
    ['stale bulletins', awsGone.map((one) => ({ ...one, fresh: false }))],
    ['another fresh lookout seeing it healthy', [...awsGone, sees('lookout aws', 'aws', 'aws', 'healthy')]],
  ])('%s', (_, sightings) => {
    expect(fold(strategy, sightings).get('aws')?.verdict).not.toBe('down');
  });

  it('one name for two kinds of vantage is one vantage, in whichever order they are heard', () => {
    const twice = [
      sees('lookout gcp', 'gcp', 'aws', 'unhealthy'),
      sees('lookout witness', 'elsewhere', 'aws', 'unhealthy'),
      sees('lookout witness', 'aws', 'aws', 'unhealthy', { kind: 'managed-check', forSeconds: 0 }),
    ];
    for (const order of [twice, twice.toReversed()])
      expect(fold(strategy, order).get('aws')).toMatchObject({ verdict: 'down', confirmedFromElsewhere: true });
  });

  it('a managed check that still says healthy does not outvote two lookouts: it is slow, and may have died with its cloud', () => {
    const slow = sees('alarm r53', 'aws', 'aws', 'healthy', { kind: 'managed-check' });
    expect(fold(strategy, [...awsGone, slow]).get('aws')?.verdict).toBe('down');
  });
});

describe('a writer whose lease nobody renews', () => {
  const allWell = awsGone.map((one) => ({ ...one, health: 'healthy' as const }));
  const still = (forSeconds: number) => sightingOfSilence({ site: 'aws', epoch: 1, renewal: 10, forSeconds }, 'gcp');

  it('is down, however well its site looks, once the lease is void and its keepers had time to come back', () => {
    // The TTL of 15 s, the margin of 3 s and the window of 10 s.
    expect(decided([...allWell, still(27.9)]).rule).toBe('all-well');
    expect(decided([...allWell, still(28)])).toMatchObject({
      kind: 'open-run',
      rule: 'writer-down',
      because:
        'the writer aws is down and gcp is healthy: its lease is not renewed (renewal 10 of epoch 1 has stood still for 28 s), so that its database refuses every write',
    });
  });

  it('is held on while no lookout outside both clouds is heard', () => {
    const alone = allWell.filter((one) => one.ground !== 'elsewhere');
    expect(decided([...alone, still(28)])).toMatchObject({ kind: 'hold', rule: 'no-outside-witness' });
  });

  it('is no vantage beside a lookout: both may be one process', () => {
    const alone = [sees('lookout gcp', 'gcp', 'aws', 'unhealthy'), sees('lookout gcp', 'gcp', 'gcp', 'healthy')];
    expect(fold(strategy, [...alone, still(27)]).get('aws')).toMatchObject({
      verdict: 'suspected',
      because: 'lookout gcp sees aws unhealthy; 1 of 2 vantages have seen it so for 10 s',
    });
  });

  it('is not down under a guard that only observes: its database goes on writing', () => {
    const observing = { ...strategy, authority: { ...strategy.authority, guard: 'observe' as const } };
    expect(fold(observing, [...allWell, still(3600)]).get('aws')?.verdict).toBe('up');
  });
});

describe('a writer whose database was never opened', () => {
  const view = { ...readyStandby, lagSeconds: 0, because: 'it is the writer' };
  const taken: Partial<Situation> = {
    writer: 'gcp',
    epoch: 2,
    heartbeat: null,
    previous: { writer: 'aws', epoch: 1, renewal: 10, heartbeat: null, fenced: null, handedOver: false },
  };
  const unopened = 'gcp took the role at epoch 2 and its database was never opened, so that nobody can write';
  const lastRun = (endedSecondsAgo: number, outcome = 'abandoned') => ({
    id: 'r1',
    scenario: 'aws_region_lost',
    target: 'gcp',
    outcome,
    endedAt: new Date(now.getTime() - endedSecondsAgo * 1000).toISOString(),
    epoch: 2,
  });

  it('is promoted again, by the scenario that promotes it', () => {
    const decision = decided([], { ...taken, lastRun: lastRun(301) }, [view]);
    expect(decision).toMatchObject({
      rule: 'writer-never-opened',
      because: `${unopened}: the promotion is begun again`,
      kind: 'open-run',
      scenario: { name: 'aws_region_lost' },
    });
  });

  it('waits for the cool-down after the run was given up', () => {
    const decision = decided([], { ...taken, lastRun: lastRun(10) }, [view]);
    expect(decision).toMatchObject({ rule: 'opening-waits', because: `${unopened}; the run r1 ended a moment ago` });
    expect(decision.blocked?.by).toBe('the cool-down, for another 290 s');
  });

  it('is said aloud when its keeper is silent', () => {
    expect(decided([], { ...taken, lastRun: lastRun(301) }, [])).toMatchObject({
      rule: 'writer-not-open',
      because: unopened,
    });
  });

  it('is none once a heartbeat of the epoch was recorded, or the run that took the role is done', () => {
    const heartbeat = { epoch: 2, number: 1, writtenAt: now.toISOString(), lsn: '0/1' };
    expect(decided([], { ...taken, heartbeat }, [view]).rule).toBe('all-well');
    expect(decided([], { ...taken, lastRun: lastRun(1, 'done') }, [view]).rule).toBe('all-well');
    expect(decided([], { ...taken, heartbeat: { ...heartbeat, number: 0 } }, [view]).rule).toBe('writer-never-opened');
  });
});

describe('a planned move', () => {
  const planned = (done: string[]) => {
    const run = compileSwitchover(strategy, aSituation(), {
      id: 'm1',
      target: 'gcp',
      because: 'ana moves it',
      by: 'ana',
      at: now.toISOString(),
      deadlineSeconds: 20,
    });
    return {
      ...run,
      steps: run.steps.map((one) => (done.includes(one.id) ? { ...one, status: 'done' as const } : one)),
    };
  };
  const ready = ['2-scale_cluster'];
  const moved = [...ready, '3-hand_over', '4-take_authority'];
  const handedOver: Partial<Situation> = {
    writer: 'gcp',
    epoch: 2,
    heartbeat: null,
    previous: { writer: 'aws', epoch: 1, renewal: 10, heartbeat: null, fenced: null, handedOver: true },
  };
  const aborted = (endedSecondsAgo: number) => ({
    id: 'm1',
    scenario: 'switchover',
    target: 'gcp',
    outcome: 'aborted',
    endedAt: new Date(now.getTime() - endedSecondsAgo * 1000).toISOString(),
    epoch: 1,
  });

  it('gives way to the loss of either site before the writer may fence', () => {
    expect(decided(awsGone, { run: planned([]) })).toMatchObject({
      kind: 'give-way',
      rule: 'move-gives-way',
      because:
        'aws is down in the middle of the planned move m1, which gives way to what is to be done about that: lookout gcp and lookout witness have seen aws unhealthy for 10 s or more',
    });
    expect(decided(gcpGone, { run: planned([]) }).rule).toBe('move-gives-way');
  });

  it('is left to its own deadline while the writer may be fenced, which makes it look unwell', () => {
    expect(decided(awsGone, { run: planned(ready) })).toMatchObject({ kind: 'carry-on', rule: 'run-open' });
  });

  it('gives way to the loss of the new writer, and not to that of the old one, which waits for its end', () => {
    const after = { ...handedOver, run: planned(moved) };
    expect(decided(gcpGone, after).rule).toBe('move-gives-way');
    expect(decided(awsGone, after).rule).toBe('run-open');
  });

  it('that was given up leaves the old writer the time to be seen well again', () => {
    const decision = decided(awsGone, { lastRun: aborted(2) });
    expect(decision).toMatchObject({
      kind: 'hold',
      rule: 'writer-returns',
      because:
        'aws looks down, and the planned move m1, for which it was fenced, has just been given up: it takes its role back by itself',
      blocked: { unblock: 'waiting' },
    });
    expect(decision.blocked?.by).toMatch(/^the time that it is given for that, another \d+ s$/);
    expect(decided(awsGone, { lastRun: aborted(60) })).toMatchObject({ kind: 'open-run', rule: 'writer-down' });
  });

  it('whose target was lost before it opened is undone by the old writer', () => {
    const { ttlSeconds, marginSeconds } = strategy.authority;
    expect(decided(gcpGone, handedOver, [])).toMatchObject({
      kind: 'hold',
      rule: 'role-returns',
      because:
        'gcp is down, took the role at epoch 2 and never opened its database: aws, which had handed over all that it wrote, takes the role back by itself',
      blocked: {
        by: `the lease of gcp, which must stand still for ${ttlSeconds + marginSeconds} s`,
        unblock: 'waiting, while a keeper of aws runs and reaches its database; or gcp healthy again',
      },
    });
    const mayBeOpen = { ...handedOver, heartbeat: { epoch: 2, number: 0, writtenAt: now.toISOString(), lsn: '0/1' } };
    expect(decided(gcpGone, mayBeOpen, []).rule).toBe('no-promotion');
  });

  it('says under a pause that nobody can write', () => {
    const paused = { by: 'ana', reason: 'wait', at: now.toISOString() };
    const fenced = { by: 'aws keeper', at: now.toISOString(), heartbeat: null };
    expect(decided([], { paused, lease: { renewal: 10, fenced } }).because).toBe(
      'ana paused all automation: wait; nobody can write meanwhile: aws is fenced at epoch 1',
    );
    expect(decided([], { ...handedOver, paused }).because).toBe(
      'ana paused all automation: wait; gcp took the role at epoch 2 and its database was never opened, so that nobody can write meanwhile',
    );
  });
});
