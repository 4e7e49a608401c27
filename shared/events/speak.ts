// From what an alarm showed to what it says: the strategy's declarations give its words their meaning.
import type { AlarmDeclaration, Health, Parsed, Signal, Vantage } from '../model/signal.ts';
import type { EventContext } from './context.ts';
import { heard, rejected, together } from './parsed.ts';

/** One state of one alarm, in neutral words. What it speaks of is not in it: only the strategy knows that. */
export type Showing = {
  source: AlarmDeclaration['source'];
  /** Any of these may stand in the declaration: a Cloud Monitoring policy has a display name and a resource name. */
  names: [string, ...string[]];
  /** Equal for all deliveries of this state change, whatever their path. */
  id: string;
  vantage: Vantage;
  observedAt: string;
  /** `unhealthy`: the alarm's condition holds. `unknown`: missing data, or muted by an operator. */
  state: Health;
  /** Null: the event carries no value, or none in seconds. */
  lagSeconds: number | null;
  because: string;
  /** Why this alarm can never reflect health, whatever it says; null when it can. */
  unfitForHealth: string | null;
};

/**
 * One signal for each declaration of this alarm, or the rejection `undeclared` with the lines that would declare it.
 * An id is the state change's and the subject's: an alarm that speaks about two things states two facts.
 */
export function speak(showing: Showing, context: EventContext): Parsed {
  const declarations = context.declarations.filter(
    (each) => each.source === showing.source && showing.names.includes(each.name),
  );
  if (declarations.length === 0) return undeclared(showing.source, showing.names, context);
  return together(declarations.map((declaration) => signalFor(showing, declaration.speaks)));
}

function signalFor(showing: Showing, speaks: AlarmDeclaration['speaks']): Parsed {
  const { vantage, observedAt, because } = showing;
  const said = (subject: string) => ({ id: `${showing.id}#${subject}`, vantage, observedAt, because });
  switch (speaks.about) {
    case 'health': {
      if (showing.unfitForHealth) return rejected('unsupported', showing.source, showing.unfitForHealth);
      const { site, component } = speaks;
      return heard({ kind: 'health', ...said(`health:${site}/${component}`), site, component, health: showing.state });
    }
    case 'lag':
      return heard({ kind: 'lag', ...said(`lag:${speaks.site}`), site: speaks.site, ...lagOf(showing) });
    case 'alert':
      return alertOf(showing, speaks.alert, said(`alert:${speaks.alert}`));
    case 'context': {
      const topic = `${showing.source}: ${showing.names[0]}`;
      return heard({ kind: 'context', ...said(`context:${speaks.site ?? ''}`), site: speaks.site, topic });
    }
    default:
      return speaks satisfies never;
  }
}

/** A negative lag is how a broken replication reports itself: it is unknown, not small. */
function lagOf(showing: Showing): { lagSeconds: number | null; breached: boolean | null } {
  const broken = showing.lagSeconds !== null && !(showing.lagSeconds >= 0);
  if (showing.state === 'unknown' || broken) return { lagSeconds: null, breached: null };
  return { lagSeconds: showing.lagSeconds, breached: showing.state === 'unhealthy' };
}

function alertOf(
  showing: Showing,
  alert: string,
  said: Pick<Signal, 'id' | 'vantage' | 'observedAt' | 'because'>,
): Parsed {
  if (showing.state !== 'unknown') {
    return heard({ kind: 'alert', ...said, alert, firing: showing.state === 'unhealthy' });
  }
  return rejected(
    'not-a-state-change',
    showing.source,
    `${showing.because} That neither fires nor resolves the alert "${alert}".`,
  );
}

/** A fact of a source that may only explain. */
export type Explanation = Pick<Showing, 'source' | 'names' | 'id' | 'vantage' | 'observedAt' | 'because'> & {
  topic: string;
};

/**
 * Context signals, one for each site that the declarations name, or the rejection `undeclared`. Whatever else a declaration says about
 * such a source, it stays context: the declaration only tells the site.
 */
export function explain(explanation: Explanation, context: EventContext): Parsed {
  const { source, names, ...fact } = explanation;
  const sites = context.declarations
    .filter((each) => each.source === source && names.includes(each.name))
    .map(({ speaks }) => (speaks.about === 'alert' ? null : speaks.site));
  if (sites.length === 0) return undeclared(source, names, context);
  const signals = [...new Set(sites)].map((site) => ({
    kind: 'context' as const,
    ...fact,
    id: `${fact.id}#context:${site ?? ''}`,
    site,
  }));
  return heard(...signals);
}

/** The rejection for an alarm without a declaration; it shows the lines to add. */
function undeclared(source: AlarmDeclaration['source'], names: readonly string[], context: EventContext): Parsed {
  const known = context.declarations.filter((each) => each.source === source).map((each) => `"${each.name}"`);
  const listed = known.length > 0 ? known.join(', ') : 'none';
  return rejected(
    'undeclared',
    source,
    `the strategy declares no meaning for ${names.map((name) => `"${name}"`).join(' or ')} (declared for ${source}: ${listed}); ` +
      `to declare it, add to alarms in the strategy: {source: ${source}, name: ${JSON.stringify(names[0] ?? '')}, ` +
      'speaks: {about: health, site: <site>, component: <component>}}, or about: lag, alert or context',
  );
}
