// A valid strategy in short: sites, writer, register, objectives with the worst case, scenarios with their steps.
import type { CostPlan } from '../../shared/model/cost-plan.ts';
import type { BucketPair } from '../../shared/model/replica.ts';
import type { Trigger } from '../../shared/model/scenario.ts';
import type { Site, Strategy } from '../../shared/model/strategy.ts';
import { type Budget, sumText, worstCase } from '../../shared/strategy/budget.ts';
import { conditionText } from '../../shared/strategy/condition.ts';
import { durationText } from '../../shared/strategy/duration.ts';

export type Summary = {
  application: string;
  writer: string;
  sites: { name: string; provider: string; region: string; role: string }[];
  lookouts: { name: string; ground: string; region: string }[];
  stores: { name: string; failureDomain: string }[];
  objectives: Strategy['objectives'];
  budget: Budget;
  scenarios: { name: string; trigger: string; steps: string[] }[];
  alerts: { name: string; condition: string; steps: string[] }[];
  objects: Strategy['objects'];
  cost: Strategy['cost'];
};

export function summarise(strategy: Strategy): Summary {
  return {
    application: strategy.application,
    writer: strategy.replication.primary,
    sites: strategy.sites.map((site) => ({
      name: site.name,
      provider: site.provider,
      region: site.region,
      role: roleOf(strategy, site),
    })),
    lookouts: strategy.lookouts.map(({ name, ground, region }) => ({ name, ground, region })),
    stores: strategy.authority.stores.map(({ name, failureDomain }) => ({ name, failureDomain })),
    objectives: strategy.objectives,
    budget: worstCase(strategy),
    scenarios: strategy.scenarios.map(({ name, trigger, actions }) => ({
      name,
      trigger: triggerText(trigger),
      steps: actions.map(({ written }) => written),
    })),
    alerts: strategy.alerts.map((alert) => ({
      name: alert.name,
      condition: `${conditionText(alert)} for ${durationText(alert.durationSeconds)}`,
      steps: alert.actions.map(({ written }) => written),
    })),
    objects: strategy.objects,
    cost: strategy.cost,
  };
}

function roleOf({ replication }: Strategy, { name }: Site): string {
  if (replication.primary === name) return 'writer';
  const replica = replication.replicas.find(({ site }) => site === name);
  return replica
    ? `replica (${replication.method}, ready below ${durationText(replica.lagThresholdSeconds)} of lag)`
    : 'no database of the replication';
}

function triggerText(trigger: Trigger): string {
  return trigger.kind === 'site_down' ? `site ${trigger.site} is down` : 'the service is degraded';
}

/** The summary in plain lines. */
export function summaryText(strategy: Strategy): string {
  const summary = summarise(strategy);
  const { authority, objectives } = strategy;
  const rto = durationText(objectives.rtoSeconds);
  const row = (label: string, values: string[]): string[] =>
    values.map((value, index) => `  ${(index === 0 ? label : '').padEnd(12)}${value}`);
  return [
    ...row('application', [summary.application]),
    ...row(
      'sites',
      summary.sites.map(({ name, provider, region, role }) => `${name}: ${provider} ${region}, ${role}`),
    ),
    ...row('lookouts', [
      `the keeper of each site`,
      ...summary.lookouts.map(({ name, ground, region }) => `${name}: ${ground}, ${region}`),
    ]),
    ...row(
      'register',
      summary.stores.map(({ name, failureDomain }) => `${name} in ${failureDomain}`),
    ),
    ...row('lease', [
      `${durationText(authority.ttlSeconds)}, renewed every ${durationText(authority.beatSeconds)}, margin ${durationText(authority.marginSeconds)}; guard: ${authority.guard}`,
    ]),
    ...row('objectives', [`RTO ${rto}, RPO ${durationText(objectives.rpoSeconds)}`]),
    ...row('worst case', [sumText(summary.budget), leftText(summary.budget)]),
    ...row(
      'scenarios',
      summary.scenarios.flatMap(({ name, trigger, steps }) => [`${name}, when ${trigger}`, ...numbered(steps)]),
    ),
    ...row(
      'alerts',
      summary.alerts.flatMap(({ name, condition, steps }) => [`${name}, on ${condition}`, ...numbered(steps)]),
    ),
    ...row('objects', (summary.objects?.pairs ?? []).flatMap(pairLines)),
    ...row('cost', summary.cost ? costLines(summary.cost) : []),
  ].join('\n');
}

function pairLines({ name, buckets: [left, right], tiers }: BucketPair): string[] {
  const pace = (everySeconds: number | null) =>
    everySeconds === null ? 'at once' : `every ${durationText(everySeconds)}`;
  return [
    `${name}: ${left.bucket} at ${left.site} and ${right.bucket} at ${right.site}`,
    ...tiers.map(({ prefix, everySeconds }) => `  ${prefix === '' ? 'every other key' : prefix} ${pace(everySeconds)}`),
  ];
}

function costLines({ sources, buckets, restateWindowDays, budgets }: CostPlan): string[] {
  const bill = (source: CostPlan['sources'][number]) =>
    source.provider === 'aws'
      ? `aws: Cost Explorer of account ${source.account}`
      : `gcp: the export ${source.project}.${source.dataset}.${source.table} in ${source.location}`;
  return [
    ...sources.map(bill),
    `each day asked for again for ${restateWindowDays}d, kept in ${buckets.map(({ site, bucket }) => `${bucket} at ${site}`).join(' and ')}`,
    ...budgets.map(({ name, monthly }) => `budget ${name}: ${monthly.amount} ${monthly.currency} a month`),
  ];
}

function leftText({ leftSeconds, rtoSeconds }: Budget): string {
  return leftSeconds > 0
    ? `${leftSeconds}s of the RTO (${durationText(rtoSeconds)}) are left for promotion, scaling and start-up`
    : `the RTO (${durationText(rtoSeconds)}) is used up ${-leftSeconds}s before promotion could begin`;
}

function numbered(steps: string[]): string[] {
  return steps.map((step, index) => `  ${index + 1}. ${step}`);
}
