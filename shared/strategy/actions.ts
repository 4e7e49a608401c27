// Actions in the user's spelling (`scale_gcp_cluster: min_replicas=10`) and what each means. One table; the schema, the
// errors and the editors' JSON Schema all come from it.
import * as z from 'zod';
import type { Action } from '../model/scenario.ts';
import type { Known } from './known.ts';
import { channelReference, findSite, type Need } from './references.ts';
import { eitherOf, refuse } from './vocabulary.ts';

/** Where an action may stand. What changes the world belongs to a scenario, which an alert may trigger. */
export type Place = 'scenario' | 'alert';

export type Spelling = {
  /** `<site>` stands for a declared site. */
  key: string;
  places: readonly Place[];
  /** What the site in the key must have. */
  need: Need;
  /** The value's schema; `site` is the one in the key, or the empty text. */
  value: (known: Known, site: string) => z.ZodType<Action>;
};

const Severity = z.enum(['critical', 'high', 'medium', 'low']);

const BOTH = ['scenario', 'alert'] as const;
const SCENARIO = ['scenario'] as const;
const ALERT = ['alert'] as const;

/** A text of this form, and the action that its first group makes. */
function form(pattern: RegExp, allowed: string, make: (word: string) => Action) {
  return z
    .string({ error: allowed })
    .regex(pattern, { error: allowed })
    .transform((written) => make(pattern.exec(written)?.[1] ?? written));
}

export const SPELLINGS: readonly Spelling[] = [
  {
    key: 'update_dns',
    places: SCENARIO,
    need: 'anything',
    value: (known) => {
      const sites = known.sites?.map((site) => `route_to_${site.name}`) ?? ['route_to_<site>'];
      return z
        .string({ error: eitherOf(sites) })
        .regex(/^route_to_/, { error: eitherOf(sites) })
        .transform((written, context): Action => {
          const site = findSite(known, written.slice('route_to_'.length));
          return typeof site === 'string' ? { kind: 'update_dns', site } : refuse(context, [], site);
        });
    },
  },
  {
    key: 'scale_<site>_cluster',
    places: SCENARIO,
    need: 'cluster',
    value: (_, site) =>
      form(/^min_replicas=([1-9]\d{0,3})$/, 'min_replicas=N, N from 1 to 9999', (count) => ({
        kind: 'scale_cluster',
        site,
        minReplicas: Number(count),
      })),
  },
  {
    key: 'promote_<site>_db',
    places: SCENARIO,
    need: 'database',
    value: (_, site) => form(/^read_write_mode$/, 'read_write_mode', () => ({ kind: 'promote_db', site })),
  },
  {
    key: 'verify_<site>_capacity',
    places: SCENARIO,
    need: 'cluster',
    value: (_, site) => onlyTrue(() => ({ kind: 'verify_capacity', site })),
  },
  {
    key: 'notify',
    places: BOTH,
    need: 'anything',
    value: (known) => channelReference(known).transform((channel): Action => ({ kind: 'notify', channel })),
  },
  {
    key: 'escalate',
    places: BOTH,
    need: 'anything',
    value: (known) => channelReference(known).transform((channel): Action => ({ kind: 'escalate', channel })),
  },
  {
    key: 'create_incident',
    places: BOTH,
    need: 'anything',
    value: () =>
      form(
        /^severity=(critical|high|medium|low)$/,
        eitherOf(Severity.options.map((severity) => `severity=${severity}`)),
        (severity) => ({ kind: 'create_incident', severity: Severity.parse(severity) }),
      ),
  },
  {
    key: 'gradual_traffic_shift',
    places: SCENARIO,
    need: 'anything',
    value: () =>
      form(/^([1-9]\d?|100)_percent_increments$/, 'N_percent_increments, N from 1 to 100', (percent) => ({
        kind: 'gradual_traffic_shift',
        incrementPercent: Number(percent),
      })),
  },
  {
    key: 'monitor_metrics',
    places: SCENARIO,
    need: 'anything',
    value: () => {
      const allowed = 'names of metrics with commas between them, such as "error_rate, latency"';
      return z
        .string({ error: allowed })
        .regex(/^\w+(\s*,\s*\w+)*$/, { error: allowed })
        .transform((written): Action => ({ kind: 'monitor_metrics', metrics: written.split(/\s*,\s*/) }));
    },
  },
  {
    key: 'rollback_if_needed',
    places: SCENARIO,
    need: 'anything',
    value: () =>
      z.boolean({ error: 'true or false' }).transform((enabled): Action => ({ kind: 'rollback_if_needed', enabled })),
  },
  {
    key: 'trigger',
    places: ALERT,
    need: 'anything',
    value: (known) => {
      const scenarios = ['auto_failover', ...known.scenarios];
      return z.string({ error: eitherOf(scenarios) }).transform((scenario, context): Action => {
        if (known.sites === null || scenarios.includes(scenario)) return { kind: 'trigger', scenario };
        const allowed = `auto_failover, or a scenario: ${known.scenarios.join(', ') || 'none is declared'}`;
        return refuse(context, [], {
          found: `"${scenario}"`,
          allowed,
          message: `there is no scenario "${scenario}"; allowed: ${allowed}.`,
          rule: 'undeclared-scenario',
        });
      });
    },
  },
  {
    key: 'investigate',
    places: ALERT,
    need: 'anything',
    value: () =>
      z.boolean({ error: 'true or false' }).transform((enabled): Action => ({ kind: 'investigate', enabled })),
  },
];

function onlyTrue(make: () => Action) {
  return z.literal(true, { error: 'true (leave the line out otherwise)' }).transform(make);
}

/** The spelling that a key is written in, and the word in it that stands for a site (empty when there is none). */
export function spellingOf(key: string, place: Place): { spelling: Spelling; siteWord: string } | null {
  for (const spelling of SPELLINGS) {
    const match = keyPattern(spelling.key).exec(key);
    if (match && spelling.places.includes(place)) return { spelling, siteWord: match[1] ?? '' };
  }
  return null;
}

/** The keys as they can be written here, with the declared sites put in. */
export function writableKeys(known: Known, place: Place): string[] {
  const sites = known.sites?.map((site) => site.name) ?? ['<site>'];
  return SPELLINGS.filter((spelling) => spelling.places.includes(place)).flatMap(({ key }) =>
    key.includes('<site>') ? sites.map((site) => key.replace('<site>', site)) : [key],
  );
}

export function keyPattern(key: string): RegExp {
  return new RegExp(`^${key.replace('<site>', '([a-z][a-z0-9-]*)')}$`);
}
