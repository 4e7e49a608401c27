// `causeway objects status`: how replication is, from what each process has said of itself, the queues, and the last comparison.

import { siteStores } from '../../shared/engine/site-stores.ts';
import { objectQueue, objectQueues } from '../../shared/model/object-queues.ts';
import type { SiteName } from '../../shared/model/site.ts';
import { type ObjectReplication, siteOf } from '../../shared/model/strategy.ts';
import { readState } from '../../shared/objects/reconcile/checkpoint.ts';
import { readRecords } from '../../shared/objects/status/read-status.ts';
import { summariseStatus } from '../../shared/objects/status/summarise-status.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING, GOOD } from './command.ts';
import { Unusable } from './failure.ts';
import { pairsOf } from './objects-pairs.ts';
import { statusText } from './objects-status-text.ts';
import type { ObjectsStatus, PairComparison, QueueDepth, SiteStatus } from './objects-status-view.ts';
import { type Estate, openEstate } from './open.ts';
import type { Terminal } from './terminal.ts';
import { messageOf } from './text.ts';

export type StatusFlags = CommonFlags & { pair?: string; minutes: number };

export async function objectsStatus(terminal: Terminal, flags: StatusFlags): Promise<Answer> {
  const estate = openEstate(terminal, flags);
  const pairs = pairsOf(estate, flags.pair);
  const { objects } = estate.strategy;
  if (!objects) throw new Unusable('the strategy pairs no buckets');
  const chosen: ObjectReplication = { ...objects, pairs };
  const names = [...new Set(pairs.flatMap(({ buckets }) => buckets.map(({ site }) => site)))];
  const [sites, comparisons] = await Promise.all([
    Promise.all(names.map((site) => lookAtSite(terminal, estate, chosen, site, flags.minutes))),
    Promise.all(pairs.map(({ name, buckets: [left] }) => lookAtComparison(estate, name, left.site))),
  ]);
  if (sites.every(({ unknown }) => unknown.length > 0) && comparisons.every(({ state }) => state === null)) {
    throw new Unusable(`nothing answered: ${sites.flatMap(({ unknown }) => unknown).join('; ')}`);
  }
  const findings = [...sites.flatMap(findingsAt), ...comparisons.flatMap(findingsOf)];
  const status: ObjectsStatus = { minutes: flags.minutes, sites, comparisons, findings };
  return {
    text: statusText(status, chosen, terminal.clock.now(), colorsOf(terminal.io)),
    data: status,
    code: findings.length > 0 ? FINDING : GOOD,
  };
}

async function lookAtSite(
  terminal: Terminal,
  estate: Estate,
  objects: ObjectReplication,
  site: SiteName,
  minutes: number,
): Promise<SiteStatus> {
  const now = terminal.clock.now();
  const unknown: string[] = [];
  const queues = await Promise.all(objectQueues(objects, site).map((queue) => depthOf(estate, objects, site, queue)));
  const read = await readRecords(siteStores(estate.around).beside(site), site, now, minutes).catch((error: unknown) => {
    unknown.push(`the records of ${site}: ${messageOf(error)}`);
    return { records: [], unreadable: [] };
  });
  unknown.push(...read.unreadable.map((key) => `${key} cannot be read by this version`));
  unknown.push(...queues.flatMap(({ queue, because }) => (because === null ? [] : [`the queue ${queue}: ${because}`])));
  const again = queues.find(({ kind }) => kind === 'again')?.depth ?? null;
  const tiers = summariseStatus(read.records, objects.pairs, {
    site,
    now,
    noProgressSeconds: objects.noProgress.afterSeconds,
    depthOf: (pair, tier) => {
      const name = objectQueue(objects, site, { kind: 'window', pair, tier });
      const own = queues.find(({ queue }) => queue === name);
      return own ? own.depth : again;
    },
  });
  return { site, tiers, queues, unknown };
}

type Queue = ReturnType<typeof objectQueues>[number];

async function depthOf(estate: Estate, objects: ObjectReplication, site: SiteName, queue: Queue): Promise<QueueDepth> {
  const name = objectQueue(objects, site, queue);
  if (name === null) return { queue: queue.kind, kind: queue.kind, depth: null, because: null };
  try {
    const opened = await estate.keyQueue(siteOf(estate.strategy, site), name);
    return { queue: name, kind: queue.kind, depth: await opened.depth(), because: null };
  } catch (error) {
    return { queue: name, kind: queue.kind, depth: null, because: messageOf(error) };
  }
}

async function lookAtComparison(estate: Estate, pair: string, site: SiteName): Promise<PairComparison> {
  try {
    const { state } = await readState(siteStores(estate.around).beside(site), pair);
    return { pair, state, because: null };
  } catch (error) {
    return { pair, state: null, because: messageOf(error) };
  }
}

function findingsAt({ site, tiers, queues, unknown }: SiteStatus): string[] {
  return [
    ...tiers
      .filter(({ progress }) => progress.kind === 'stuck')
      .map(({ pair, tier, progress }) => `${pair}/${tier} at ${site} stands still: ${progress.because}`),
    ...queues
      .filter(({ kind, depth }) => kind === 'dead' && depth !== null && depth > 0)
      .map(
        ({ queue, depth }) =>
          `${depth} records are in ${queue}: each says why; \`causeway objects sync\` repairs what they were about`,
      ),
    ...unknown,
  ];
}

function findingsOf({ pair, state, because }: PairComparison): string[] {
  if (state === null) return [`the last comparison of ${pair} could not be read: ${because}`];
  if (state.last?.outcome !== 'refused') return [];
  return [`the comparison of ${pair} was refused: ${state.last.because}`];
}
