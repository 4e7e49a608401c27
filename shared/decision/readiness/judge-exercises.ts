// Judging the exercises of one keeper: what answered and said the right thing, what was refused, and what nobody could find out.
import type { Exercise, ExerciseFacts } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import { type Strategy, siteOf } from '../../model/strategy.ts';
import { ageOf, type ReadinessCase } from './case.ts';
import { findingsAbout, type ReadinessFinding, some, spanText } from './finding.ts';

export function judgeExercises(it: ReadinessCase, site: SiteName, exercises: Exercise[]): ReadinessFinding[] {
  const findings = exercises.map((exercise) => judgeExercise(it, site, exercise));
  const { ready } = findingsAbout(site);
  // What went well is one line: what stands beside it is what somebody has to read.
  const well = findings.filter(({ verdict }) => verdict === 'ready');
  const rest = findings.filter(({ verdict }) => verdict !== 'ready');
  if (well.length === 0) return rest;
  const oldest = exercises.reduce((most, { sight }) => Math.max(most, ageOf(sight.at, it.now)), 0);
  const names = well.map(({ about }) => about);
  const count = rest.length === 0 ? `all ${names.length}` : `${names.length} of ${exercises.length}`;
  const found = `${count} calls that a failover makes have answered, the oldest ${spanText(oldest)} ago: ${some(names, 40)}`;
  return [...rest, ready('calls to both clouds', found)];
}

function judgeExercise(it: ReadinessCase, site: SiteName, exercise: Exercise): ReadinessFinding {
  const { name, ground, sight } = exercise;
  if (sight.kind === 'seen') return judgeFacts(it, site, name, sight.facts);
  const { notReady, unknown } = findingsAbout(site);
  const last =
    sight.seenAt === null ? 'it has never answered' : `it last answered ${spanText(ageOf(sight.seenAt, it.now))} ago`;
  if (sight.kind === 'unknown') {
    const wayOut = 'nothing, if that cloud is in trouble; else the network and the endpoint, as seen from there';
    return unknown(name, `did not answer ${site}: ${sight.because}; ${last}`, wayOut);
  }
  // Who takes over needs its own cloud and the neutral ground; the other may be gone by then.
  const isNeeded = ground === 'elsewhere' || ground === siteOf(it.strategy, site).provider;
  return notReady(
    isNeeded ? 'critical' : 'high',
    name,
    `refused ${site}: ${sight.because}; ${last}`,
    `give the keeper of ${site} that right; \`causeway readiness\` shows within a minute whether it has it`,
  );
}

function judgeFacts(it: ReadinessCase, site: SiteName, name: string, facts: ExerciseFacts): ReadinessFinding {
  const { ready } = findingsAbout(site);
  switch (facts.kind) {
    case 'answered':
      return ready(name, 'answered');
    case 'zone':
      return judgeZone(it, site, name, facts);
    case 'answers':
      return judgeAnswers(it, site, name, facts);
    case 'beacon':
      return judgeBeacon(site, name, facts);
    case 'capacity':
      return judgeCapacity(it, site, name, facts);
    case 'instance':
      return judgeInstance(it, site, name, facts);
  }
}

type Facts<K extends ExerciseFacts['kind']> = Extract<ExerciseFacts, { kind: K }>;

const isMoving = ({ situation: { run } }: ReadinessCase) =>
  run?.steps.some(({ action, status }) => action.kind === 'update_dns' && status !== 'done') ?? false;

function judgeZone(it: ReadinessCase, site: SiteName, name: string, facts: Facts<'zone'>): ReadinessFinding {
  const { ready, noted, notReady } = findingsAbout(site);
  if (facts.unpublished !== null) return notReady('critical', name, facts.unpublished, '`causeway publish --yes`');
  if (facts.differences.length === 0) return ready(name, 'are as the situation has them');
  const found = `${facts.differences.length} are not as the situation has them: ${some(facts.differences)}`;
  return isMoving(it)
    ? noted(name, `${found}; a run moves them now`, null)
    : notReady('high', name, found, '`causeway publish` shows what it would change, and changes it with --yes');
}

function judgeAnswers(it: ReadinessCase, site: SiteName, name: string, facts: Facts<'answers'>): ReadinessFinding {
  const { ready, noted, notReady, unknown } = findingsAbout(site);
  if (facts.verdict === 'moved') return ready(name, facts.because);
  if (isMoving(it)) return noted(name, `${facts.because}; a run moves them now`, null);
  return facts.verdict === 'unknown'
    ? unknown(name, facts.because, 'are the servers of dns.name_servers right, and can they be reached from here?')
    : notReady(
        'critical',
        name,
        `lead clients wrong: ${facts.because}`,
        '`causeway publish`; is the zone delegated to them?',
      );
}

/** The path that needs no DNS control plane: it must be there on the day when nothing else is. */
function judgeBeacon(site: SiteName, name: string, facts: Facts<'beacon'>): ReadinessFinding {
  const { ready, notReady, unknown } = findingsAbout(site);
  const { lit, mustBeLit, inPublic, because } = facts;
  if (lit === null) {
    return notReady('critical', name, 'was never written: no health check watches it', '`causeway publish --yes`');
  }
  if (inPublic === 'unhealthy') {
    const found = `cannot be read by the world, and so not by the health checks: ${because}`;
    return notReady(
      'critical',
      name,
      found,
      'let everybody read that object: a bucket of its own, public read on it alone',
    );
  }
  if (lit !== mustBeLit) {
    const found = lit ? 'is lit, and traffic has not left that site' : 'is dark, and traffic has left that site';
    return notReady('critical', name, found, '`causeway publish` sets it as the situation has it');
  }
  if (inPublic === 'unknown') {
    return unknown(name, `whether the world can read it could not be found out: ${because}`, 'the network from here');
  }
  return ready(name, `${lit ? 'lit' : 'dark'}, as it must be, and the world can read it`);
}

/** A site's own cluster is judged by its own keeper; that the other's answers is all that matters to this one. */
function judgeCapacity(it: ReadinessCase, site: SiteName, name: string, facts: Facts<'capacity'>): ReadinessFinding {
  const { ready, noted, notReady } = findingsAbout(site);
  const { replicaFloor, readyReplicas, nodeMinimum } = facts;
  const found = `${readyReplicas} replicas are ready, the floor is ${replicaFloor}, with at least ${nodeMinimum} nodes`;
  if (facts.site !== site) return ready(name, found);
  if (readyReplicas < Math.max(1, replicaFloor)) {
    const wayOut = 'why are they not ready? `kubectl get pods` says; the node pool may have no room';
    return notReady('high', name, found, wayOut);
  }
  const demand = demandOn(it.strategy, site);
  if (demand === null || demand.replicas <= readyReplicas) return ready(name, found);
  return noted(
    name,
    `${found}; ${demand.scenario} asks for ${demand.replicas}, which takes nodes their time to start`,
    null,
  );
}

/** The most that any scenario asks of a site's cluster. */
function demandOn({ scenarios }: Strategy, site: SiteName): { scenario: string; replicas: number } | null {
  const demands = scenarios.flatMap(({ name, actions }) =>
    actions.flatMap(({ action }) =>
      action.kind === 'scale_cluster' && action.site === site ? [{ scenario: name, replicas: action.minReplicas }] : [],
    ),
  );
  return demands.toSorted((one, other) => other.replicas - one.replicas)[0] ?? null;
}

function judgeInstance(it: ReadinessCase, site: SiteName, name: string, facts: Facts<'instance'>): ReadinessFinding {
  const { noted, notReady } = findingsAbout(site);
  const { status, providerStatus, role } = facts;
  const found = `its provider shows it as ${providerStatus} and a ${role}`;
  if (facts.site !== site || status === 'running') return judgeRole(it, site, name, facts, found);
  if (status === 'changing') return noted(name, found, null);
  return notReady('critical', name, found, 'the provider’s console says why; start it, or give it room');
}

/** A provider's replica takes no writes however often it is promoted by us; logical replication needs an instance of its own. */
function judgeRole(
  { strategy }: ReadinessCase,
  site: SiteName,
  name: string,
  facts: Facts<'instance'>,
  found: string,
): ReadinessFinding {
  const { ready, notReady } = findingsAbout(site);
  if (facts.site !== site || strategy.replication.method !== 'logical' || facts.role !== 'replica')
    return ready(name, found);
  const wayOut = 'promote it once by hand and subscribe it, or write method: managed into the strategy';
  return notReady(
    'critical',
    name,
    `${found}, and the strategy replicates logically: it could never be opened`,
    wayOut,
  );
}
