// Opens what tells the costs of a billing account of Google Cloud. The SDK is loaded when it is first needed: a cold start is short.
import { createCategories } from '../../shared/cost/categories.ts';
import type { Chance, Clock } from '../../shared/ports/clock.ts';
import type { CostSource } from '../../shared/ports/cost-source.ts';
import type { BillingTable } from './billing-export-query.ts';
import { authClientOf, type GoogleAccess } from './open-google.ts';

export type GoogleCostsOptions = {
  table: BillingTable;
  /** Of the data set. */
  location: string;
  /** The key of the label that tells environments, and the strategy's name for a value of it. */
  tag: string;
  environmentOf: (value: string) => string | null;
  /** Null: Google's own address. */
  endpoint: string | null;
  clock: Pick<Clock, 'sleep' | 'elapsedSeconds'>;
  chance: Pick<Chance, 'fraction'>;
};

/** BigQuery answers within ten seconds, if only that the query still runs. Ten million rows a month are some gigabytes of what is read of them. */
const limits = {
  callTimeoutSeconds: 30,
  queryTimeoutSeconds: 300,
  maxReadBytes: 50 * 1024 ** 3,
  rowsPerPage: 5000,
};

/** The billing export; its queries run in, and are charged to, the project of `access`. */
export async function openGoogleCosts(
  access: Pick<GoogleAccess, 'project' | 'accessToken' | 'say' | 'now'>,
  options: GoogleCostsOptions,
): Promise<CostSource> {
  const [{ createBigQueryClient }, { createBillingExport }] = await Promise.all([
    import('./bigquery-client.ts'),
    import('./billing-export.ts'),
  ]);
  const { project: projectId, say, now } = access;
  const unknown = (service: string) => say(`the service "${service}" has no category: it counts as other`);
  return createBillingExport({
    ...options,
    ...limits,
    client: createBigQueryClient({ projectId, endpoint: options.endpoint, authClient: await authClientOf(access) }),
    categoryOf: createCategories('gcp', unknown),
    elapsedSeconds: options.clock.elapsedSeconds,
    say,
    now,
  });
}
