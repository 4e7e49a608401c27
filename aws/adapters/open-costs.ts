// Opens what tells the costs of an AWS account. The SDK is loaded when it is first needed: a cold start is short.
import { createCategories } from '../../shared/cost/categories.ts';
import type { Chance, Clock } from '../../shared/ports/clock.ts';
import type { CostSource } from '../../shared/ports/cost-source.ts';
import type { AwsAccess } from './open-aws.ts';

export type AwsCostsOptions = {
  account: string;
  /** The tag that tells environments, and the strategy's name for a value of it. */
  tag: string;
  environmentOf: (value: string) => string | null;
  /** Null: the service's own address, or what AWS_ENDPOINT_URL_COST_EXPLORER says. */
  endpoint: string | null;
  clock: Pick<Clock, 'sleep'>;
  chance: Pick<Chance, 'fraction'>;
};

/** Months of costs take their time. */
const timeoutSeconds = 30;

/** Cost Explorer, which is in one region for all of AWS. */
export async function openAwsCosts(
  { credentials, say }: Pick<AwsAccess, 'credentials' | 'say'>,
  options: AwsCostsOptions,
): Promise<CostSource> {
  const [{ CostExplorerClient }, { createCostExplorer }] = await Promise.all([
    import('@aws-sdk/client-cost-explorer'),
    import('./cost-explorer.ts'),
  ]);
  const client = new CostExplorerClient({
    region: 'us-east-1',
    maxAttempts: 1,
    ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
    ...(credentials === null ? {} : { credentials }),
  });
  const unknown = (service: string) => say(`the service "${service}" has no category: it counts as other`);
  const categoryOf = createCategories('aws', unknown);
  return createCostExplorer({ ...options, client, categoryOf, timeoutSeconds, say });
}
