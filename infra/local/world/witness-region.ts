// The witness's region, outside both clouds: the third store, the outside lookout, the name servers that answer the world, and what is
// on the internet for everybody: Slack and PagerDuty.
import { join } from 'node:path';
import { createS3Client, createS3ObjectStore } from '../../../aws/adapters/s3-object-store.ts';
import { loadStrategy } from '../../../shared/config.ts';
import { createBulletinBoard } from '../../../shared/engine/bulletin-board.ts';
import { createLookout } from '../../../shared/engine/lookout.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { createWatchtower } from '../../../shared/engine/watchtower.ts';
import { createHttpProbe } from '../../../shared/probe/http-probe.ts';
import { createClosing } from '../closing.ts';
import { startNameServer } from '../dns/server.ts';
import { startPagerDutyStandin } from '../standins/pagerduty.ts';
import { startS3Standin } from '../standins/s3.ts';
import { startSlackStandin } from '../standins/slack.ts';
import { createSwitchboard, type Hands } from './hands.ts';
import { apiHost, ports, secrets, type WorldPlan } from './plan.ts';
import { report } from './report-line.ts';

const none = () => null;

export async function startWitnessRegion(plan: WorldPlan): Promise<Hands> {
  const host = apiHost(plan.net, 'witness');
  const apis = createSwitchboard();
  await startS3Standin({
    host,
    port: ports.store,
    buckets: [{ name: 'gopro-register-witness' }],
    keepIn: join(plan.dir, 'witness-buckets'),
    faults: apis.faultsOf('store'),
  });
  await startSlackStandin({
    host,
    port: ports.slack,
    path: secrets.slackPath,
    onMessage: (text) => report({ kind: 'told', where: 'Slack', text }),
    faults: none,
  });
  await startPagerDutyStandin({
    host,
    port: ports.pagerduty,
    routingKey: secrets.pagerdutyKey,
    onAlert: (alert) => report({ kind: 'told', where: 'PagerDuty', text: JSON.stringify(alert) }),
    faults: none,
  });
  for (const [port, controlPort] of [
    [ports.route53, ports.route53Control],
    [ports.cloudDns, ports.cloudDnsControl],
  ] as const) {
    await startNameServer({
      host,
      port,
      controlPort,
      places: { rows: [], otherwise: { continent: null, country: null, latitude: 0, longitude: 0 } },
      checkersPerCheck: 4,
      clock: systemClock,
      chance: systemChance,
    });
  }
  let watching = createClosing();
  return {
    startFunctions: async () => {
      watching = createClosing();
      startWatchtower(plan, host, watching.signal);
    },
    database: null,
    keepers: null,
    objects: null,
    lookout: { end: () => watching.abort() },
    apis,
  };
}

/** The outside lookout, restarted when its time is up, as a schedule would. */
function startWatchtower(plan: WorldPlan, host: string, signal: AbortSignal): void {
  const strategy = loadStrategy(join(plan.dir, 'strategy-witness.yaml'));
  const client = createS3Client({
    region: 'auto',
    endpoint: `http://${host}:${ports.store}`,
    forcePathStyle: true,
    credentials: { accessKeyId: secrets.accessKeyId, secretAccessKey: secrets.secretAccessKey },
    connectTimeoutSeconds: 1,
    requestTimeoutSeconds: 2,
  });
  const store = createS3ObjectStore(client, { name: 'witness', bucket: 'gopro-register-witness' });
  const name = strategy.lookouts[0]?.name ?? 'watchtower';
  const watch = async (): Promise<void> => {
    const tower = createWatchtower({
      strategy,
      name,
      ground: 'elsewhere',
      incarnation: systemChance.id().slice(0, 8),
      lookout: createLookout({
        strategy,
        probe: createHttpProbe(fetch, systemClock.elapsedSeconds),
        clock: systemClock,
      }),
      board: createBulletinBoard({ own: store, all: [{ name, store }], clock: systemClock }),
      clock: systemClock,
      onTrouble: (where, error) => report({ kind: 'trouble', because: `watchtower, ${where}: ${String(error)}` }),
    });
    await tower.run({ lifetimeSeconds: 3600, signal });
    if (!signal.aborted) return watch();
  };
  void watch().catch((error) => report({ kind: 'trouble', because: `watchtower: ${String(error)}` }));
}
