// What `causeway objects sync` says: what was found and would cost, how far it is, and what became of it.
import type { BucketPair } from '../../shared/model/replica.ts';
import type { Carried } from '../../shared/objects/reconcile/carry-run.ts';
import type { Difference, Side } from '../../shared/objects/reconcile/classify.ts';
import { costOf, expectedUsage, storedMonthlyDollars } from '../../shared/objects/reconcile/cost.ts';
import { countOf } from '../../shared/objects/reconcile/done-tally.ts';
import { PRICES } from '../../shared/objects/reconcile/prices.ts';
import { copiesTo, type Tally, workIn } from '../../shared/objects/reconcile/tally.ts';
import type { SurveyedPair } from './objects-pairs.ts';
import type { Colors } from './strategy-issues.ts';
import { bytesText, columns, countText, dollarsText, spanText } from './text.ts';

const SIDES = ['left', 'right'] as const;

function siteAt(pair: BucketPair, side: Side): string {
  return pair.buckets[side === 'left' ? 0 : 1].site;
}

function objectsText({ objects, bytes }: { objects: number; bytes: number }): string {
  return `${countText(objects)} objects, ${bytesText(bytes)}`;
}

/** `copy to gcp    uploads/a.png`: one line for a key, with what is expected to be done. */
export function listLine(pair: BucketPair, key: string, difference: Difference): string {
  const shown = /[\p{Cc}]/u.test(key) ? JSON.stringify(key) : key;
  switch (difference.kind) {
    case 'missing':
    case 'different':
      return `copy to ${siteAt(pair, difference.to)}    ${shown}  ${bytesText(difference.sizeBytes)}, ${difference.kind}`;
    case 'deleted':
      return `delete at ${siteAt(pair, difference.to)}  ${shown}  ${bytesText(difference.sizeBytes)}`;
    case 'unsure':
      return `look at        ${shown}  ${bytesText(difference.sizeBytes)} on both sides`;
    case 'unchanged':
    case 'gone':
      return `nothing        ${shown}`;
  }
}

/** What there is to do in a pair, what stands against it, and what it costs. */
export function surveyLines({ pair, work, begun, surveyed }: SurveyedPair, colors: Colors): string[] {
  const { left: tally, refusals } = surveyed;
  const [left, right] = pair.buckets;
  const since = begun.baseline ? `, last alike ${begun.baseline.pointer.finishedAt}` : ', never compared before';
  const rows = [
    ['compared', SIDES.map((side) => `${siteAt(pair, side)} ${objectsText(tally.listed[side])}`).join('; ')],
    ['unchanged', objectsText(tally.unchanged)],
    ...SIDES.flatMap((side) => workRows(pair, tally, side)),
    ...(tally.unsure.objects > 0
      ? [
          [
            'look at',
            `${objectsText(tally.unsure)}: of one size on both sides, only a look tells whether they are alike`,
          ],
        ]
      : []),
    ...(tally.withheld > 0
      ? [['left', `${countText(tally.withheld)} keys differ the other way, and are left as they are`]]
      : []),
    ...costRows(tally, work.providers),
  ];
  return [
    `${colors.bold(`Pair ${pair.name}`)}  ${left.bucket} (${left.site}) and ${right.bucket} (${right.site})${colors.dim(since)}`,
    ...begun.notes.map((note) => `  ${colors.yellow('note')} ${note}`),
    ...columns(rows.map((row) => ['', ...row])),
    ...refusals.flatMap(({ rule, because, wayOut }) => [
      `  ${colors.red('refused')} ${because} [${rule}]`,
      `    ${colors.dim(`> ${wayOut}`)}`,
    ]),
  ];
}

function workRows(pair: BucketPair, tally: Tally, side: Side): string[][] {
  const copies = copiesTo(tally, side);
  const deletes = tally.deleted[side];
  const site = siteAt(pair, side);
  const of = `${countText(tally.missing[side].objects)} missing there, ${countText(tally.different[side].objects)} differ`;
  return [
    ...(copies.objects > 0 ? [[`copy to ${site}`, `${objectsText(copies)} (${of})`]] : []),
    ...(deletes.objects > 0 ? [[`delete at ${site}`, `${objectsText(deletes)}: deleted on the other side since`]] : []),
  ];
}

function costRows(tally: Tally, providers: SurveyedPair['work']['providers']): string[][] {
  const { requests, egress, total } = costOf(expectedUsage(tally), providers);
  const monthly = storedMonthlyDollars(tally, providers);
  const kept = monthly > 0 ? `; then ${dollarsText(monthly)} a month for what is kept` : '';
  const tables = [...new Set(SIDES.map((side) => PRICES[providers[side]]))];
  return [
    ['costs about', `${dollarsText(total)}: requests ${dollarsText(requests)}, traffic ${dollarsText(egress)}${kept}`],
    ...tables.map(({ asOf, scope, source }) => ['prices', `of ${asOf}, ${scope} (${source})`]),
  ];
}

export function surveyProgress(pair: BucketPair, { listed }: Tally, seconds: number): string {
  const keys = Math.max(listed.left.objects, listed.right.objects);
  return `${pair.name}: ${countText(keys)} keys compared, ${countText(keys / Math.max(seconds, 0.001))} a second`;
}

/** How far the work is: keys, bytes, rate, and the time that the slower of both leaves. */
export function workProgress(
  { pair, surveyed }: SurveyedPair,
  done: { keys: number; bytes: number; seconds: number },
): string {
  const all = workIn(surveyed.left);
  const seconds = Math.max(done.seconds, 0.001);
  const left = (total: number, soFar: number) => (soFar > 0 ? (Math.max(0, total - soFar) * seconds) / soFar : 0);
  const leftSeconds = Math.max(left(all.keys, done.keys), left(all.bytes, done.bytes));
  const share = all.bytes > 0 ? done.bytes / all.bytes : done.keys / Math.max(1, all.keys);
  const percent = `${Math.min(100, Math.round(share * 100))} %`;
  const counts = `${countText(done.keys)} of ${countText(all.keys)} keys, ${bytesText(done.bytes)} of ${bytesText(all.bytes)}`;
  const rate = `${(done.keys / seconds).toFixed(1)} keys/s, ${bytesText(done.bytes / seconds)}/s`;
  return `${pair.name}: ${percent}  ${counts}  ${rate}  ${spanText(leftSeconds)} left`;
}

/** Everything that was to be done was done. What goes the other way was not to be. */
export function doneWell({ ended, checkpoint: { done } }: Carried): boolean {
  return ended && countOf(done.refused) + countOf(done.failed) + done.withheld === 0;
}

/** What became of a pair, in lines; without colours for the journal. */
export function carriedLines(
  { pair, surveyed, work }: SurveyedPair,
  carried: Carried,
  colors: Colors | null,
): string[] {
  const { checkpoint, because, dollars, baseline } = carried;
  const { done } = checkpoint;
  const word = carried.ended ? (doneWell(carried) ? 'done' : 'done in part') : 'stopped';
  const paint = { done: colors?.green, 'done in part': colors?.yellow, stopped: colors?.red }[word] ?? String;
  const expected = costOf(expectedUsage(surveyed.left), work.providers).total;
  const copies = SIDES.filter((side) => done.copied[side].objects > 0).map(
    (side) => `copied to ${siteAt(pair, side)} ${objectsText(done.copied[side])}`,
  );
  const deletes = SIDES.filter((side) => done.removed[side] > 0).map(
    (side) => `deleted at ${siteAt(pair, side)} ${countText(done.removed[side])}`,
  );
  const others = [
    [done.restamped, 'got new attributes'],
    [done.alike, 'were alike'],
    [done.keptAside, 'losers of a conflict kept aside under .causeway/conflicts/'],
    [done.withheld, 'not deleted, because more would be than is allowed'],
    [done.otherWay, 'left, because they differ the other way'],
  ] as const;
  const said = [
    ...copies,
    ...deletes,
    ...others.filter(([count]) => count > 0).map(([count, what]) => `${countText(count)} ${what}`),
  ];
  return [
    `${paint(word)}: ${pair.name}: ${said.length > 0 ? said.join(', ') : 'nothing was to be done'}`,
    ...(because === null
      ? []
      : [`  stopped because ${because}; given again it goes on after ${JSON.stringify(checkpoint.position)}`]),
    ...Object.entries(done.leftBehind).map(
      ([what, count]) => `  could not travel, for ${countText(count)} objects: ${what}`,
    ),
    ...troubleLines(carried),
    ...(baseline === 'lost' ? ['  another run has written the baseline since: this one was not kept'] : []),
    `  it cost about ${dollarsText(dollars)} (${dollarsText(expected)} were expected)`,
  ];
}

function troubleLines({ checkpoint: { done } }: Carried): string[] {
  const reasons = (what: string, byReason: Record<string, number>) =>
    Object.entries(byReason).map(([reason, count]) => `  ${what} ${countText(count)}: ${reason}`);
  const more = countOf(done.refused) + countOf(done.failed) - done.troubles.length;
  return [
    ...reasons('refused', done.refused),
    ...reasons('failed', done.failed),
    ...done.troubles.map(({ key, because }) => `    ${key}: ${because}`),
    ...(more > 0 ? [`    and ${countText(more)} more`] : []),
  ];
}

export function surveyData({ pair, work, begun, surveyed }: SurveyedPair) {
  const { left: tally, refusals } = surveyed;
  return {
    pair: pair.name,
    buckets: pair.buckets,
    lastAlike: begun.baseline?.pointer.finishedAt ?? null,
    notes: begun.notes,
    found: tally,
    refusals,
    expected: {
      ...costOf(expectedUsage(tally), work.providers),
      storedMonthly: storedMonthlyDollars(tally, work.providers),
      prices: Object.fromEntries(SIDES.map((side) => [siteAt(pair, side), PRICES[work.providers[side]].asOf])),
    },
  };
}

export function carriedData({ ended, because, checkpoint, dollars, baseline }: Carried) {
  return { ended, because, position: checkpoint.position, done: checkpoint.done, dollars, baseline };
}
