// Opens the Google adapters for what a strategy declares. Clients of slow paths are loaded when first needed: a cold start is short.
import { type AuthClient, GoogleAuth, OAuth2Client } from 'google-auth-library';
import type { Cloud } from '../../shared/ports/cloud.ts';
import type { Metrics } from '../../shared/ports/metrics.ts';
import type { CloudMonitoringOptions } from './cloud-monitoring-metrics.ts';
import { createGcsObjectStore, createGcsStorage } from './gcs-object-store.ts';

/** Where stand-ins or emulators listen; null: Google's own address. */
export type GoogleEndpoints = Record<
  'storage' | 'dns' | 'sql' | 'container' | 'pubsub' | 'secretManager',
  string | null
>;

export type GoogleAccess = {
  project: string;
  endpoints: GoogleEndpoints;
  /** A fixed token, for stand-ins and emulators only; null: the library's own chain (service account or federated identity). */
  accessToken: string | null;
  say: (sentence: string) => void;
  now: () => Date;
};

const requestTimeoutSeconds = 2;
const callTimeoutSeconds = 5;

const bucketConnectTimeoutSeconds = 3;
const bucketSockets = 64;
/** A composition of many parts, or a rewrite, may take its time. */
const bucketClocks = { callTimeoutSeconds: 10, longCallTimeoutSeconds: 300, stallSeconds: 20 };

export function openGoogle(access: GoogleAccess): Cloud {
  const storage = createGcsStorage({
    projectId: access.project,
    endpoint: access.endpoints.storage,
    accessToken: access.accessToken,
    requestTimeoutSeconds,
  });
  let auth: Promise<AuthClient> | null = null;

  function authClient(): Promise<AuthClient> {
    auth ??= authClientOf(access);
    return auth;
  }

  async function endpoint(of: keyof GoogleEndpoints) {
    return { authClient: await authClient(), at: placeOf(access.endpoints[of]) };
  }

  async function accessToken(): Promise<string> {
    const { token } = await (await authClient()).getAccessToken();
    if (!token) throw new Error('the service account gave no access token: check its roles and the metadata server');
    return token;
  }

  return {
    store: ({ name, bucket }) => createGcsObjectStore(storage, { name, bucket }),
    bucket: (name) => createGcsObjectStore(storage, { name, bucket: name }),
    async objectBucket(_site, bucket) {
      const [{ createGcsHttp }, { createGcsObjectBucket }] = await Promise.all([
        import('./gcs-object-bucket-http.ts'),
        import('./gcs-object-bucket.ts'),
      ]);
      const http = createGcsHttp({
        authClient: await authClient(),
        baseUrl: access.endpoints.storage ?? 'https://storage.googleapis.com',
        connectTimeoutSeconds: bucketConnectTimeoutSeconds,
        maxSockets: bucketSockets,
      });
      return createGcsObjectBucket({ http, name: `gs://${bucket}`, bucket, ...bucketClocks });
    },
    async keyQueue(_site, topic) {
      const { createPubSubKeyQueue } = await import('./pubsub-key-queue.ts');
      return createPubSubKeyQueue({
        authClient: await authClient(),
        baseUrl: access.endpoints.pubsub ?? 'https://pubsub.googleapis.com',
        monitoringUrl: access.endpoints.pubsub ?? 'https://monitoring.googleapis.com',
        topic,
        timeoutSeconds: callTimeoutSeconds,
        now: access.now,
      });
    },
    async deadLetters(_site, topic) {
      const [{ createPubSubDeadLetters }, { openPublisher }] = await Promise.all([
        import('./pubsub-dead-letters.ts'),
        import('./pubsub-notifier.ts'),
      ]);
      return createPubSubDeadLetters({
        connect: async () => openPublisher(await endpoint('pubsub')),
        topic,
        timeoutSeconds: callTimeoutSeconds,
      });
    },
    async zone(site) {
      const { connectCloudDns, createCloudDnsZone } = await import('./cloud-dns-zone.ts');
      const [projectId = access.project, zone = ''] = site.zoneId.split('/');
      const dns = connectCloudDns({ projectId, ...(await endpoint('dns')) });
      return createCloudDnsZone(dns, { zone, timeoutSeconds: callTimeoutSeconds });
    },
    async capacity(_site, cluster) {
      const { createGkeCapacity, openGkeClient } = await import('./gke-capacity.ts');
      return createGkeCapacity({
        connect: async () => openGkeClient(await endpoint('container')),
        cluster,
        accessToken,
        timeoutSeconds: callTimeoutSeconds,
        say: access.say,
      });
    },
    async managedDatabase(_site, database) {
      const { createCloudSqlDatabase, openCloudSqlClients } = await import('./cloud-sql-database.ts');
      return createCloudSqlDatabase({
        connect: async () => openCloudSqlClients(await endpoint('sql')),
        instance: database.instance,
        timeoutSeconds: callTimeoutSeconds,
      });
    },
    async topic(topic) {
      const { createPubSubNotifier, openPublisher } = await import('./pubsub-notifier.ts');
      return createPubSubNotifier({
        connect: async () => openPublisher(await endpoint('pubsub')),
        topic,
        timeoutSeconds: callTimeoutSeconds,
      });
    },
    async secrets() {
      const { createSecretManager } = await import('./secret-manager.ts');
      return createSecretManager({
        project: access.project,
        authClient: await authClient(),
        baseUrl: access.endpoints.secretManager ?? 'https://secretmanager.googleapis.com',
        timeoutSeconds: callTimeoutSeconds,
      });
    },
  };
}

/** Cloud Monitoring of the project; `task`: what the points are about. */
export async function openGoogleMetrics(access: GoogleAccess, task: CloudMonitoringOptions['task']): Promise<Metrics> {
  const { createCloudMonitoringMetrics } = await import('./cloud-monitoring-metrics.ts');
  return createCloudMonitoringMetrics({
    project: access.project,
    authClient: () => authClientOf(access),
    baseUrl: access.endpoints.pubsub ?? 'https://monitoring.googleapis.com',
    timeoutSeconds: callTimeoutSeconds,
    task,
  });
}

/** Who calls: a fixed token, or the library's own chain. */
export function authClientOf({ accessToken }: Pick<GoogleAccess, 'accessToken'>): Promise<AuthClient> {
  if (accessToken !== null) return fixed(accessToken);
  return new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' }).getClient();
}

async function fixed(token: string): Promise<AuthClient> {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token });
  return client;
}

function placeOf(url: string | null): { host: string; port: number } | null {
  if (url === null) return null;
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
