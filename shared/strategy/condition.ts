// Conditions of alerts: `db_replication_lag > 10s`, `error_rate > 0.05`.
import * as z from 'zod';
import type { Alert } from '../model/scenario.ts';
import { DURATION_ALLOWED, durationText, secondsOf } from './duration.ts';
import type { Known } from './known.ts';
import { didYouMean } from './nearest.ts';
import { type Refusal, refuse } from './vocabulary.ts';

type Condition = Pick<Alert, 'metric' | 'comparison' | 'threshold'>;

/** Metrics whose unit is known. Queries of `prometheus.global_queries` may be compared with a number or a duration. */
const UNITS: Record<string, 'seconds' | 'ratio'> = {
  db_replication_lag: 'seconds',
  p99_latency: 'seconds',
  error_rate: 'ratio',
};

const FORM = /^(\w+)\s*(>=|<=|>|<)\s*(\S+)$/;
const Comparison = z.enum(['>', '>=', '<', '<=']);
const ALLOWED = 'a metric, one of > >= < <=, and a threshold, such as "db_replication_lag > 10s"';

/** A condition; the threshold is in seconds where it was a duration. */
export function condition(known: Known) {
  return z
    .string({ error: ALLOWED })
    .regex(FORM, { error: ALLOWED })
    .transform((written, context): Condition => {
      const [, metric = '', sign = '', amount = ''] = FORM.exec(written) ?? [];
      const threshold = thresholdOf(known, metric, amount);
      return typeof threshold === 'number'
        ? { metric, comparison: Comparison.parse(sign), threshold }
        : refuse(context, [], threshold);
    });
}

/** The condition as it can be written again: `db_replication_lag > 10s`. */
export function conditionText({ metric, comparison, threshold }: Condition): string {
  const unit = Object.hasOwn(UNITS, metric) ? UNITS[metric] : undefined;
  return `${metric} ${comparison} ${unit === 'seconds' ? durationText(threshold) : threshold}`;
}

function thresholdOf(known: Known, metric: string, amount: string): number | Refusal {
  const unit = Object.hasOwn(UNITS, metric) ? UNITS[metric] : undefined;
  if (!unit && !known.queries.includes(metric)) return unknownMetric(known, metric);
  const seconds = unit === 'ratio' ? null : secondsOf(amount);
  const number = unit === 'seconds' ? null : plainNumber(amount);
  const allowed =
    unit === 'ratio' ? 'a plain number such as 0.05' : `${DURATION_ALLOWED}${unit ? '' : ', or a number'}`;
  return (
    seconds ??
    number ?? {
      found: `"${amount}"`,
      allowed,
      message: `${metric} is compared with ${allowed}; found "${amount}".`,
      rule: 'wrong-unit',
    }
  );
}

function plainNumber(amount: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(amount) ? Number(amount) : null;
}

function unknownMetric(known: Known, metric: string): Refusal {
  const metrics = [...new Set([...Object.keys(UNITS), ...known.queries])];
  return {
    found: `"${metric}"`,
    allowed: `a metric: ${metrics.join(', ')}`,
    message: `there is no metric "${metric}"; known are ${metrics.join(', ')}.${didYouMean(metric, metrics)} Declare others below prometheus.global_queries.`,
    rule: 'unknown-metric',
  };
}
