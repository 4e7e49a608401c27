// Warnings about costs: snapshots that one cloud's loss would take along, bills that nobody reads, and what would be told to nobody.
import type { Provider } from '../model/site.ts';
import type { Doubt, LintRule } from './lint-rule.ts';

/** Cost Explorer restates usage for days, credits and refunds for weeks. */
const SHORTEST_USEFUL_WINDOW_DAYS = 3;
const SOURCE_OF: Record<Provider, string> = { aws: 'account', gcp: 'export' };

export const COST_RULES: readonly LintRule[] = [
  {
    rule: 'cost-bucket-missing',
    look: ({ cost, sites }) =>
      sites
        .filter(({ name }) => cost && !cost.buckets.some(({ site }) => site === name))
        .flatMap(({ name }) => {
          const message = `site "${name}" has no bucket for snapshots: if the other is lost, they are lost with it. Add cost.buckets.${name}.`;
          return doubt(['cost', 'buckets'], `nothing for ${name}`, 'a bucket at each site', message);
        }),
  },
  {
    rule: 'cost-source-missing',
    look: ({ cost, sites }) =>
      [...new Set(sites.map(({ provider }) => provider))]
        .filter((provider) => cost && !cost.sources.some((source) => source.provider === provider))
        .flatMap((provider) => {
          const message = `what is spent at ${provider} is not read, and will be in no sum: add cost.sources.${provider} with its ${SOURCE_OF[provider]}.`;
          return doubt(['cost', 'sources'], `nothing for ${provider}`, `cost.sources.${provider}`, message);
        }),
  },
  {
    rule: 'cost-restated-later',
    look: ({ cost }) => {
      if (!cost || cost.restateWindowDays >= SHORTEST_USEFUL_WINDOW_DAYS) return [];
      const found = `${cost.restateWindowDays}d`;
      const message = `bills settle for days: with a window of ${found} what a provider restates later is not seen until the day's month is closed.`;
      return doubt(['cost', 'restate_window'], found, `at least ${SHORTEST_USEFUL_WINDOW_DAYS}d`, message);
    },
  },
  {
    rule: 'cost-untold',
    look: ({ cost }) => {
      if (!cost) return [];
      const budgets = cost.budgets
        .filter(({ notify }) => notify.length === 0)
        .map(({ name }) => ({ path: ['cost', 'budgets', name], what: `the budget "${name}"` }));
      const anomalies = cost.anomalies.atLeast.length > 0 && cost.anomalies.notify.length === 0;
      return [...budgets, ...(anomalies ? [{ path: ['cost', 'anomalies'], what: 'an anomaly' }] : [])].flatMap(
        ({ path, what }) => {
          const message = `nobody is told of ${what}, only the report shows it: name a channel in ${path.join('.')}.notify.`;
          return doubt(path, 'no channel', `${path.join('.')}.notify`, message);
        },
      );
    },
  },
];

function doubt(path: PropertyKey[], found: string, allowed: string, message: string): Doubt[] {
  return [{ path, found, allowed, message }];
}
