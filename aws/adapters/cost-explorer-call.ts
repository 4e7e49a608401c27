// One request to Cost Explorer: counted, since each is paid for, with a clock, a bounded patience for throttling, and what a failure means.
import { askPatiently, type Patience } from '../../shared/cost/patience.ts';
import { type CostTrouble, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

export type CostExplorerCallOptions = Patience & { name: string; timeoutSeconds: number };

export type CostExplorerCall = {
  ask<T>(what: string, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
  /** How many requests were sent, throttled ones among them. */
  requests(): number;
};

export function createCostExplorerCall(options: CostExplorerCallOptions): CostExplorerCall {
  let requests = 0;
  return {
    requests: () => requests,
    ask: (what, send) =>
      askPatiently(what, options, async () => {
        requests += 1;
        try {
          return await callAws(what, options.timeoutSeconds, send);
        } catch (error) {
          throw unavailable(options.name, error);
        }
      }),
  };
}

/** Cost Explorer's own words: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html#API_GetCostAndUsage_Errors */
const troubles: Record<string, CostTrouble> = {
  LimitExceededException: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  DataUnavailableException: 'not-there-yet',
  // The bill changed while its pages were read: the next run reads it anew.
  BillExpirationException: 'failed',
  InvalidNextTokenException: 'failed',
  RequestChangedException: 'failed',
  AbortError: 'time-out',
  TimeoutError: 'time-out',
};

function troubleOf(error: unknown): CostTrouble {
  if (error instanceof AwsRefused) return troubles[error.code] ?? 'refused';
  if (!(error instanceof AwsUnknown) || !(error.cause instanceof Error)) return 'failed';
  return troubles[error.cause.name] ?? 'failed';
}

const ways: Partial<Record<CostTrouble, string>> = {
  refused:
    'the role needs ce:GetCostAndUsage and ce:GetDimensionValues, Cost Explorer must have been opened once in the console of the billing account, and days older than 14 months are not kept',
  throttled: 'another caller uses up the rate of this account; the next run asks again',
  'not-there-yet': 'Cost Explorer prepares its data within a day of being enabled',
};

function unavailable(name: string, cause: unknown): CostUnavailable {
  const trouble = troubleOf(cause);
  const said = cause instanceof Error ? cause.message : String(cause);
  const way = ways[trouble];
  return new CostUnavailable(name, trouble, way === undefined ? said : `${said}: ${way}`, { cause });
}
