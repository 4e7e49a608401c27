// The AWS region: PostgreSQL as RDS, the APIs, the application, Lambda with its schedules and alarms.
import { join } from 'node:path';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { checkEndpoint } from '../alarms/checkers.ts';
import { startCloudWatchAlarms, usualCloudWatchTimings } from '../alarms/cloudwatch-alarms.ts';
import { startPostgres } from '../postgres.ts';
import { scheduledEvent } from '../runtimes/aws-envelopes.ts';
import { createLambdaRuntime, defaultAsyncPolicy } from '../runtimes/lambda-runtime.ts';
import { startSchedule } from '../runtimes/schedule.ts';
import { createSimulatedCluster } from '../standins/cluster.ts';
import { startEksStandin } from '../standins/eks.ts';
import { checkEksToken } from '../standins/eks-token.ts';
import { startKubernetesStandin } from '../standins/kubernetes.ts';
import { startRdsStandin } from '../standins/rds.ts';
import { startRoute53Standin } from '../standins/route53.ts';
import { startS3Standin } from '../standins/s3.ts';
import { startSecretsManagerStandin } from '../standins/secrets-manager.ts';
import { startSnsStandin } from '../standins/sns.ts';
import { publish, setUpDatabase } from './database-setup.ts';
import { apiHost, ports, secrets, seenFrom, siteHost, type WorldPlan } from './plan.ts';
import { regionEnvironment } from './region-environment.ts';
import { report, type StartFunctions } from './report-line.ts';
import { startSiteApp } from './site-app.ts';

const account = '123456789012';
const region = 'us-east-1';
const none = () => null;

export async function startAwsRegion(plan: WorldPlan): Promise<StartFunctions> {
  const host = apiHost(plan.net, 'aws');
  const clock = systemClock;
  const postgres = await startPostgres({
    dataDir: join(plan.dir, 'aws-postgres'),
    host: siteHost(plan.net, 'aws'),
    port: ports.postgres,
    ...plan.postgres,
  });
  await setUpDatabase(postgres, clock, { arm: true });
  await publish(postgres);
  await startApis(plan, host);
  await startSiteApp(plan, 'aws');
  return async () => startFunctions(plan);
}

async function startApis(plan: WorldPlan, host: string): Promise<void> {
  const elapsedSeconds = systemClock.elapsedSeconds;
  await startS3Standin({
    host,
    port: ports.store,
    buckets: [{ name: 'gopro-register-aws' }, { name: 'gopro-beacon-aws', isPublic: true }],
  });
  await startRoute53Standin({
    host,
    port: ports.dnsApi,
    zone: { id: 'Z0123456789ABCDEFGHIJ', apex: 'gopro.example' },
    nameServers: [`http://${seenFrom(plan.net, 'aws', 'witness', 'api')}:${ports.route53Control}`],
    propagationSeconds: 1,
    pageLimit: 300,
    stateFile: null,
    clock: systemClock,
    id: systemChance.id,
    faults: none,
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
    faults: none,
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
    faults: none,
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
    faults: none,
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

function startFunctions(plan: WorldPlan): void {
  const env = regionEnvironment(plan, 'aws', 'aws', join(plan.dir, 'strategy-aws.yaml'));
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
  void beat();
  startSchedule({
    ...plan.schedule,
    fire: beat,
    onTrouble: (error) => report({ kind: 'trouble', because: `schedule: ${String(error)}` }),
    clock: systemClock,
    chance: systemChance,
  });
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
}
