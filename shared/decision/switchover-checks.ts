// What must be so before a planned move of the writer begins: each with what was found, and the way out.
import type { DatabaseView } from '../model/bulletin.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import { coolDownLeft, neverOpened } from './case.ts';
import type { SiteAssessment } from './fold.ts';

export type Check = { about: string; ok: boolean; found: string; wayOut: string };

/** What lookouts and keepers have just been seen to say. */
export type Seen = {
  assessments: Map<SiteName, SiteAssessment>;
  /** Of fresh bulletins only. */
  standbys: DatabaseView[];
  /** Null: not watched for long enough to tell. */
  leaseRises: boolean | null;
};

/** What the strategy and the situation say by themselves: judged once more in the very swap that opens the run. */
export function standingChecks(strategy: Strategy, situation: Situation, to: SiteName, now: Date): Check[] {
  const { paused, run, lease, writer, epoch, heartbeat, overrides } = situation;
  const coolDown = coolDownLeft(strategy, situation, now);
  const allowed = overrides.find(({ what }) => what === 'cool-down');
  return [
    ...siteChecks(strategy, writer, to),
    check(
      'automation',
      paused === null,
      'is not paused',
      `was paused by ${paused?.by}: ${paused?.reason}`,
      '`causeway resume`',
    ),
    check(
      'runs',
      run === null,
      'none is open',
      `the run ${run?.id} (${run?.scenario}) is open`,
      'let it end, or `causeway abandon <run>`',
    ),
    check(
      'the lease',
      lease.fenced === null && !neverOpened(situation) && heartbeat !== null,
      `${writer} is the writer at epoch ${epoch}, at heartbeat ${heartbeat?.number}`,
      lease.fenced
        ? `${writer} is fenced, by ${lease.fenced.by}`
        : `${writer} has recorded no heartbeat of epoch ${epoch}: its database is not open`,
      '`causeway status` shows what it waits for',
    ),
    check(
      'cool-down',
      coolDown === 0 || allowed !== undefined,
      allowed && coolDown > 0 ? `allowed once by ${allowed.by}` : 'is over',
      `the run ${situation.lastRun?.id} ended a moment ago; ${Math.ceil(coolDown)} s are left`,
      'wait, or `causeway override cool-down`',
    ),
  ];
}

/** What the estate must be made of for a move in which nothing is lost, and which leaves a standby behind. */
function siteChecks(strategy: Strategy, writer: SiteName, to: SiteName): Check[] {
  const { sites, replication, authority } = strategy;
  const site = sites.find(({ name }) => name === to);
  const names = sites.filter(({ database }) => database !== null).map(({ name }) => name);
  // Of a target that is none nothing more can be said.
  const others = names.includes(to) && to !== writer ? names.filter((name) => name !== writer && name !== to) : [];
  const about = 'the target';
  return [
    site === undefined
      ? failed(about, `the strategy names no site ${to}`, `one of ${names.join(', ')}`)
      : check(
          about,
          site.database !== null && to !== writer,
          `${to} has a database, and is not the writer`,
          to === writer ? `${to} is the writer already` : `${to} has no database`,
          `another site with a database: ${names.filter((name) => name !== writer).join(', ') || 'there is none'}`,
        ),
    check(
      'replication',
      replication.method === 'logical' && others.length === 0,
      'logical, between these two sites alone',
      replication.method !== 'logical'
        ? `replication.method is ${replication.method}: the old writer could not follow the new one afterwards`
        : `${others.join(' and ')} would go on reading from ${writer}, and fall behind`,
      'promote through the provider, by hand',
    ),
    check(
      'the guard',
      authority.guard === 'enforce',
      'enforces',
      'authority.guard is `observe`: a writer cannot be fenced, so that a write could be lost',
      'authority.guard: enforce',
    ),
  ];
}

/** What has just been seen. A person who starts the move anyway would start it blind. */
export function seenChecks(situation: Situation, to: SiteName, { assessments, standbys, leaseRises }: Seen): Check[] {
  const { writer } = situation;
  const verdict = (site: SiteName) => assessments.get(site)?.verdict ?? 'unknown';
  const because = (site: SiteName) => assessments.get(site)?.because ?? 'no lookout speaks of it';
  const standby = standbys.find(({ site }) => site === to);
  const silent = [writer, to].filter((name) => !standbys.some(({ site }) => site === name));
  return [
    check(
      'the keepers',
      silent.length === 0,
      `those of ${writer} and ${to} are fresh, and reach their databases`,
      `no fresh word of ${silent.join(' and ')}'s own keeper`,
      'are the functions scheduled? `causeway keeper --site <site>` runs one as a process',
    ),
    check(`site ${to}`, verdict(to) === 'up', because(to), `is ${verdict(to)}: ${because(to)}`, `${to} healthy again`),
    check(
      `site ${writer}`,
      verdict(writer) !== 'down',
      because(writer),
      `is down: ${because(writer)}`,
      'a writer that is down hands nothing over: that is a failover, which is decided by itself (`causeway status`)',
    ),
    check(
      'the standby',
      standby?.ready === true,
      `${standby?.because}`,
      standby ? `is not ready: ${standby.because}` : `nobody can say how far the database of ${to} is behind`,
      `\`causeway db check\` on ${to}'s database, or wait until it has caught up`,
    ),
    check(
      'the renewals',
      leaseRises !== false,
      leaseRises === null ? 'were not watched' : 'go on',
      `the lease of ${writer} was not renewed while it was watched`,
      `a keeper of ${writer}: only it can hand over`,
    ),
  ];
}

function check(about: string, ok: boolean, well: string, ill: string, wayOut: string): Check {
  return { about, ok, found: ok ? well : ill, wayOut };
}

function failed(about: string, found: string, wayOut: string): Check {
  return { about, ok: false, found, wayOut };
}
