// Warnings about replicated buckets: what would be dear, late, or never said.
import type { ReplicationTier } from '../model/replica.ts';
import type { Strategy } from '../model/strategy.ts';
import { durationText } from './duration.ts';
import type { Doubt, LintRule } from './lint-rule.ts';

/** By name or prefix: what is large, or rewritten all the time. */
const DEAR = /backup|archive|dump|log/;
const RARE_SECONDS = 7 * 86_400;

export const OBJECT_RULES: readonly LintRule[] = [
  {
    rule: 'tier-prefixes-overlap',
    look: eachTier(({ prefix }, { others }) => {
      const wider = others.find((other) => other.prefix !== '' && prefix.startsWith(other.prefix));
      if (!wider) return null;
      return {
        found: `"${prefix}" inside "${wider.prefix}"`,
        allowed: 'prefixes that do not hold each other',
        message: `keys below "${prefix}" match "${wider.prefix}" of tier "${wider.name}" too: the longest prefix decides, so that this tier has them. If that is not meant, change one.`,
      };
    }),
  },
  {
    rule: 'tier-prefix-without-slash',
    look: eachTier(({ prefix }) => {
      if (prefix === '' || (prefix.endsWith('/') && !prefix.startsWith('/'))) return null;
      const message = prefix.startsWith('/')
        ? `keys seldom begin with a slash, and "${prefix}" matches only those that do: leave the first slash out.`
        : `"${prefix}" matches "${prefix}-old/..." as well as "${prefix}/...": end it with a slash.`;
      return { found: `"${prefix}"`, allowed: 'a prefix that ends with / and does not begin with it', message };
    }),
  },
  {
    rule: 'realtime-is-dear',
    look: eachTier(({ name, prefix, everySeconds }) => {
      if (everySeconds !== null || !DEAR.test(`${name} ${prefix}`)) return null;
      const message = `tier "${name}" copies every version of every object when it is written; egress is about 0.09 to 0.12 dollars a GB. Backups and logs seldom need that: every: 1h or 1d copies the newest version once.`;
      return { found: 'realtime', allowed: 'every: 1h or 1d', message };
    }, 'sync'),
  },
  {
    rule: 'pair-in-one-region',
    look: ({ objects, sites }) =>
      (objects?.pairs ?? []).flatMap((pair) => {
        const [left, right] = pair.buckets.map((end) => sites.find(({ name }) => name === end.site));
        if (left?.provider !== right?.provider || left?.region !== right?.region) return [];
        const found = `${left?.provider}/${left?.region} twice`;
        const message = `both buckets of pair "${pair.name}" are in ${left?.provider}/${left?.region} and are lost together: pair buckets of two regions.`;
        return doubt(['objects', 'pairs', pair.name, 'buckets'], found, 'two regions', message);
      }),
  },
  {
    rule: 'objects-without-queues',
    look: ({ objects }) =>
      sitesOf(objects)
        .filter((site) => !objects?.queues.some((queue) => queue.site === site))
        .flatMap((site) => {
          const message = `site "${site}" has no queues: events there are not collected, and its objects are replicated by reconciliation alone. Add objects.queues.${site}.`;
          return doubt(['objects', 'queues'], `nothing for ${site}`, `objects.queues.${site}`, message);
        }),
  },
  {
    rule: 'reconcile-rarely',
    look: ({ objects }) => {
      const seconds = objects?.reconcile.everySeconds ?? 0;
      if (seconds <= RARE_SECONDS) return [];
      const message = `events do get lost, and what a lost one meant is found by reconciling, here only every ${durationText(seconds)}. Listing a million unchanged objects costs about a cent.`;
      return doubt(['objects', 'reconcile', 'every'], durationText(seconds), 'at most 7d', message);
    },
  },
  {
    rule: 'no-progress-untold',
    look: ({ objects }) => {
      if (!objects || objects.noProgress.notify.length > 0) return [];
      const message =
        'when replication stands still only a metric says so: name a channel in objects.no_progress.notify.';
      return doubt(['objects'], 'no channel', 'objects.no_progress.notify', message);
    },
  },
];

type Around = { others: readonly ReplicationTier[] };

/** A rule about one tier; `at` is the key that the warning points at. */
function eachTier(
  look: (tier: ReplicationTier, around: Around) => Omit<Doubt, 'path'> | null,
  at: 'prefix' | 'sync' = 'prefix',
): LintRule['look'] {
  return ({ objects }) =>
    (objects?.pairs ?? []).flatMap(({ name, tiers }) =>
      tiers.flatMap((tier) => {
        const found = look(tier, { others: tiers.filter((other) => other !== tier) });
        return found ? [{ path: ['objects', 'pairs', name, 'tiers', tier.name, at], ...found }] : [];
      }),
    );
}

function sitesOf(objects: Strategy['objects']): string[] {
  return [...new Set((objects?.pairs ?? []).flatMap(({ buckets }) => buckets.map(({ site }) => site)))];
}

function doubt(path: PropertyKey[], found: string, allowed: string, message: string): Doubt[] {
  return [{ path, found, allowed, message }];
}
