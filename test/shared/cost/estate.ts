// Three months of an estate for tests: weekdays, growth, something unusual, days that are open, and one that nobody told.
import { datesFrom, weekdayOf } from '../../../shared/cost/calendar.ts';
import { amountOf } from '../../../shared/cost/money.ts';
import type { CostDate } from '../../../shared/model/cost.ts';
import type { CostDay, CostState } from '../../../shared/model/cost-day.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { dayOf, type SaidPart, stateOf } from './days.ts';

type Line = Omit<SaidPart, 'amount'> & { dollars: number; weekend?: number };

const LINES: Record<Provider, Line[]> = {
  aws: [
    { category: 'compute', service: 'Amazon Elastic Compute Cloud - Compute', dollars: 18, weekend: 0.8 },
    { category: 'compute', service: 'AWS Lambda', dollars: 0.4, environment: null },
    { category: 'kubernetes', service: 'Amazon Elastic Kubernetes Service', dollars: 2.4 },
    { category: 'database', service: 'Amazon Relational Database Service', dollars: 16.5 },
    { category: 'cache', service: 'Amazon ElastiCache', dollars: 9.8 },
    { category: 'storage', service: 'Amazon Simple Storage Service', dollars: 1.7 },
    { category: 'network', service: 'AWS Data Transfer', dollars: 3.4, transfer: true, weekend: 0.6 },
    { category: 'other', service: 'AmazonCloudWatch', dollars: 1.1, environment: null },
  ],
  gcp: [
    { category: 'compute', service: 'Compute Engine', dollars: 11, environment: 'staging', weekend: 0.5 },
    { category: 'compute', service: 'Compute Engine', dollars: 4, environment: 'production' },
    { category: 'compute', service: 'Compute Engine', dollars: 3, environment: 'development', weekend: 0.3 },
    { category: 'kubernetes', service: 'Kubernetes Engine', dollars: 2.5 },
    { category: 'database', service: 'Cloud SQL', dollars: 13 },
    { category: 'cache', service: 'Cloud Memorystore for Redis', dollars: 8.1, environment: 'staging' },
    { category: 'storage', service: 'Cloud Storage', dollars: 1.3 },
    { category: 'network', service: 'Networking', dollars: 2.7, transfer: true },
  ],
};

const TODAY = '2026-11-25';
/** Compute Engine in staging costs three times as much from here on. */
export const RISEN = '2026-11-17';
/** Nobody told what Google Cloud cost on this day. */
export const GONE = '2026-11-08';

/** From the first of August to today; this month is estimated, as it is at both providers. */
export function estateDays(): CostDay[] {
  return (['aws', 'gcp'] as const).flatMap((provider) =>
    datesFrom('2026-08-01', provider === 'aws' ? '2026-11-26' : '2026-11-25')
      .filter((date) => provider === 'aws' || date !== GONE)
      .map((date, index) =>
        dayOf(
          provider,
          date,
          LINES[provider].map(({ dollars, weekend = 1, ...line }, at) => ({
            ...line,
            amount: amountOf((dollars * factor(date, index, at, weekend, line)).toFixed(6)),
          })),
          { estimated: date >= '2026-11-01', takenAt: `${TODAY}T06:00:00Z` },
        ),
      ),
  );
}

function factor(date: CostDate, index: number, at: number, weekend: number, line: Omit<SaidPart, 'amount'>): number {
  const quiet = weekdayOf(date) === 0 || weekdayOf(date) === 6 ? weekend : 1;
  const wobble = 1 + (((index * 7 + at * 13) % 11) - 5) / 150;
  const risen = line.service === 'Compute Engine' && line.environment === 'staging' && date >= RISEN ? 3.2 : 1;
  const open = date === TODAY ? 0.3 : 1;
  return quiet * wobble * risen * open * (1 + index / 1500);
}

export const estateStates: CostState[] = [stateOf('aws', `${TODAY}T06:00:00Z`), stateOf('gcp', `${TODAY}T06:00:00Z`)];
