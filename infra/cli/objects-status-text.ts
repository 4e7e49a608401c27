// What `causeway objects status` says: what needs somebody first, then each site's tiers, its queues, and the last comparisons.
import type { ObjectReplication } from '../../shared/model/strategy.ts';
import { isWhole, type LastRun } from '../../shared/objects/reconcile/checkpoint.ts';
import { countOf } from '../../shared/objects/reconcile/done-tally.ts';
import type { TierSummary } from '../../shared/objects/status/summarise-status.ts';
import { durationText } from '../../shared/strategy/duration.ts';
import type { ObjectsStatus, PairComparison, QueueDepth, SiteStatus } from './objects-status-view.ts';
import type { Colors } from './strategy-issues.ts';
import { agoText, bytesText, columns, countText, dollarsText, spanText } from './text.ts';

const HEAD = [
  '',
  'tier',
  'pace',
  'copied',
  'bytes',
  'lag p50',
  'p90',
  'p99',
  'oldest',
  'waiting',
  'retries',
  'conflicts',
  'dead',
  'is',
];

export function statusText(status: ObjectsStatus, objects: ObjectReplication, now: Date, colors: Colors): string {
  const { findings, sites, comparisons, minutes } = status;
  return [
    ...(findings.length === 0
      ? [colors.green('Nothing needs you.')]
      : findings.map((one) => `${colors.red('!')} ${one}`)),
    ...sites.flatMap((site) => ['', ...siteLines(site, minutes, colors)]),
    '',
    colors.bold('Comparisons'),
    ...comparisons.flatMap((one) => comparisonLines(one, objects, now)),
  ].join('\n');
}

function siteLines({ site, tiers, queues }: SiteStatus, minutes: number, colors: Colors): string[] {
  const rows = columns([HEAD, ...tiers.map(tierRow)]);
  const failures = tiers.flatMap(({ pair, tier, failures: byReason }) =>
    Object.entries(byReason).map(
      ([reason, count]) => `  ${colors.yellow('failed')} ${pair}/${tier}: ${countText(count)} x ${reason}`,
    ),
  );
  return [
    `${colors.bold(`Events of ${site}`)}  ${colors.dim(`the last ${minutes} minutes`)}`,
    ...rows,
    ...failures,
    ...columns(queues.map((queue) => ['', 'queue', depthText(queue), queue.queue])),
  ];
}

function depthText({ depth, because }: QueueDepth): string {
  if (depth !== null) return `${countText(depth)} waiting`;
  return because === null ? 'not declared' : 'no answer';
}

function tierRow(tier: TierSummary): string[] {
  const seconds = (value: number | null) => (value === null ? '-' : spanText(value));
  return [
    '',
    `${tier.pair}/${tier.tier}`,
    tier.everySeconds === null ? 'at once' : durationText(tier.everySeconds),
    countText(tier.replicated),
    bytesText(tier.bytes),
    seconds(tier.lag.p50),
    seconds(tier.lag.p90),
    seconds(tier.lag.p99),
    seconds(tier.oldestSeconds),
    tier.waiting === null ? '-' : countText(tier.waiting),
    countText(tier.retries),
    countText(tier.conflicts),
    countText(tier.deadLetters),
    tier.progress.kind,
  ];
}

function comparisonLines({ pair, state, because }: PairComparison, objects: ObjectReplication, now: Date): string[] {
  if (state === null) return [`  ${pair}: not known: ${because}`];
  const { open, last, wholeStartedAt, completeAt } = state;
  const { everySeconds } = objects.reconcile;
  const alike =
    completeAt === null ? 'never compared to its end' : `last compared to its end ${agoText(completeAt, now)}`;
  const begun = wholeStartedAt === null ? null : Date.parse(wholeStartedAt) + everySeconds * 1000 - now.getTime();
  const next = begun === null || begun <= 0 ? 'the next is due now' : `the next is due in ${spanText(begun / 1000)}`;
  return [
    `  ${pair}: ${alike}; every ${durationText(everySeconds)}, ${next}`,
    ...(open
      ? [
          `    under way since ${open.startedAt} by ${open.owner}: ${open.phase === 'survey' ? 'counting' : 'working'}, after ${JSON.stringify(open.position)}, last heard of ${agoText(open.touchedAt, now)}`,
        ]
      : []),
    ...(last ? [`    ${lastText(last, now)}`] : []),
  ];
}

function lastText({ scope, by, endedAt, outcome, because, done, dollars }: LastRun, now: Date): string {
  const scoped = isWhole(scope)
    ? ''
    : ` of a part (prefix ${JSON.stringify(scope.prefix)}, ${scope.writesTo.length} side(s) written to)`;
  const what =
    outcome === 'refused'
      ? `refused: ${because}`
      : `${countText(done.copied.left.objects + done.copied.right.objects)} copied (${bytesText(done.copied.left.bytes + done.copied.right.bytes)}), ${countText(done.removed.left + done.removed.right)} deleted, ${countText(countOf(done.failed) + countOf(done.refused))} not done, about ${dollarsText(dollars)}`;
  return `the last${scoped} ended ${agoText(endedAt, now)}, by ${by}: ${what}`;
}
