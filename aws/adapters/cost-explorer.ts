// What an AWS account costs, from Cost Explorer: each request costs a cent, so that a range is asked for as a whole.
import {
  type CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  GetDimensionValuesCommand,
} from '@aws-sdk/client-cost-explorer';
import { awsTransferUsage } from '../../shared/cost/categories.ts';
import { amountOf } from '../../shared/cost/money.ts';
import type { CostRow, DayTotal } from '../../shared/model/cost.ts';
import { type CostOfAsking, type CostRange, type CostSource, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { costMetrics, joinDays, type Read, readDays, readValues, type ToldDay } from './cost-explorer-answer.ts';
import { type CostExplorerCallOptions, createCostExplorerCall } from './cost-explorer-call.ts';
import { type RowShape, rowsOfDay } from './cost-explorer-rows.ts';

export type CostExplorerOptions = Omit<CostExplorerCallOptions, 'name'> &
  Omit<RowShape, 'name'> & { client: CostExplorerClient };

/** Totals; which usage is transfer; everything by service and tag; the transfer among it by service and tag. */
const requestsOfRange = 4;
const requestCents = 1;

/**
 * The totals are asked for apart from the groups, so that a page that was lost shows. Transfer is the same grouping with a filter, and is taken
 * out of the whole: grouping by usage type instead would leave no room for the tag, and would count twice.
 */
export function createCostExplorer({ client, ...options }: CostExplorerOptions): CostSource {
  const name = `Cost Explorer of ${options.account}`;
  const shape = { ...options, name };
  const { ask, requests } = createCostExplorerCall({ ...options, name });

  /** Every page of one question. */
  async function pages<T>(
    what: string,
    read: (what: string, answer: unknown) => Read<T>,
    send: (page: { NextPageToken?: string }, options: { abortSignal: AbortSignal }) => Promise<unknown>,
  ): Promise<T[]> {
    const all: T[] = [];
    const seen = new Set<string>();
    for (let token: string | null = null; ; ) {
      const page: { NextPageToken?: string } = token === null ? {} : { NextPageToken: token };
      const { told, nextToken } = read(what, await ask(what, (signal) => send(page, signal)));
      for (const each of told) all.push(each);
      if (nextToken === null) return all;
      if (seen.has(nextToken)) {
        throw new CostUnavailable(name, 'invalid', `${what}: page ${seen.size + 1} leads back to one that was read`);
      }
      seen.add(nextToken);
      token = nextToken;
    }
  }

  async function days(what: string, range: CostRange, more: Partial<GetCostAndUsageCommandInput>): Promise<ToldDay[]> {
    const input = {
      TimePeriod: periodOf(range),
      Granularity: 'DAILY' as const,
      Metrics: Object.values(costMetrics),
      ...more,
    };
    const told = await pages(
      `${what}, ${range.fromDate} to ${range.toDate}`,
      (tried, answer) => readDays(name, tried, options.tag, answer),
      (page, signal) => client.send(new GetCostAndUsageCommand({ ...input, ...page }), signal),
    );
    return joinDays(told);
  }

  function groups(what: string, range: CostRange, filter: { Filter?: Expression }): Promise<ToldDay[]> {
    const GroupBy = [
      { Type: 'DIMENSION' as const, Key: 'SERVICE' },
      { Type: 'TAG' as const, Key: options.tag },
    ];
    return days(what, range, { GroupBy, ...filter });
  }

  /** Usage types have a region before them, and filters take whole names: which there are has to be asked. */
  function transferUsage(range: CostRange): Promise<string[]> {
    const input = {
      TimePeriod: periodOf(range),
      Dimension: 'USAGE_TYPE' as const,
      SearchString: awsTransferUsage,
      Context: 'COST_AND_USAGE' as const,
    };
    return pages(
      'which usage is transfer',
      (tried, answer) => readValues(name, tried, answer),
      (page, signal) => client.send(new GetDimensionValuesCommand({ ...input, ...page }), signal),
    );
  }

  async function* rows(range: CostRange): AsyncGenerator<CostRow[]> {
    if (isEmpty(range)) return;
    const whole = await groups('costs by service and tag', range, {});
    const usage = (await transferUsage(range)).filter((type) => type.endsWith(awsTransferUsage));
    const Filter = { Dimensions: { Key: 'USAGE_TYPE' as const, Values: usage } };
    const transfer = usage.length === 0 ? [] : await groups('transfer by service and tag', range, { Filter });
    const transferOf = new Map(transfer.map((day) => [day.date, day.groups]));
    for (const day of whole) {
      if (day.groups.length > 0) yield rowsOfDay(day, transferOf.get(day.date) ?? [], shape);
    }
  }

  return {
    name,
    provider: 'aws',
    async totals(range) {
      if (isEmpty(range)) return [];
      return (await days('totals', range, {})).flatMap(totalOf);
    },
    rows,
    estimate: async (range) => paid(isEmpty(range) ? 0 : requestsOfRange),
    spent: () => paid(requests()),
  };
}

function totalOf({ date, estimated, total }: ToldDay): DayTotal[] {
  if (total === null) return [];
  const nothing = total.billed === '0' && total.effective === '0';
  return [{ date, sums: nothing ? [] : [total], estimated }];
}

function paid(requests: number): CostOfAsking {
  return { requests, readBytes: null, amount: amountOf(`${requests * requestCents}e-2`), currency: 'USD' };
}

function periodOf({ fromDate, toDate }: CostRange): { Start: string; End: string } {
  return { Start: fromDate, End: toDate };
}

function isEmpty({ fromDate, toDate }: CostRange): boolean {
  return fromDate >= toDate;
}
