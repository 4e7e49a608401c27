// The client of BigQuery: it tries once, since every query is paid for.
import { BigQuery } from '@google-cloud/bigquery';
import type { AuthClient } from 'google-auth-library';

/** `endpoint` null: Google's own. The project is the one that queries run in, and are charged to. */
export function createBigQueryClient(options: {
  projectId: string;
  endpoint: string | null;
  authClient: AuthClient;
}): BigQuery {
  const { projectId, endpoint, authClient } = options;
  const apiEndpoint = endpoint === null ? {} : { apiEndpoint: endpoint };
  return new BigQuery({ projectId, authClient, autoRetry: false, ...apiEndpoint });
}
