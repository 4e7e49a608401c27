// The AWS region: PostgreSQL as RDS, the APIs, the application, Lambda with its schedules and alarms.
import { join } from 'node:path';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { checkEndpoint } from '../alarms/checkers.ts';
import { startCloudWatchAlarms, usualCloudWatchTimings } from '../alarms/cloudwatch-alarms.ts';
import { scheduledEvent } from '../runtimes/aws-envelopes.ts';
import { createLambdaRuntime, defaultAsyncPolicy } from '../runtimes/lambda-runtime.ts';
import { createSimulatedCluster } from '../standins/cluster.ts';
import { startEksStandin } from '../standins/eks.ts';
import { checkEksToken } from '../standins/eks-token.ts';
import { startKubernetesStandin } from '../standins/kubernetes.ts';
import { startRdsStandin } from '../standins/rds.ts';
import { startRoute53Standin } from '../standins/route53.ts';
import { startS3Standin } from '../standins/s3.ts';
import { startSecretsManagerStandin } from '../standins/secrets-manager.ts';
import { startSnsStandin } from '../standins/sns.ts';
import { type AwsObjects, startAwsObjects } from './aws-objects.ts';
import { publish, setUpDatabase } from './database-setup.ts';
import { createSwitchboard, type Hands, type Keepers, type Switchboard } from './hands.ts';
import { apiHost, objectPair, ports, secrets, seenFrom, siteHost, type WorldPlan } from './plan.ts';
import { regionEnvironment } from './region-environment.ts';
import { report } from './report-line.ts';
import { startSiteApp } from './site-app.ts';
import { startSiteDatabase } from './site-database.ts';
import { startSiteKeepers } from './site-keepers.ts';

const account = '123456789012';
const region = 'us-east-1';
const none = () => null;

/** One that was lost comes back with its data: buckets, zone and database are on disk. */
export async function startAwsRegion(plan: WorldPlan): Promise<Hands> {
  const host = apiHost(plan.net, 'aws');
  const apis = createSwitchboard();
  const database = await startSiteDatabase(plan, 'aws', async (postgres) => {
    await setUpDatabase(postgres, systemClock, { arm: true });
    await publish(postgres);
  });
  const objects = plan.objects && (await startAwsObjects(plan, plan.objects));
  await startApis(plan, host, apis, objects);
  await startSiteApp(plan, 'aws');
  const hands: Hands = {
    startFunctions: async () => {
      hands.keepers = startFunctions(plan);
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

async function startApis(plan: WorldPlan, host: string, apis: Switchboard, objects: AwsObjects | null): Promise<void> {
  const elapsedSeconds = systemClock.elapsedSeconds;
  await startS3Standin({
    host,
    port: ports.store,
    buckets: [
      { name: 'gopro-register-aws' },
      { name: 'gopro-beacon-aws', isPublic: true },
      { name: objectPair.aws, versioned: true },
    ],
    onChange: (change) => objects?.onChange(change),
    keepIn: join(plan.dir, 'aws-buckets'),
    faults: apis.faultsOf('store'),
  });
  await startRoute53Standin({
    host,
    port: ports.dnsApi,
    zone: { id: 'Z0123456789ABCDEFGHIJ', apex: 'gopro.example' },
    nameServers: [`http://${seenFrom(plan.net, 'aws', 'witness', 'api')}:${ports.route53Control}`],
    propagationSeconds: 1,
    pageLimit: 300,
    stateFile: join(plan.dir, 'aws-zone.json'),
    clock: systemClock,
    id: systemChance.id,
    faults: apis.faultsOf('dns'),
  });
  await startRdsStandin({
    host,
    port: ports.databaseApi,
    instances: [
      {
        identifier: 'gopro-prod-db',
        status: 'available',
        source: null,
        host: siteHost(plan.net, 'aws'),
        databasePort: ports.postgres,
      },
    ],
    promoteSeconds: 5,
    elapsedSeconds,
    onPromote: () => undefined,
    faults: apis.faultsOf('database'),
  });
  const cluster = createSimulatedCluster({
    elapsedSeconds,
    nodes: { minimum: 5, maximum: 20 },
    podsPerNode: 2,
    nodeStartSeconds: plan.nodeStartSeconds,
    podStartSeconds: plan.podStartSeconds,
    replicas: 10,
    autoscaler: { minReplicas: 10, maxReplicas: 40 },
  });
  const kubernetes = await startKubernetesStandin({
    host,
    port: ports.kubernetes,
    cluster,
    namespace: 'gopro',
    deployment: 'backend',
    autoscaler: 'backend',
    authorize: (token) =>
      checkEksToken(token, {
        clusterName: 'gopro-prod',
        secretAccessKey: secrets.secretAccessKey,
        now: systemClock.now(),
      }).kind === 'accepted',
    faults: apis.faultsOf('kubernetes'),
  });
  await startEksStandin({
    host,
    port: ports.clusterApi,
    cluster,
    clusterName: 'gopro-prod',
    nodegroupName: 'backend',
    kubernetes: { url: kubernetes.url, certificateAuthority: '' },
    updateSeconds: 2,
    elapsedSeconds,
    faults: apis.faultsOf('cluster'),
  });
  await startSnsStandin({
    host,
    port: ports.topics,
    topicArns: [`arn:aws:sns:${region}:${account}:causeway-events`],
    onMessage: (message) => report({ kind: 'told', where: 'sns', text: JSON.stringify(message).slice(0, 200) }),
    elapsedSeconds,
    faults: none,
  });
  await startSecretsManagerStandin({
    host,
    port: ports.secrets,
    secrets: {
      'gopro/causeway-keeper': secrets.keeperPassword,
      'causeway-slack-ops': slackUrl(plan),
      'causeway-slack-general': slackUrl(plan),
      'causeway-pagerduty': secrets.pagerdutyKey,
      'causeway-pagerduty-dba': secrets.pagerdutyKey,
    },
    faults: none,
  });
}

function slackUrl(plan: WorldPlan): string {
  return `http://${seenFrom(plan.net, 'aws', 'witness', 'api')}:${ports.slack}${secrets.slackPath}`;
}

function environmentOf(plan: WorldPlan): Record<string, string> {
  return regionEnvironment(plan, 'aws', 'aws', join(plan.dir, 'strategy-aws.yaml'));
}

function startFunctions(plan: WorldPlan): Keepers {
  const env = environmentOf(plan);
  const names = ['on-alarm', 'on-lag', 'on-beat', 'on-operator'];
  const lambda = createLambdaRuntime({
    functions: names.map((name) => ({
      name,
      entry: plan.bundles[`aws-${name}`] ?? '',
      handlerExport: 'handler',
      timeoutSeconds: 300,
      env,
      reservedConcurrency: null,
      async: defaultAsyncPolicy,
    })),
    program: plan.lambdaProgram,
    region,
    account,
    timeFactor: plan.timeFactor,
    duplicateFraction: 0.1,
    clock: systemClock,
    chance: systemChance,
    onLog: (name, line) => report({ kind: 'log', from: `aws ${name}`, line }),
    onFailure: (name, record) =>
      report({ kind: 'trouble', because: `lambda ${name} gave up: ${JSON.stringify(record).slice(0, 300)}` }),
  });
  const beat = async () => {
    lambda.invokeAsync(
      'on-beat',
      scheduledEvent({ name: 'causeway-beat', account, region }, { clock: systemClock, chance: systemChance }),
    );
  };
  const keepers = startSiteKeepers({ plan, site: 'aws', env, runtime: lambda, beat });
  startCloudWatchAlarms({
    ...usualCloudWatchTimings,
    targets: [
      {
        alarmName: 'gopro-aws-endpoint-health',
        healthCheckId: 'abcdef11-2222-3333-4444-555555fedcba',
        url: `http://${siteHost(plan.net, 'aws')}:${ports.app}/healthz`,
        topicArn: `arn:aws:sns:${region}:${account}:causeway-alarms`,
      },
    ],
    region,
    regionName: 'US East (N. Virginia)',
    account,
    check: (url) => checkEndpoint(url, 2),
    deliver: (event, name) => {
      report({ kind: 'alarm', from: 'CloudWatch', text: name });
      lambda.invokeAsync('on-alarm', event);
    },
    clock: systemClock,
    chance: systemChance,
  });
  return keepers;
}
