// The GCP region: PostgreSQL as Cloud SQL, the APIs, the application, Cloud Run functions with their schedules and uptime checks.
import { join } from 'node:path';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { checkEndpoint } from '../alarms/checkers.ts';
import { startUptimeChecks } from '../alarms/uptime-checks.ts';
import { createFunctionsRuntime } from '../runtimes/functions-runtime.ts';
import { startCloudDnsStandin } from '../standins/cloud-dns.ts';
import { startCloudSqlStandin } from '../standins/cloud-sql.ts';
import { createSimulatedCluster } from '../standins/cluster.ts';
import { startGcsStandin } from '../standins/gcs.ts';
import { startGkeStandin } from '../standins/gke.ts';
import { startKubernetesStandin } from '../standins/kubernetes.ts';
import { startPubSubStandin } from '../standins/pubsub.ts';
import { startSecretManagerStandin } from '../standins/secret-manager.ts';
import { setUpDatabase, subscribe } from './database-setup.ts';
import { createGcpObjects, type GcpObjects } from './gcp-objects.ts';
import { createSwitchboard, type Hands, type Keepers, type Switchboard } from './hands.ts';
import { apiHost, objectPair, ports, secrets, seenFrom, type WorldPlan } from './plan.ts';
import { regionEnvironment } from './region-environment.ts';
import { report } from './report-line.ts';
import { startSiteApp } from './site-app.ts';
import { startSiteDatabase } from './site-database.ts';
import { startSiteKeepers } from './site-keepers.ts';

const project = 'gopro-prod';
const location = 'us-central1';
const eventsTopic = `projects/${project}/topics/causeway-events`;
const none = () => null;

/** Needs the AWS region's database the first time: the standby is made from it. One that was lost comes back with its data. */
export async function startGcpRegion(plan: WorldPlan): Promise<Hands> {
  const host = apiHost(plan.net, 'gcp');
  const apis = createSwitchboard();
  const database = await startSiteDatabase(plan, 'gcp', async (postgres) => {
    await setUpDatabase(postgres, systemClock, { arm: true });
    await subscribe(postgres, { host: seenFrom(plan.net, 'gcp', 'aws', 'site'), port: ports.postgres }, systemClock);
  });
  const objects = plan.objects && createGcpObjects(plan, plan.objects);
  await startApis(plan, host, apis, objects);
  await startSiteApp(plan, 'gcp');
  const hands: Hands = {
    startFunctions: async () => {
      hands.keepers = await startFunctions(plan);
      hands.objects = objects?.startFunctions(environmentOf(plan)) ?? null;
    },
    database,
    keepers: null,
    objects: null,
    lookout: null,
    apis,
  };
  return hands;
}

async function startApis(plan: WorldPlan, host: string, apis: Switchboard, objects: GcpObjects | null): Promise<void> {
  const elapsedSeconds = systemClock.elapsedSeconds;
  await startGcsStandin({
    host,
    port: ports.store,
    buckets: [
      { name: 'gopro-register-gcp', limitsWrites: true },
      { name: 'gopro-beacon-gcp', isPublic: true },
      { name: objectPair.gcp, versioned: true },
    ],
    onChange: (change) => objects?.onChange(change),
    keepIn: join(plan.dir, 'gcp-buckets'),
    faults: apis.faultsOf('store'),
  });
  await startCloudDnsStandin({
    host,
    port: ports.dnsApi,
    zone: { project, name: 'gopro-example', apex: 'gopro.example' },
    nameServers: [`http://${seenFrom(plan.net, 'gcp', 'witness', 'api')}:${ports.cloudDnsControl}`],
    propagationSeconds: 1,
    pageLimit: 100,
    stateFile: join(plan.dir, 'gcp-zone.json'),
    clock: systemClock,
    faults: apis.faultsOf('dns'),
  });
  await startCloudSqlStandin({
    host,
    port: ports.databaseApi,
    project,
    instance: 'gopro-prod-db-replica',
    role: 'primary',
    promoteSeconds: 5,
    updateSeconds: 5,
    elapsedSeconds,
    onPromote: () => undefined,
    faults: apis.faultsOf('database'),
  });
  const cluster = createSimulatedCluster({
    elapsedSeconds,
    nodes: { minimum: 2, maximum: 20 },
    podsPerNode: 2,
    nodeStartSeconds: plan.nodeStartSeconds,
    podStartSeconds: plan.podStartSeconds,
    replicas: 3,
    autoscaler: { minReplicas: 3, maxReplicas: 40 },
  });
  const kubernetes = await startKubernetesStandin({
    host,
    port: ports.kubernetes,
    cluster,
    namespace: 'gopro',
    deployment: 'backend',
    autoscaler: 'backend',
    authorize: (token) => token === secrets.googleToken,
    faults: apis.faultsOf('kubernetes'),
  });
  await startGkeStandin({
    host,
    port: ports.clusterApi,
    cluster,
    parent: `projects/${project}/locations/${location}`,
    clusterName: 'gopro-prod',
    nodePool: 'backend',
    zones: [`${location}-a`],
    limits: 'total',
    kubernetes: { url: kubernetes.url, certificateAuthority: '' },
    operationSeconds: 2,
    elapsedSeconds,
    faults: apis.faultsOf('cluster'),
  });
  await startPubSubStandin({
    host,
    port: ports.topics,
    topics: [eventsTopic, ...(objects?.subscriptions ?? []).map(({ topic }) => topic)],
    subscriptions: objects?.subscriptions ?? [],
    // Queues of keys are for functions, and tell nobody.
    onMessage: (message) => {
      if (message.topic !== eventsTopic) return;
      report({ kind: 'told', where: 'pubsub', text: JSON.stringify(message).slice(0, 200) });
    },
    now: systemClock.now,
    faults: none,
  });
  const slack = `http://${seenFrom(plan.net, 'gcp', 'witness', 'api')}:${ports.slack}${secrets.slackPath}`;
  await startSecretManagerStandin({
    host,
    port: ports.secrets,
    project,
    secrets: {
      'causeway-keeper': secrets.keeperPassword,
      'causeway-slack-ops': slack,
      'causeway-slack-general': slack,
      'causeway-pagerduty': secrets.pagerdutyKey,
      'causeway-pagerduty-dba': secrets.pagerdutyKey,
    },
    faults: none,
  });
}

function environmentOf(plan: WorldPlan): Record<string, string> {
  return regionEnvironment(plan, 'gcp', 'gcp', join(plan.dir, 'strategy-gcp.yaml'));
}

async function startFunctions(plan: WorldPlan): Promise<Keepers> {
  const env = environmentOf(plan);
  const define = (name: string, target: string, signature: 'http' | 'cloudevent') => ({
    name,
    source: plan.bundles[`gcp-${name}`] ?? '',
    target,
    signature,
    timeoutSeconds: 300,
    env,
    concurrency: 4,
    maximumInstances: 3,
    retry: true,
    maximumDeliveryAttempts: null,
  });
  const functions = createFunctionsRuntime({
    functions: [
      define('on-beat', 'onBeat', 'http'),
      define('on-alarm', 'onAlarm', 'cloudevent'),
      define('on-lag', 'onLag', 'cloudevent'),
      define('on-operator', 'onOperator', 'http'),
    ],
    project,
    timeFactor: plan.timeFactor,
    duplicateFraction: 0.1,
    clock: systemClock,
    chance: systemChance,
    onLog: (name, line) => report({ kind: 'log', from: `gcp ${name}`, line }),
    onDropped: (name, _message, because) =>
      report({ kind: 'trouble', because: `function ${name} dropped an event: ${because}` }),
  });
  const beat = async () => {
    const headers = { 'x-cloudscheduler': 'true', 'x-cloudscheduler-jobname': 'causeway-beat' };
    const answer = await functions.call('on-beat', { method: 'POST', path: '/', headers, body: null });
    if (answer.kind === 'unknown' || answer.status >= 400) {
      report({
        kind: 'trouble',
        because: `on-beat: ${answer.kind === 'unknown' ? answer.because : `${answer.status} ${answer.body.slice(0, 200)}`}`,
      });
    }
  };
  await functions.warm('on-beat');
  const keepers = startSiteKeepers({ plan, site: 'gcp', env, runtime: functions, beat });
  startUptimeChecks({
    // Faster than the service, which shows a metric up to four minutes late: a drill must be short.
    checkers: 6,
    intervalSeconds: 10,
    threshold: 0.5,
    durationSeconds: 10,
    lateSeconds: 5,
    targets: (['aws', 'gcp'] as const).map((site) => ({
      policyName: `gopro-${site}-uptime`,
      checkId: `gopro-${site}`,
      url: `http://${seenFrom(plan.net, 'gcp', site, 'site')}:${ports.app}/healthz`,
    })),
    project,
    check: (url) => checkEndpoint(url, 2),
    deliver: (message, policy) => {
      report({ kind: 'alarm', from: 'Cloud Monitoring', text: policy });
      functions.push('on-alarm', message, `projects/${project}/topics/causeway-alarms`);
    },
    clock: systemClock,
    chance: systemChance,
  });
  return keepers;
}
