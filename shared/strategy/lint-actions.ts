// Warnings about scenarios, alerts and channels: what would be refused when it is triggered, or would reach nobody.
import type { Action, Scenario } from '../model/scenario.ts';
import type { Channel, Strategy } from '../model/strategy.ts';
import type { Doubt, LintRule } from './lint-rule.ts';

/** Parsed and validated, and refused (with a record of it) when triggered. */
const NOT_CARRIED_OUT: readonly Action['kind'][] = [
  'gradual_traffic_shift',
  'monitor_metrics',
  'rollback_if_needed',
  'trigger',
  'investigate',
];
const CARRIED_OUT_METRIC = 'db_replication_lag';

export const ACTION_RULES: readonly LintRule[] = [
  {
    rule: 'scenario-not-carried-out',
    look: ({ scenarios }) =>
      scenarios.flatMap(({ name, actions }) => {
        const refused = actions.filter(({ action }) => NOT_CARRIED_OUT.includes(action.kind));
        if (refused.length === 0) return [];
        return notCarriedOut(['scenarios', name], `scenario "${name}"`, quoted(refused));
      }),
  },
  {
    rule: 'alert-not-carried-out',
    look: ({ alerts }) =>
      alerts.flatMap(({ name, metric, actions }, index) => {
        const refused = actions.filter(({ action }) => NOT_CARRIED_OUT.includes(action.kind));
        const reasons = [...(metric === CARRIED_OUT_METRIC ? [] : [`its metric ${metric}`]), ...refusedText(refused)];
        if (reasons.length === 0) return [];
        return notCarriedOut(['alerts', index, 'name'], `alert "${name}"`, reasons.join(' and '));
      }),
  },
  {
    rule: 'no-scenario-for-writer',
    look: ({ scenarios, replication: { primary } }) => {
      if (scenarios.some(({ trigger }) => trigger.kind === 'site_down' && trigger.site === primary)) return [];
      const allowed = `a scenario with trigger: ${primary}_health_check_failed`;
      const message = `no scenario is triggered when the writer's site "${primary}" fails: nothing would be done. Add ${allowed}.`;
      return [{ path: ['scenarios'], found: 'no such scenario', allowed, message }];
    },
  },
  {
    rule: 'traffic-without-authority',
    look: ({ scenarios, replication: { primary } }) =>
      scenarios
        .filter((scenario) => loses(scenario, primary))
        .flatMap((scenario) => {
          const moves = scenario.actions.find(({ action }) => action.kind === 'update_dns');
          if (!moves || scenario.actions.some(({ action }) => action.kind === 'promote_db')) return [];
          const message = `scenario "${scenario.name}" moves traffic away from the writer "${primary}" and promotes no database: clients would reach a site that refuses their writes.`;
          return [
            {
              path: ['scenarios', scenario.name],
              found: moves.written,
              allowed: 'a promote action beside it',
              message,
            },
          ];
        }),
  },
  {
    rule: 'channel-dies-with-site',
    look: (strategy) => strategy.scenarios.flatMap((scenario) => deadChannels(strategy, scenario)),
  },
  {
    rule: 'incident-without-pagerduty',
    look: ({ scenarios, alerts, channels }) => {
      const written = [...scenarios, ...alerts].flatMap(({ actions }) => actions);
      const opens = written.some(({ action }) => action.kind === 'create_incident');
      if (!opens || channels.some(({ kind }) => kind === 'pagerduty')) return [];
      const message =
        'create_incident has no channel of kind pagerduty to open an incident with: declare one below notifications.';
      return [
        { path: ['notifications'], found: 'no pagerduty channel', allowed: 'a channel of kind pagerduty', message },
      ];
    },
  },
];

function loses({ trigger }: Scenario, site: string): boolean {
  return trigger.kind === 'site_down' && trigger.site === site;
}

/** Channels of the provider that the scenario has just lost, where nobody else is told. */
function deadChannels({ sites, channels }: Strategy, { name, trigger, actions }: Scenario): Doubt[] {
  if (trigger.kind !== 'site_down') return [];
  const provider = sites.find((site) => site.name === trigger.site)?.provider;
  const told = actions.flatMap(({ action }) => (action.kind === 'notify' ? [action.channel] : []));
  const alive = channels.filter((channel) => told.includes(channel.name) && providerOf(channel) !== provider);
  if (told.length === 0 || alive.length > 0) return [];
  const message = `scenario "${name}" tells only ${told.join(', ')}, which is sent by ${provider}, the cloud that it has just lost. Notify a channel outside it as well.`;
  return [{ path: ['scenarios', name], found: told.join(', '), allowed: `a channel outside ${provider}`, message }];
}

function providerOf(channel: Channel): 'aws' | 'gcp' | null {
  if (channel.kind === 'sns') return 'aws';
  return channel.kind === 'pubsub' ? 'gcp' : null;
}

function notCarriedOut(path: PropertyKey[], what: string, reasons: string): Doubt[] {
  const message = `${what} is valid and not carried out yet, because of ${reasons}: when triggered it is refused, and the refusal recorded.`;
  return [{ path, found: reasons, allowed: 'actions that are carried out', message }];
}

function refusedText(refused: Scenario['actions']): string[] {
  return refused.length === 0 ? [] : [quoted(refused)];
}

function quoted(actions: Scenario['actions']): string {
  return actions.map(({ written }) => `"${written}"`).join(', ');
}
