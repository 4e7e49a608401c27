// `scenarios:`, `alerts:` and `alarms:` what starts what, and which outside alarm speaks about which site.
import * as z from 'zod';
import type { Alert, Trigger } from '../../model/scenario.ts';
import type { AlarmDeclaration } from '../../model/signal.ts';
import { actionList } from '../action-list.ts';
import { condition } from '../condition.ts';
import { Duration } from '../duration.ts';
import type { Known } from '../known.ts';
import { alertReference, findSite, siteReference } from '../references.ts';
import { eitherOf, Name, named, oneOf, refuse, section, text } from '../vocabulary.ts';

const DOWN = '_health_check_failed';

function trigger(known: Known) {
  const sites = known.sites?.map((site) => site.name) ?? ['<site>'];
  const allowed = eitherOf([...sites.map((site) => `${site}${DOWN}`), 'service_degradation']);
  return z
    .string({ error: allowed })
    .regex(/^([a-z][a-z0-9-]*_health_check_failed|service_degradation)$/, { error: allowed })
    .transform((written, context): Trigger => {
      if (written === 'service_degradation') return { kind: 'service_degradation' };
      const site = findSite(known, written.slice(0, -DOWN.length));
      return typeof site === 'string' ? { kind: 'site_down', site } : refuse(context, [], site);
    });
}

export function scenariosSection(known: Known) {
  return named(section({ trigger: trigger(known), actions: actionList(known, 'scenario') }), 'scenario')
    .refine((scenarios) => Object.keys(scenarios).length > 0, { error: 'at least one scenario, by name' })
    .transform((written) => Object.entries(written).map(([name, scenario]) => ({ name, ...scenario })));
}

export function alertsSection(known: Known) {
  const alert = section({
    name: Name,
    condition: condition(known),
    duration: Duration.prefault('0s'),
    actions: actionList(known, 'alert'),
  }).transform((written): Alert => {
    const { condition: compared, duration: durationSeconds, name, actions } = written;
    return { name, ...compared, durationSeconds, actions };
  });
  return z.array(alert, { error: 'a list of alerts' }).prefault([]);
}

export function alarmsSection(known: Known) {
  const site = siteReference(known);
  const speaks = z.discriminatedUnion(
    'about',
    [
      section({
        about: z.literal('health'),
        site,
        component: text('what it watches there, such as application').default('application'),
      }),
      section({ about: z.literal('lag'), site }),
      section({ about: z.literal('alert'), alert: alertReference(known) }),
      section({ about: z.literal('context'), site: site.nullable().default(null) }),
    ],
    { error: 'a mapping that begins with about: health, lag, alert or context' },
  );
  const alarm = section({
    source: oneOf(['cloudwatch', 'cloud-monitoring', 'alertmanager', 'rds', 'aws-health']),
    name: text('the name of the alarm, policy, alertname label or instance, exactly as the source sends it'),
    speaks,
  }).transform((written): AlarmDeclaration => written);
  return z.array(alarm, { error: 'a list of alarms, each with source, name and speaks' }).prefault([]);
}
