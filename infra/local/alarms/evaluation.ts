// How CloudWatch evaluates an alarm: M breaching datapoints of the last N, and what it writes as the reason. Pure.

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** `value` null: no data for that period, which is neither good nor bad. */
export type Datapoint = { at: Date; value: number | null };

export type AlarmRule = { evaluationPeriods: number; datapointsToAlarm: number; threshold: number };

/** The alarm breaches below the threshold. `points` are in order of time, the newest last. */
export function evaluate(rule: AlarmRule, before: AlarmState, points: readonly Datapoint[]): AlarmState {
  const window = points.slice(-rule.evaluationPeriods);
  const known = window.filter((point) => point.value !== null);
  if (known.length === 0) return window.length < rule.evaluationPeriods ? before : 'INSUFFICIENT_DATA';
  const breaching = known.filter((point) => point.value !== null && point.value < rule.threshold);
  if (breaching.length >= rule.datapointsToAlarm) return 'ALARM';
  // Too little is known to clear an alarm that stands.
  if (before === 'ALARM' && known.length < rule.evaluationPeriods) return before;
  return 'OK';
}

/** CloudWatch's own wording, with its day-first times. */
export function reasonFor(
  rule: AlarmRule,
  before: AlarmState,
  after: AlarmState,
  points: readonly Datapoint[],
): string {
  const window = points.slice(-rule.evaluationPeriods);
  if (after === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${window.length} datapoint${window.length === 1 ? ' was' : 's were'} unknown.`;
  }
  const counted = window.filter(
    (point) => point.value !== null && point.value < rule.threshold === (after === 'ALARM'),
  );
  const list = counted.map((point) => `${point.value?.toFixed(1)} (${dayFirst(point.at)})`).join(', ');
  const verb = counted.length === 1 ? 'was' : 'were';
  const not = after === 'ALARM' ? '' : 'not ';
  const minimum =
    after === 'ALARM' ? rule.datapointsToAlarm : Math.max(1, rule.evaluationPeriods - rule.datapointsToAlarm + 1);
  return (
    `Threshold Crossed: ${counted.length} out of the last ${rule.evaluationPeriods} datapoints [${list}] ${verb} ${not}less than ` +
    `the threshold (${rule.threshold.toFixed(1)}) (minimum ${minimum} datapoint${minimum === 1 ? '' : 's'} for ${before} -> ${after} transition).`
  );
}

function dayFirst(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
