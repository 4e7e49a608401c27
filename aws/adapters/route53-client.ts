// A Route 53 client that tries once: throttling is answered by the step's own next attempt.
import { Route53Client, type Route53ClientConfig } from '@aws-sdk/client-route-53';

export type Route53Access = {
  /** Null: the service's own, or what AWS_ENDPOINT_URL_ROUTE_53 says. */
  endpoint: string | null;
  /** Null: the SDK's own chain. */
  credentials: NonNullable<Route53ClientConfig['credentials']> | null;
};

/** Route 53's control plane is in us-east-1, whatever the site's region. */
export function createRoute53Client({ endpoint, credentials }: Route53Access): Route53Client {
  return new Route53Client({
    region: 'us-east-1',
    maxAttempts: 1,
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null ? {} : { credentials }),
  });
}
