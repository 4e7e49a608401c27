// A stand-in for AWS Cost Explorer: GetCostAndUsage by day and GetDimensionValues, over its JSON wire.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  type BillCharge,
  type BillGroup,
  dimensionOf,
  Filter,
  GroupBy,
  grouped,
  metricsOf,
  passes,
} from './cost-explorer-bill.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  startHttp,
  withFaults,
} from './http.ts';

export type CostExplorerStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** What a day costs; null: nothing is told of it. */
  bill(date: string): BillCharge[] | null;
  now(): Date;
  /** Groups on a page: the service's own number is not documented. */
  groupsPerPage: number;
  /** Asked for each group: whether it is told twice. */
  doubles(): boolean;
  faults: Faults;
};

class CostExplorerError extends Error {
  override readonly name = 'CostExplorerError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const Period = z.object({ Start: z.iso.date(), End: z.iso.date() });
const GetCostAndUsage = z.strictObject({
  TimePeriod: Period,
  Granularity: z.literal('DAILY', 'this stand-in tells costs by day'),
  Metrics: z.array(z.enum(['UnblendedCost', 'NetAmortizedCost'])).min(1),
  GroupBy: z.array(GroupBy).max(2, 'GroupBy takes at most two groups').default([]),
  Filter: Filter.optional(),
  NextPageToken: z.string().optional(),
});
const GetDimensionValues = z.strictObject({
  TimePeriod: Period,
  Dimension: z.enum(['SERVICE', 'USAGE_TYPE']),
  SearchString: z.string().default(''),
  Context: z.literal('COST_AND_USAGE').optional(),
  NextPageToken: z.string().optional(),
});

type Answered = { tell: CostExplorerStandinOptions; asked: z.infer<typeof GetCostAndUsage> };

/** Signatures must be there; they are not verified. */
export function startCostExplorerStandin(options: CostExplorerStandinOptions): Promise<HttpServer> {
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      if (headerOf(request, 'authorization') === null) {
        throw new CostExplorerError('MissingAuthenticationToken', 'Request is missing Authentication Token');
      }
      const target = headerOf(request, 'x-amz-target') ?? '';
      const body: unknown = JSON.parse(request.body.toString('utf8'));
      return answer(200, perform(target.replace(/^AWSInsightsIndexService\./, ''), body, options));
    } catch (error) {
      if (error instanceof CostExplorerError) return failure(400, error.code, error.message);
      if (error instanceof z.ZodError) return failure(400, 'ValidationException', z.prettifyError(error));
      throw error;
    }
  };
  return startHttp(
    withFaults(handle, options.faults, (status, code) => failure(status, code, `${code}, as asked for`)),
    options,
  );
}

function perform(operation: string, body: unknown, options: CostExplorerStandinOptions): object {
  if (operation === 'GetCostAndUsage') return costAndUsage({ tell: options, asked: GetCostAndUsage.parse(body) });
  if (operation === 'GetDimensionValues') return dimensionValues(options, GetDimensionValues.parse(body));
  throw new CostExplorerError('UnknownOperationException', `this stand-in does not know ${operation}`);
}

function costAndUsage({ tell, asked }: Answered): object {
  const days = toldDays(tell, asked.TimePeriod);
  const charges = days.map(({ date, bill }) => ({ date, bill: bill.filter((one) => passes(one, asked.Filter)) }));
  const head = {
    ...(asked.GroupBy.length === 0 ? {} : { GroupDefinitions: asked.GroupBy }),
    DimensionValueAttributes: [],
  };
  if (asked.GroupBy.length === 0) {
    const ResultsByTime = charges.map(({ date, bill }) => ({
      ...resultOf(date, tell.now()),
      Total: metricsOf(ofOneCurrency(bill), asked.Metrics),
      Groups: [],
    }));
    return { ...head, ResultsByTime };
  }
  const groups = charges.flatMap(({ date, bill }) =>
    grouped(bill, asked.GroupBy)
      .flatMap((group) => (tell.doubles() ? [group, group] : [group]))
      .map((group) => ({ date, group })),
  );
  const { page, NextPageToken } = pageOf(groups, tell.groupsPerPage, asked);
  // A day without groups is told as well, on the page where it would be.
  const first = page[0]?.date ?? asked.TimePeriod.Start;
  const last = NextPageToken === undefined ? asked.TimePeriod.End : (page.at(-1)?.date ?? first);
  const dates = days.map(({ date }) => date).filter((date) => date >= first && date <= last);
  const ResultsByTime = dates.map((date) => ({
    ...resultOf(date, tell.now()),
    Total: {},
    Groups: page.filter((one) => one.date === date).map(({ group }) => groupOf(group, asked.Metrics)),
  }));
  return { ...head, ResultsByTime, ...(NextPageToken === undefined ? {} : { NextPageToken }) };
}

function dimensionValues(tell: CostExplorerStandinOptions, asked: z.infer<typeof GetDimensionValues>): object {
  const charges = toldDays(tell, asked.TimePeriod).flatMap(({ bill }) => bill);
  const values = [...new Set(charges.map((charge) => dimensionOf(charge, asked.Dimension) ?? ''))]
    .filter((value) => value.includes(asked.SearchString))
    .sort();
  const { page, NextPageToken } = pageOf(values, 1000, asked);
  return {
    DimensionValues: page.map((Value) => ({ Value, Attributes: {} })),
    ReturnSize: page.length,
    TotalSize: values.length,
    ...(NextPageToken === undefined ? {} : { NextPageToken }),
  };
}

const keptMonths = 14;

function toldDays(tell: CostExplorerStandinOptions, { Start, End }: z.infer<typeof Period>) {
  if (Start >= End) {
    throw new CostExplorerError('ValidationException', 'Start date (and hour) should be before end date (and hour)');
  }
  const oldest = new Date(tell.now());
  oldest.setUTCMonth(oldest.getUTCMonth() - keptMonths);
  if (Start < oldest.toISOString().slice(0, 10)) {
    const text = `You haven't enabled historical data beyond ${keptMonths} months. Please adjust the time period`;
    throw new CostExplorerError('ValidationException', text);
  }
  const days: { date: string; bill: BillCharge[] }[] = [];
  for (let date = Start; date < End; date = dayAfter(date)) {
    const bill = tell.bill(date);
    if (bill !== null) days.push({ date, bill });
  }
  if (days.length === 0) {
    throw new CostExplorerError('DataUnavailableException', 'The requested data is unavailable.');
  }
  return days;
}

function resultOf(date: string, now: Date) {
  return { TimePeriod: { Start: date, End: dayAfter(date) }, Estimated: now.getTime() < finalAt(date) };
}

/** A month is estimated until its bill is final, some days into the next. */
function finalAt(date: string): number {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return Date.UTC(year, month, 4);
}

function ofOneCurrency(bill: BillCharge[]): BillCharge[] {
  return bill.filter(({ currency }) => currency === (bill[0]?.currency ?? currency));
}

function groupOf({ keys, charges }: BillGroup, metrics: readonly string[]): object {
  return { Keys: keys, Metrics: metricsOf(charges, metrics) };
}

const Token = z.object({ from: z.number(), of: z.string() });

/** A token holds where to go on, and for which question: it is refused for another one. */
function pageOf<T>(all: T[], perPage: number, asked: { NextPageToken?: string | undefined }) {
  const { NextPageToken: token, ...question } = asked;
  const of = createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);
  const from = token === undefined ? 0 : placeOf(token, of);
  const to = from + perPage;
  const next = to < all.length ? Buffer.from(JSON.stringify({ from: to, of })).toString('base64url') : undefined;
  return { page: all.slice(from, to), NextPageToken: next };
}

function placeOf(token: string, of: string): number {
  const read = Token.safeParse(parsed(Buffer.from(token, 'base64url').toString()));
  if (!read.success) throw new CostExplorerError('InvalidNextTokenException', 'The pagination token is invalid.');
  if (read.data.of === of) return read.data.from;
  const text =
    'Your request parameters changed between pages. Try again with the old parameters or without a pagination token.';
  throw new CostExplorerError('RequestChangedException', text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}

function answer(status: number, value: object, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1', ...headers }, body: JSON.stringify(value) };
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return answer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}
