// What a CloudWatch alarm saw: the value behind its state in seconds, and whether there was any data at all.
import * as z from 'zod';
import { toInstant } from '../../shared/events/instant.ts';
import { decodeJson } from '../../shared/events/payload.ts';

/** A metric that the alarm watches; null where the path does not say. */
export type WatchedMetric = {
  namespace: string | null;
  name: string | null;
  statistic: string | null;
  unit: string | null;
};

const ReasonData = z.object({
  unit: z.string().nullish(),
  recentDatapoints: z.array(z.number()).nullish(),
  /** A datapoint without a value is a missing one. */
  evaluatedDatapoints: z.array(z.object({ timestamp: z.string(), value: z.number().nullish() })).nullish(),
});
type ReasonData = z.infer<typeof ReasonData>;

/**
 * True when the state rests on no datapoint: TreatMissingData turned an absence into a state. The text speaks where the path carries
 * no data (SNS): "no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]".
 */
export function isMissingData(reason: string, reasonData: unknown): boolean {
  if (/\bno datapoints were received\b/i.test(reason)) return true;
  const data = readReasonData(reasonData);
  return (
    data?.recentDatapoints?.length === 0 && !data.evaluatedDatapoints?.some((point) => typeof point.value === 'number')
  );
}

/**
 * The newest value that the event carries, in seconds; null when it carries none or the unit is not one of time. The order of
 * `recentDatapoints` is not documented, so without timestamps the largest counts; the reason's text has the newest first.
 */
export function lagSecondsOf(reason: string, reasonData: unknown, metrics: WatchedMetric[]): number | null {
  const data = readReasonData(reasonData);
  const scale = secondsPerUnit(data?.unit ?? null, metrics);
  const value = newestEvaluated(data) ?? largest(data?.recentDatapoints ?? []) ?? firstInText(reason);
  return scale === null || value === null ? null : value * scale;
}

function readReasonData(reasonData: unknown): ReasonData | null {
  const read = ReasonData.safeParse(decodeJson(reasonData));
  return read.success ? read.data : null;
}

function newestEvaluated(data: ReasonData | null): number | null {
  const points = (data?.evaluatedDatapoints ?? []).flatMap((point) =>
    typeof point.value === 'number' ? [{ at: toInstant(point.timestamp) ?? '', value: point.value }] : [],
  );
  return points.sort((one, other) => (one.at < other.at ? 1 : -1))[0]?.value ?? null;
}

function largest(values: number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

/** `[21.5 (26/02/26 10:00:00), 20.0 (...)]` */
function firstInText(reason: string): number | null {
  const found = /\[(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?) \(/i.exec(reason)?.[1];
  return found === undefined ? null : Number(found);
}

const secondsByUnit = new Map([
  ['seconds', 1],
  ['milliseconds', 1e-3],
  ['microseconds', 1e-6],
]);

/** Lag metrics of RDS and Aurora whose unit is not seconds, for alarms that name no unit. OldestReplicationSlotLag is bytes. */
const secondsByMetric = new Map<string, number | null>([
  ['AuroraReplicaLag', 1e-3],
  ['AuroraReplicaLagMaximum', 1e-3],
  ['AuroraReplicaLagMinimum', 1e-3],
  ['AuroraGlobalDBReplicationLag', 1e-3],
  ['AuroraGlobalDBRPOLag', 1e-3],
  ['OldestReplicationSlotLag', null],
]);

function secondsPerUnit(unitOfData: string | null, metrics: WatchedMetric[]): number | null {
  const only = metrics.length === 1 ? metrics[0] : undefined;
  const unit = unitOfData ?? only?.unit ?? 'None';
  if (unit !== 'None' && unit !== '') return secondsByUnit.get(unit.toLowerCase()) ?? null;
  const known = only?.name ? secondsByMetric.get(only.name) : undefined;
  return known === undefined ? 1 : known;
}
