// What Cost Explorer answers, read strictly: days with their totals and groups, gathered over the pages.
import * as z from 'zod';
import { amountOf } from '../../shared/cost/money.ts';
import { type Amount, CostDate, Currency } from '../../shared/model/cost.ts';
import { CostUnavailable } from '../../shared/ports/cost-source.ts';

/** `UnblendedCost` is what is invoiced, `NetAmortizedCost` spreads commitments and discounts over what they were used for. */
export const costMetrics = { billed: 'UnblendedCost', effective: 'NetAmortizedCost' } as const;

export type ToldAmount = { billed: Amount; effective: Amount; currency: Currency };
export type ToldGroup = ToldAmount & { service: string; tagValue: string };
export type ToldDay = { date: CostDate; estimated: boolean; total: ToldAmount | null; groups: ToldGroup[] };

/** Decimals as text: `0.1234567891`, and `6.123E-7` for small ones. */
const Metric = z.object({ Amount: z.string().min(1), Unit: Currency });
const Metrics = z.object({ [costMetrics.billed]: Metric, [costMetrics.effective]: Metric });

const Result = z.object({
  TimePeriod: z.object({ Start: CostDate, End: CostDate }),
  Estimated: z.boolean(),
  /** Empty when the answer is grouped. */
  Total: Metrics.partial().nullish(),
  /** Empty when it is not. */
  Groups: z.array(z.object({ Keys: z.array(z.string()), Metrics })).nullish(),
});

const Page = z.object({ ResultsByTime: z.array(Result), NextPageToken: z.string().min(1).nullish() });

const ValuesPage = z.object({
  DimensionValues: z.array(z.object({ Value: z.string() })),
  NextPageToken: z.string().min(1).nullish(),
});

export type Read<T> = { told: T[]; nextToken: string | null };

export function readDays(name: string, what: string, tag: string, answer: unknown): Read<ToldDay> {
  return understood(name, what, () => {
    const { ResultsByTime, NextPageToken } = Page.parse(answer);
    return { told: ResultsByTime.map((result) => dayOf(result, tag)), nextToken: NextPageToken ?? null };
  });
}

export function readValues(name: string, what: string, answer: unknown): Read<string> {
  return understood(name, what, () => {
    const { DimensionValues, NextPageToken } = ValuesPage.parse(answer);
    return { told: DimensionValues.map(({ Value }) => Value), nextToken: NextPageToken ?? null };
  });
}

/** A day may begin on one page and end on the next. */
export function joinDays(days: readonly ToldDay[]): ToldDay[] {
  const joined = new Map<string, ToldDay>();
  for (const day of days) {
    const known = joined.get(day.date);
    joined.set(
      day.date,
      known === undefined
        ? day
        : {
            date: day.date,
            estimated: known.estimated || day.estimated,
            total: known.total ?? day.total,
            groups: [...known.groups, ...day.groups],
          },
    );
  }
  return [...joined.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
}

function dayOf({ TimePeriod, Estimated, Total, Groups }: z.infer<typeof Result>, tag: string): ToldDay {
  return {
    date: TimePeriod.Start,
    estimated: Estimated,
    total: Total && Object.keys(Total).length > 0 ? amountsOf(Metrics.parse(Total)) : null,
    groups: (Groups ?? []).map((group) => ({ ...keysOf(group.Keys, tag), ...amountsOf(group.Metrics) })),
  };
}

function amountsOf(metrics: z.infer<typeof Metrics>): ToldAmount {
  const { UnblendedCost: billed, NetAmortizedCost: effective } = metrics;
  if (billed.Unit !== effective.Unit) {
    throw new Error(`one group is told in ${billed.Unit} and in ${effective.Unit}`);
  }
  return { billed: amountOf(billed.Amount), effective: amountOf(effective.Amount), currency: billed.Unit };
}

/** The second key is `environment$production`; `environment$` for what has no such tag. */
function keysOf(keys: string[], tag: string): { service: string; tagValue: string } {
  const [service = '', tagged = ''] = keys;
  if (keys.length !== 2 || service === '' || !tagged.startsWith(`${tag}$`)) {
    throw new Error(`a group has the keys ${JSON.stringify(keys)} instead of a service and "${tag}$..."`);
  }
  return { service, tagValue: tagged.slice(tag.length + 1) };
}

function understood<T>(name: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : '';
    throw new CostUnavailable(name, 'invalid', `${what}: the answer cannot be understood: ${why}`, { cause });
  }
}
