// Errors that no single place shows: what two parts of a well-formed strategy say against each other.
import type { Scenario } from '../model/scenario.ts';
import type { Strategy } from '../model/strategy.ts';
import { costAgainstTheRest } from './consistency-cost.ts';
import { objectsAgainstTheRest } from './consistency-objects.ts';
import type { Finding } from './issue.ts';

type Contradiction = Omit<Finding, 'severity' | 'at'>;

/** Everything that makes a well-formed strategy unusable. */
export function contradictions(strategy: Strategy): Finding[] {
  return [
    ...sameTwice(strategy),
    ...routingAgainstItself(strategy),
    ...replicationAgainstItself(strategy),
    ...strategy.scenarios.flatMap((scenario) => scenarioAgainstItself(scenario)),
    ...objectsAgainstTheRest(strategy),
    ...costAgainstTheRest(strategy),
  ].map((contradiction) => ({ severity: 'error', at: 'value', ...contradiction }));
}

function sameTwice(strategy: Strategy): Contradiction[] {
  const alerts = strategy.alerts.map(({ name }, index) => ({
    key: name,
    path: ['alerts', index, 'name'],
    what: 'alert',
  }));
  const alarms = strategy.alarms.map(({ source, name }, index) => ({
    key: `${source} ${name}`,
    path: ['alarms', index, 'name'],
    what: 'alarm',
  }));
  const triggers = strategy.scenarios.map(({ name, trigger }) => ({
    key: trigger.kind === 'site_down' ? `${trigger.site}_health_check_failed` : trigger.kind,
    path: ['scenarios', name, 'trigger'],
    what: 'scenario for the trigger',
  }));
  return [alerts, alarms, triggers].flatMap((list) =>
    list.flatMap(({ key, path, what }, index) => {
      if (!list.slice(0, index).some((before) => before.key === key)) return [];
      const message = `a second ${what} "${key}": which one is meant could not be told. Leave one.`;
      return [{ path, found: `"${key}" again`, allowed: `one ${what} "${key}"`, message, rule: 'same-twice' }];
    }),
  );
}

function routingAgainstItself({ routing, dns }: Strategy): Contradiction[] {
  const found: Contradiction[] = [];
  if (routing.failover && routing.failover.primary === routing.failover.secondary) {
    const { primary } = routing.failover;
    const message = `failover.primary and failover.secondary are both site "${primary}": there is nothing to fail over to.`;
    found.push({
      path: ['routing_policies', 'failover', 'secondary'],
      found: `"${primary}" twice`,
      allowed: 'two different sites',
      message,
      rule: 'same-site',
    });
  }
  if (dns.name === dns.writerName) {
    const message = `dns.name and dns.writer_name are both "${dns.name}"; the writer's name follows the epoch alone, so it needs a name of its own.`;
    const path = ['dns', 'writer_name'];
    found.push({ path, found: `"${dns.name}"`, allowed: 'another name than dns.name', message, rule: 'same-name' });
  }
  return found;
}

function replicationAgainstItself({ replication }: Strategy): Contradiction[] {
  const { primary, replicas } = replication;
  return replicas.flatMap(({ site }, index) => {
    const before = [primary, ...replicas.slice(0, index).map((replica) => replica.site)];
    if (!before.includes(site)) return [];
    const path = ['replication', 'replicas', index];
    const message = `site "${site}" stands in replication twice; each site has one database.`;
    return [{ path, found: `"${site}" again`, allowed: 'each site once', message, rule: 'same-twice' }];
  });
}

/** A scenario may neither lean on the site that failed, nor send traffic and authority to different sites. */
function scenarioAgainstItself(scenario: Scenario): Contradiction[] {
  const lost = scenario.trigger.kind === 'site_down' ? scenario.trigger.site : null;
  const steps = scenario.actions.flatMap(({ action, written }, index) =>
    'site' in action
      ? [{ site: action.site, kind: action.kind, written, path: ['scenarios', scenario.name, 'actions', index] }]
      : [],
  );
  const leaning = steps
    .filter(({ site }) => site === lost)
    .map(({ written, path }) => ({
      path,
      found: `"${written}"`,
      allowed: `a site other than ${lost}`,
      message: `"${written}" leans on site "${lost}", whose failure starts this scenario.`,
      rule: 'leans-on-lost-site',
    }));
  const targets = steps.filter(({ kind }) => kind === 'update_dns' || kind === 'promote_db');
  const [first] = targets;
  const split = targets
    .filter(({ site }) => site !== first?.site)
    .map(({ written, path, site }) => ({
      path,
      found: `"${written}"`,
      allowed: `site ${first?.site}, as in "${first?.written}"`,
      message: `"${written}" goes to site "${site}", "${first?.written}" to site "${first?.site}"; traffic follows authority, so both go to one site.`,
      rule: 'split-target',
    }));
  return [...leaning, ...split];
}
