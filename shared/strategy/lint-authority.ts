// Warnings about who may write: stores, lease, observers, and whether all of it fits into the objectives.
import type { Strategy } from '../model/strategy.ts';
import { sumText, worstCase } from './budget.ts';
import { durationText } from './duration.ts';
import type { Doubt, LintRule } from './lint-rule.ts';

export const AUTHORITY_RULES: readonly LintRule[] = [
  {
    rule: 'stores-share-failure-domain',
    look: ({ authority }) => {
      const { stores } = authority;
      return stores.flatMap((store, index) => {
        const twin = stores.slice(0, index).find((before) => before.failureDomain === store.failureDomain);
        if (!twin) return [];
        return doubt(
          ['authority', 'stores', store.name],
          `${twin.name} and ${store.name} both in ${store.failureDomain}`,
          'a failure domain of its own for each store',
          `register stores "${twin.name}" and "${store.name}" stand in one failure domain, ${store.failureDomain}: one outage takes both, and with them the majority. Move one elsewhere.`,
        );
      });
    },
  },
  {
    rule: 'fewer-than-three-stores',
    look: ({ authority: { stores } }) =>
      stores.length >= 3
        ? []
        : doubt(
            ['authority', 'stores'],
            `${stores.length} of 3 stores`,
            'three stores in three failure domains',
            `the register has ${stores.length} of 3 stores: losing any one stops every renewal, and with it the writer. Add a witness outside both clouds.`,
          ),
  },
  {
    rule: 'no-outside-lookout',
    look: ({ lookouts }) =>
      lookouts.some(({ ground }) => ground === 'elsewhere')
        ? []
        : doubt(
            ['lookouts'],
            lookouts.length === 0
              ? 'no lookout'
              : `lookouts only at ${lookouts.map(({ ground }) => ground).join(', ')}`,
            'a lookout with ground: elsewhere',
            'AUTOMATIC FAILOVER WILL NEVER HAPPEN: no lookout stands outside both clouds, and two clouds alone cannot tell a dead peer from a cut cable. Add one below lookouts with ground: elsewhere.',
          ),
  },
  {
    rule: 'confirmations-unreachable',
    look: (strategy) =>
      strategy.sites.flatMap(({ name }) => {
        const seers = observersOf(strategy, name);
        const { confirmations } = strategy.authority;
        if (confirmations <= seers.length) return [];
        return doubt(
          ['authority', 'confirmations'],
          `${confirmations} confirmations, ${seers.length} observers of ${name}`,
          `at most ${seers.length}, or more observers`,
          `${confirmations} confirmations are asked for; observers that are left when site "${name}" is lost: ${seers.length} (${seers.join(', ') || 'none'}). It would never be called down. Add lookouts or declare alarms.`,
        );
      }),
  },
  {
    rule: 'lease-ttl-above-60s',
    look: ({ authority: { ttlSeconds } }) =>
      ttlSeconds <= 60
        ? []
        : doubt(
            ['authority', 'ttl'],
            durationText(ttlSeconds),
            'at most 60s',
            `the lease lives ${durationText(ttlSeconds)}: after a hard failure nobody may write for that long. Keep it at 60s or below; 15s is usual.`,
          ),
  },
  {
    rule: 'lease-too-short',
    look: ({ authority: { ttlSeconds, beatSeconds, marginSeconds } }) => {
      const least = 2 * beatSeconds + marginSeconds;
      if (ttlSeconds > least) return [];
      return doubt(
        ['authority', 'ttl'],
        durationText(ttlSeconds),
        `more than 2 beats and the margin: ${durationText(least)}`,
        `the lease (${durationText(ttlSeconds)}) is not longer than two beats and the margin (2 x ${durationText(beatSeconds)} + ${durationText(marginSeconds)} = ${durationText(least)}): one missed beat would stop a healthy writer.`,
      );
    },
  },
  {
    rule: 'rto-out-of-reach',
    look: (strategy) => {
      const budget = worstCase(strategy);
      if (budget.leftSeconds > 0) return [];
      return doubt(
        ['objectives', 'rto'],
        sumText(budget),
        `a sum below the RTO of ${durationText(budget.rtoSeconds)}`,
        `the RTO of ${durationText(budget.rtoSeconds)} cannot be promised: ${sumText(budget)}, before promotion has begun. Shorten the largest part or raise the RTO.`,
      );
    },
  },
  {
    rule: 'probe-slower-than-beat',
    look: ({ authority: { beatSeconds }, healthChecks: { timeoutSeconds } }) =>
      timeoutSeconds < beatSeconds
        ? []
        : doubt(
            ['health_checks', 'timeout'],
            durationText(timeoutSeconds),
            `less than the beat of ${durationText(beatSeconds)}`,
            `a probe may take ${durationText(timeoutSeconds)}, and a beat is ${durationText(beatSeconds)}: probes that hang would hold the lease's renewal up.`,
          ),
  },
  {
    rule: 'guard-only-observes',
    look: ({ authority: { guard } }) =>
      guard === 'enforce'
        ? []
        : doubt(
            ['authority', 'guard'],
            'observe',
            'enforce',
            'the guard only observes: no write is refused, so taking over on an expired lease needs a person. Set it to enforce when the rehearsals are over.',
          ),
  },
];

/** Who is left to see a site fail: not its own keeper, nor what stands in the same region, nor the alarms of its own provider. */
function observersOf({ sites, lookouts, alarms }: Strategy, name: string): string[] {
  const site = sites.find((candidate) => candidate.name === name);
  const keepers = sites.filter((other) => other.name !== name).map((other) => `the keeper of ${other.name}`);
  const outside = lookouts.filter(({ ground, region }) => ground !== site?.provider || region !== site.region);
  const own = { aws: 'cloudwatch', gcp: 'cloud-monitoring' };
  const checks = alarms.filter(
    ({ source, speaks }) =>
      speaks.about === 'health' && speaks.site === name && source !== own[site?.provider ?? 'aws'],
  );
  return [...keepers, ...outside.map((lookout) => lookout.name), ...checks.map((alarm) => alarm.name)];
}

function doubt(path: PropertyKey[], found: string, allowed: string, message: string): Doubt[] {
  return [{ path, found, allowed, message }];
}
