// The environment of a region's functions: where this world's clouds answer, as that region sees them.
import { ports, type Region, secrets, seenFrom, type WorldPlan } from './plan.ts';

/** The whole environment, apart from what a runtime sets by itself. `strategyFile` is the region's own. */
export function regionEnvironment(
  plan: WorldPlan,
  from: Region,
  site: 'aws' | 'gcp',
  strategyFile: string,
): Record<string, string> {
  const at = (to: Region, port: number) => `http://${seenFrom(plan.net, from, to, 'api')}:${port}`;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_ROUTE_53: at('aws', ports.dnsApi),
    AWS_ENDPOINT_URL_RDS: at('aws', ports.databaseApi),
    AWS_ENDPOINT_URL_EKS: at('aws', ports.clusterApi),
    AWS_ENDPOINT_URL_SNS: at('aws', ports.topics),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: at('aws', ports.secrets),
    CAUSEWAY_STRATEGY: strategyFile,
    CAUSEWAY_SITE: site,
    CAUSEWAY_DATABASE_TLS: 'off',
    CAUSEWAY_PAGERDUTY_URL: `${at('witness', ports.pagerduty)}/v2/enqueue`,
    CAUSEWAY_ENDPOINT_S3: at('aws', ports.store),
    CAUSEWAY_ENDPOINT_STORAGE: at('gcp', ports.store),
    CAUSEWAY_ENDPOINT_DNS: at('gcp', ports.dnsApi),
    CAUSEWAY_ENDPOINT_SQL: at('gcp', ports.databaseApi),
    CAUSEWAY_ENDPOINT_CONTAINER: at('gcp', ports.clusterApi),
    CAUSEWAY_ENDPOINT_PUBSUB: at('gcp', ports.topics),
    CAUSEWAY_ENDPOINT_SECRET_MANAGER: at('gcp', ports.secrets),
    CAUSEWAY_GOOGLE_ACCESS_TOKEN: secrets.googleToken,
    GOOGLE_CLOUD_PROJECT: 'gopro-prod',
  };
}
