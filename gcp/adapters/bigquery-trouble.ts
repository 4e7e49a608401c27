// What a failure of BigQuery means to whoever asked for a bill: for good, not there yet, or passing.
// https://cloud.google.com/bigquery/docs/error-messages
import * as z from 'zod';
import { type CostTrouble, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { GoogleCallFailed } from './google-call.ts';

/** One status stands for many things: the reason tells a rate that was exceeded from a right that is missing, both 403. */
const byReason: Record<string, CostTrouble> = {
  accessDenied: 'refused',
  billingNotEnabled: 'refused',
  bytesBilledLimitExceeded: 'refused',
  invalidQuery: 'invalid',
  jobRateLimitExceeded: 'throttled',
  notFound: 'not-there-yet',
  quotaExceeded: 'throttled',
  rateLimitExceeded: 'throttled',
  timeout: 'time-out',
};

const byStatus: Record<string, CostTrouble> = {
  DEADLINE_EXCEEDED: 'time-out',
  INVALID_ARGUMENT: 'invalid',
  NOT_FOUND: 'not-there-yet',
  PERMISSION_DENIED: 'refused',
  RESOURCE_EXHAUSTED: 'throttled',
  UNAUTHENTICATED: 'refused',
};

const ways: Partial<Record<CostTrouble, string>> = {
  refused:
    'the service account needs roles/bigquery.jobUser in its own project and roles/bigquery.dataViewer on the data set of the export; a query that would read too much wants a shorter range',
  'not-there-yet':
    'switch on the standard usage cost export to BigQuery in the billing account, and name its table and location in the strategy; the table comes with its first rows, some hours later',
  throttled: 'the next run asks again',
};

const Reasons = z.object({ errors: z.array(z.object({ reason: z.string() })).min(1) });

export function bigQueryUnavailable(name: string, error: unknown): CostUnavailable {
  const trouble = troubleOf(error);
  const said = error instanceof Error ? error.message : String(error);
  const way = ways[trouble];
  return new CostUnavailable(name, trouble, way === undefined ? said : `${said}: ${way}`, { cause: error });
}

function troubleOf(error: unknown): CostTrouble {
  if (!(error instanceof GoogleCallFailed)) return 'failed';
  const reasons = Reasons.safeParse(error.cause).data?.errors ?? [];
  const known = reasons.map(({ reason }) => byReason[reason]).find((trouble) => trouble !== undefined);
  return known ?? byStatus[error.status] ?? 'failed';
}
