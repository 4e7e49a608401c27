// Plans and what the guard lets through: a failover is swaps only, everything else is counted.
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../../shared/model/strategy.ts';
import type { DnsZone, ZoneRecord } from '../../../shared/ports/traffic.ts';
import { compileTraffic, type TrafficView } from '../../../shared/traffic/compile.ts';
import { guardTraffic, ownNames } from '../../../shared/traffic/guard.ts';
import { readOwnership } from '../../../shared/traffic/ownership.ts';
import { desiredCloudDns, desiredRoute53, planTraffic, type TrafficPlan } from '../../../shared/traffic/plan.ts';
import { trafficStrategy } from '../../support/traffic-strategy.ts';

const PROVIDERS = ['route53', 'clouddns'] as const;
const HOME: TrafficView = { writer: 'aws', away: [], epoch: 1 };
const FAILED_OVER: TrafficView = { writer: 'gcp', away: ['aws'], epoch: 2 };

function planFor(
  provider: DnsZone['provider'],
  strategy: Strategy,
  view: TrafficView,
  actual: ZoneRecord[],
): TrafficPlan {
  const traffic = compileTraffic(strategy, view);
  const healthCheckIds = { aws: 'check-aws', gcp: 'check-gcp' };
  const desired =
    provider === 'route53' ? desiredRoute53(traffic, { zoneId: 'Z1', healthCheckIds }) : desiredCloudDns(traffic);
  return planTraffic(desired, actual);
}

function resulting(actual: ZoneRecord[], plan: TrafficPlan): ZoneRecord[] {
  const deleted = new Set(plan.deletions.map((record) => record.native));
  return [...actual.filter((record) => !deleted.has(record.native)), ...plan.additions];
}

const published = (provider: DnsZone['provider'], strategy: Strategy, view: TrafficView) =>
  resulting([], planFor(provider, strategy, view, []));

const options = (strategy: Strategy, force = false) => ({
  capPercent: strategy.dns.changeCapPercent,
  owned: ownNames(strategy.dns),
  force,
});

describe.each(PROVIDERS)('planTraffic for %s', (provider) => {
  const strategy = trafficStrategy();

  it('finds nothing to do in a zone that says it already', () => {
    const actual = published(provider, strategy, HOME);
    const plan = planFor(provider, strategy, HOME, actual);
    expect(plan.additions).toEqual([]);
    expect(plan.deletions).toEqual([]);
  });

  it('writes the new epoch and the next revision with every batch', () => {
    const actual = published(provider, strategy, HOME);
    expect(readOwnership(actual, 'app.example.com')).toEqual({ application: 'gopro', epoch: 1, revision: 1 });
    const plan = planFor(provider, strategy, FAILED_OVER, actual);
    expect(readOwnership(resulting(actual, plan), 'app.example.com')).toEqual({
      application: 'gopro',
      epoch: 2,
      revision: 2,
    });
    expect(plan.deletions.some((record) => record.type === 'TXT')).toBe(true);
  });

  it('leaves names that are not ours alone, also below the published name', () => {
    const foreign = { ...published(provider, strategy, HOME)[0]!, name: 'www.app.example.com' };
    const actual = [...published(provider, strategy, HOME), foreign];
    expect(planFor(provider, strategy, FAILED_OVER, actual).deletions).not.toContain(foreign);
  });

  it('comes back to the very records that it left', () => {
    const home = published(provider, strategy, HOME);
    const away = resulting(home, planFor(provider, strategy, FAILED_OVER, home));
    const back = resulting(away, planFor(provider, strategy, { ...HOME, epoch: 3 }, away));
    const texts = (records: ZoneRecord[]) =>
      records
        .filter((record) => record.type !== 'TXT')
        .map((record) => record.native)
        .toSorted();
    expect(texts(back)).toEqual(texts(home));
  });
});

describe.each(PROVIDERS)('guardTraffic for %s', (provider) => {
  const strategy = trafficStrategy();
  const home = published(provider, strategy, HOME);

  it('lets a failover through at any cap, because it only swaps declared answers', () => {
    const plan = planFor(provider, strategy, FAILED_OVER, home);
    expect(plan.additions.length).toBeGreaterThan(1);
    expect(guardTraffic(plan, home, { ...options(strategy), capPercent: 0 })).toEqual({ kind: 'ok' });
    const away = resulting(home, plan);
    const back = planFor(provider, strategy, { ...HOME, epoch: 3 }, away);
    expect(guardTraffic(back, away, { ...options(strategy), capPercent: 0 })).toEqual({ kind: 'ok' });
  });

  it('refuses a rewrite beyond the cap, says the numbers, and lets it through when forced', () => {
    const changed = trafficStrategy({ routing: { geolocation: null, weighted: null, latency: null } });
    const plan = planFor(provider, changed, HOME, home);
    const verdict = guardTraffic(plan, home, { ...options(changed), capPercent: 20 });
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/\d+ of \d+ records .* cap is 20 %/);
    expect(guardTraffic(plan, home, options(changed, true))).toEqual({ kind: 'ok' });
  });

  it('counts a new address of a site: it is an edit of the strategy and no failover', () => {
    const moved = trafficStrategy();
    moved.sites[0]!.addresses = ['192.0.2.99'];
    const verdict = guardTraffic(planFor(provider, moved, HOME, home), home, { ...options(moved), capPercent: 0 });
    expect(verdict.kind).toBe('refused');
  });

  it('refuses an empty answer even when forced', () => {
    const plan = planFor(provider, strategy, FAILED_OVER, home);
    const pairs = [...home, ...plan.additions].filter((record) => record.name === 'to-gcp.causeway.app.example.com');
    const atHome = planFor(provider, strategy, HOME, home).traffic;
    const emptied = { ...plan, traffic: { ...atHome, epoch: 2 }, additions: [], deletions: pairs };
    const verdict = guardTraffic(emptied, home, options(strategy, true));
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/would answer with nothing/);
  });

  it('refuses an answer that leads to a site that traffic must leave, even when forced', () => {
    const plan = planFor(provider, strategy, FAILED_OVER, home);
    const kept = (record: ZoneRecord) => record.name !== 'to-aws.causeway.app.example.com';
    const half = { ...plan, additions: plan.additions.filter(kept), deletions: plan.deletions.filter(kept) };
    const verdict = guardTraffic(half, home, options(strategy, true));
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/192\.0\.2\.10.*no site that traffic may lead to/);
  });

  it('refuses a plan of an older epoch than the zone was written at', () => {
    const away = resulting(home, planFor(provider, strategy, FAILED_OVER, home));
    const verdict = guardTraffic(planFor(provider, strategy, HOME, away), away, options(strategy));
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/written at epoch 2 and this plan is of epoch 1/);
  });

  it('refuses names that are not ours, and names that another application keeps', () => {
    const plan = planFor(provider, strategy, FAILED_OVER, home);
    const foreign = { ...plan, additions: [...plan.additions, { ...home[0]!, name: 'www.example.com' }] };
    expect(guardTraffic(foreign, home, options(strategy, true)).kind).toBe('refused');
    const other = { ...strategy, application: 'another' };
    const verdict = guardTraffic(planFor(provider, other, FAILED_OVER, home), home, options(strategy, true));
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/belong to "gopro", not to "another"/);
  });

  it('adopts records that were made by hand only when forced', () => {
    const byHand = home.filter((record) => record.type !== 'TXT');
    const plan = planFor(provider, strategy, HOME, byHand);
    const verdict = guardTraffic(plan, byHand, options(strategy));
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/without the ownership record/);
    expect(guardTraffic(plan, byHand, options(strategy, true))).toEqual({ kind: 'ok' });
  });
});

describe('a Route 53 geolocation without its default', () => {
  it('is refused, because clients elsewhere would get nothing', () => {
    const strategy = trafficStrategy();
    const home = published('route53', strategy, HOME);
    const plan = planFor('route53', strategy, FAILED_OVER, home);
    const fallback = home.filter((record) => record.setIdentifier === 'default');
    const verdict = guardTraffic(
      { ...plan, deletions: [...plan.deletions, ...fallback] },
      home,
      options(strategy, true),
    );
    expect(verdict.kind === 'refused' && verdict.because).toMatch(/any other location would answer with nothing/);
  });
});
