// The whole file as one zod schema: what it accepts is the language, what it gives back is the typed Strategy.
import type { Strategy } from '../model/strategy.ts';
import { PositiveDuration } from './duration.ts';
import type { Known } from './known.ts';
import { authoritySection, healthChecksSection, lookoutsSection } from './sections/authority.ts';
import { costSection } from './sections/cost.ts';
import { notificationsSection, prometheusSection } from './sections/notifications.ts';
import { objectsSection } from './sections/objects.ts';
import { replicationSection } from './sections/replication.ts';
import { dnsSection, routingSection } from './sections/routing.ts';
import { alarmsSection, alertsSection, scenariosSection } from './sections/scenarios.ts';
import { sitesSection } from './sections/sites.ts';
import { section, text } from './vocabulary.ts';

/** The schema of `strategy.yaml`, with what the file at hand declares, so that references are checked where they stand. */
export function strategySchema(known: Known) {
  return section({
    application: text('the name of the application').describe('The application that is kept alive.'),
    objectives: section({
      rto: PositiveDuration.prefault('5m').describe('Recovery time objective.'),
      rpo: PositiveDuration.prefault('1m').describe('Recovery point objective: the most that may be lost.'),
    })
      .prefault({})
      .describe('What every failover and drill is measured against.'),
    sites: sitesSection().describe('The places that can serve, by name: a provider and a region each.'),
    lookouts: lookoutsSection(known).describe(
      'Probing functions beside the keepers; at least one outside both clouds.',
    ),
    health_checks: healthChecksSection().describe('How the managed checks probe, and how long a probe may take.'),
    authority: authoritySection(known).describe('Who may write: register stores, lease, confirmations, guard.'),
    dns: dnsSection().describe('The names that clients use, and how they are kept.'),
    routing_policies: routingSection(known).describe('Which site answers whom.'),
    replication: replicationSection(known).describe('Which database is copied to which.'),
    scenarios: scenariosSection(known).describe('A trigger with its list of actions, by name.'),
    alerts: alertsSection(known).describe('Metric conditions and what follows from them.'),
    alarms: alarmsSection(known).describe('Which alarm of which source speaks about which site.'),
    notifications: notificationsSection().describe('Channels to people, by name.'),
    prometheus: prometheusSection().describe('Where metrics are read.'),
    objects: objectsSection(known).describe('Which buckets are kept alike, and how soon.'),
    cost: costSection(known).describe(
      'Where bills are read, where snapshots of them are kept, and what they are held against.',
    ),
  }).transform(
    (written): Strategy => ({
      application: written.application,
      objectives: { rtoSeconds: written.objectives.rto, rpoSeconds: written.objectives.rpo },
      sites: Object.entries(written.sites).map(([name, site]) => ({ name, ...site })),
      lookouts: written.lookouts,
      healthChecks: written.health_checks,
      authority: written.authority,
      dns: written.dns,
      routing: written.routing_policies,
      replication: written.replication,
      scenarios: written.scenarios,
      alerts: written.alerts,
      alarms: written.alarms,
      channels: written.notifications,
      prometheus: written.prometheus,
      objects: written.objects,
      cost: written.cost,
    }),
  );
}
