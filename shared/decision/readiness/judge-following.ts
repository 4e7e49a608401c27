// Judging whether a standby follows the writer, with every table: what a failover to it would find, and what it would miss.
import type { DatabaseFacts, TableFacts } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import { ageOf, databaseOf, type ReadinessCase, standbysOf } from './case.ts';
import { findingsAbout, type ReadinessFinding, some, spanText } from './finding.ts';

export const PUBLISHING = 'what travels';

/** At the writer: everything that is to travel is published. */
export function judgePublishing(it: ReadinessCase, site: SiteName, facts: DatabaseFacts): ReadinessFinding[] {
  if (site !== it.situation.writer || standbysOf(it).length === 0) return [];
  const { ready, notReady } = findingsAbout(site);
  const about = PUBLISHING;
  if (!facts.publication) {
    return [
      notReady(
        'critical',
        about,
        'there is no publication "causeway": nothing of what is written here reaches another site',
        `at ${site}: create publication causeway for table causeway.heartbeat, <each table> with (publish_via_partition_root = true)`,
      ),
    ];
  }
  const left = facts.tables.filter(({ published }) => !published).map(({ name }) => name);
  if (left.length === 0) return [ready(about, `${facts.tables.length} tables are published`)];
  return [
    notReady(
      'critical',
      about,
      `${left.length} of ${facts.tables.length} tables are in no publication, and a failover would lose their rows: ${some(left)}`,
      `at ${site}: alter publication causeway add table ${some(left)}; then at each standby: alter subscription causeway refresh publication`,
    ),
  ];
}

/** At a standby. */
export function judgeFollowing(it: ReadinessCase, site: SiteName, facts: DatabaseFacts): ReadinessFinding[] {
  if (!standbysOf(it).includes(site)) return [];
  const following = judgeSubscription(it, site, facts);
  return following.verdict === 'ready' ? [following, judgeCopies(it, site, facts)] : [following];
}

function judgeSubscription(it: ReadinessCase, site: SiteName, { subscription }: DatabaseFacts): ReadinessFinding {
  const { ready, notReady } = findingsAbout(site);
  const { writer, previous } = it.situation;
  const about = `following ${writer}`;
  if (!subscription || subscription.slot === null) {
    if (previous?.writer === site) return notBack(it, site, about);
    const found = subscription ? 'its subscription is detached' : 'there is no subscription "causeway"';
    return notReady(
      'critical',
      about,
      `${found}: ${site} gets nothing of what is written, and cannot take over`,
      `at ${site}: create subscription causeway connection ... publication causeway with (slot_name = 'causeway', origin = none)`,
    );
  }
  if (!subscription.enabled) {
    const found = 'its subscription is disabled, and nothing arrives';
    return notReady('critical', about, found, `at ${site}: alter subscription causeway enable`);
  }
  const there = databaseOf(it, writer)?.slots.find(({ name }) => name === subscription.slot);
  if (databaseOf(it, writer) !== null && there === undefined) {
    return notReady(
      'critical',
      about,
      `the slot ${subscription.slot} that it reads is not there at ${writer}: nothing arrives, and what was written since is missing`,
      `copy anew: drop the subscription of ${site} and make it again`,
    );
  }
  if (!subscription.working) {
    return notReady(
      'critical',
      about,
      `its subscription is enabled, and no worker of it runs: the network to ${writer}, its password, or a row that cannot be applied`,
      `the server log of ${site} says which; \`causeway status\` shows how far it is behind`,
    );
  }
  return ready(about, `applies what ${writer} writes, by the slot ${subscription.slot}`);
}

/** The writer of the epoch before: after a failover that is how it has to be, until somebody brings it back. */
function notBack(it: ReadinessCase, site: SiteName, about: string): ReadinessFinding {
  const { notReady } = findingsAbout(site);
  const { writer, epoch, lastRun } = it.situation;
  const away = lastRun === null ? '' : ` for ${spanText(ageOf(lastRun.endedAt, it.now))},`;
  return notReady(
    'high',
    about,
    `${site} has not come back${away} since ${writer} took the role at epoch ${epoch}: until it has, nobody can take over from ${writer}`,
    '`causeway failback` shows what was stranded and brings it back',
  );
}

function judgeCopies(it: ReadinessCase, site: SiteName, facts: DatabaseFacts): ReadinessFinding {
  const { ready, notReady, unknown } = findingsAbout(site);
  const { writer } = it.situation;
  const about = 'copies of the tables';
  const there = databaseOf(it, writer);
  if (!there)
    return unknown(about, `what ${writer} publishes is not known`, `the keeper of ${writer} says it once a minute`);
  const here = new Map(facts.tables.map((table) => [table.name, table]));
  const published = there.tables.filter((table) => table.published);
  const missing = named(published, ({ name }) => (here.get(name)?.subscribed ?? null) === null);
  if (missing.length > 0) {
    return notReady(
      'critical',
      about,
      `${missing.length} of ${published.length} published tables are not subscribed to, and a failover would lose their rows: ${some(missing)}`,
      `at ${site}: make them there if they are missing, then alter subscription causeway refresh publication`,
    );
  }
  const copying = named(published, ({ name }) => here.get(name)?.subscribed !== 'r');
  if (copying.length === 0) return ready(about, `${published.length} tables are copied and stream`);
  return notReady(
    'high',
    about,
    `${copying.length} of ${published.length} tables are still being copied: ${some(copying)}`,
    `waiting; when it does not end, the server log of ${site} says why`,
  );
}

function named(tables: TableFacts[], which: (table: TableFacts) => boolean): string[] {
  return tables.filter(which).map(({ name }) => name);
}
