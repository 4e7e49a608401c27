// What a round cost, from what the clients recorded: the pause, the lost, and what both nodes took at once. Pure.
import type { DirectWrite } from '../../../infra/local/load/records.ts';
import type { NodeName } from './contestant.ts';

export type RoundInput = {
  records: readonly DirectWrite[];
  failedAtSeconds: number;
  /** When it was last looked: a pause that had not ended by then lasts at least until then. */
  endedAtSeconds: number;
  /** What is in each database at the end; null when it could not be read. */
  present: Record<NodeName, ReadonlySet<string> | null>;
};

export type RoundMeasures = {
  /** From the failure to the first acknowledgement of the second node; null: there was none. */
  takeoverSeconds: number | null;
  /** The longest time in which no node acknowledged a write. */
  pauseSeconds: number;
  /** The node that acknowledged last: what is not in its database is lost. */
  writer: NodeName;
  acknowledged: number;
  /** Acknowledged and not in the last writer's database; null: it could not be read. */
  lost: number | null;
  /** How long both nodes acknowledged writes, in all. */
  overlapSeconds: number;
  /** What the node that is not the last writer acknowledged while both did. */
  divergent: number;
};

/** Acknowledgements of one node that are no further apart count as one time of accepting writes. */
const togetherSeconds = 0.5;

/** Throws when no write was acknowledged before the failure: there was nothing to fail over. */
export function measureRound({ records, failedAtSeconds, endedAtSeconds, present }: RoundInput): RoundMeasures {
  const acknowledged = records
    .filter((one) => one.outcome === 'acknowledged')
    .toSorted((one, other) => one.endedAtSeconds - other.endedAtSeconds);
  const timesOf = (node: NodeName): number[] =>
    acknowledged.filter((one) => one.site === node).map((one) => one.endedAtSeconds);
  const last = acknowledged.at(-1);
  if (!last || !acknowledged.some((one) => one.site === 'first' && one.endedAtSeconds < failedAtSeconds)) {
    throw new Error('the first node acknowledged nothing before the failure; the round shows nothing');
  }
  const writer = last.site === 'first' ? 'first' : 'second';
  const overlaps = intersect(stretches(timesOf('first')), stretches(timesOf('second')));
  const other = writer === 'first' ? 'second' : 'first';
  const kept = present[writer];
  const takeover = timesOf('second').find((at) => at >= failedAtSeconds);
  return {
    takeoverSeconds: takeover === undefined ? null : takeover - failedAtSeconds,
    pauseSeconds: longestGap(acknowledged, failedAtSeconds, endedAtSeconds),
    writer,
    acknowledged: acknowledged.length,
    lost: kept === null ? null : acknowledged.filter((one) => !kept.has(one.marker)).length,
    overlapSeconds: overlaps.reduce((sum, { from, to }) => sum + to - from, 0),
    divergent: timesOf(other).filter((at) => overlaps.some(({ from, to }) => from <= at && at <= to)).length,
  };
}

type Stretch = { from: number; to: number };

/** Sorted times as stretches without a gap; a single acknowledgement is one of no length. */
function stretches(times: readonly number[]): Stretch[] {
  const found: Stretch[] = [];
  for (const at of times) {
    const current = found.at(-1);
    if (current && at - current.to <= togetherSeconds) current.to = at;
    else found.push({ from: at, to: at });
  }
  return found;
}

/** Touching counts: an acknowledgement of one node at an instant within the other's stretch is an overlap, if of no length. */
function intersect(ones: readonly Stretch[], others: readonly Stretch[]): Stretch[] {
  return ones.flatMap((one) =>
    others
      .map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))
      .filter(({ from, to }) => from <= to),
  );
}

/** Between two acknowledgements of whatever node, from the last before the failure to the end of the watch. */
function longestGap(acknowledged: readonly DirectWrite[], failedAtSeconds: number, endedAtSeconds: number): number {
  const before = acknowledged.findLast((one) => one.endedAtSeconds <= failedAtSeconds);
  const after = acknowledged.filter((one) => one.endedAtSeconds > failedAtSeconds);
  const times = [before?.endedAtSeconds ?? failedAtSeconds, ...after.map((one) => one.endedAtSeconds)];
  const gaps = times.map((at, index) => (times[index + 1] ?? Math.max(at, endedAtSeconds)) - at);
  return Math.max(...gaps);
}
