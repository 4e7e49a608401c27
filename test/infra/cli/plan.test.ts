// `causeway plan`: a dry run against real control planes: both zones, name servers that answer, and a cluster.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRoute53Client } from '../../../aws/adapters/route53-client.ts';
import { createRoute53HealthChecks } from '../../../aws/adapters/route53-health-checks.ts';
import { openEstate } from '../../../infra/cli/open.ts';
import { type NameServer, startNameServer } from '../../../infra/local/dns/server.ts';
import { startCloudDnsStandin } from '../../../infra/local/standins/cloud-dns.ts';
import { startGkeStandin } from '../../../infra/local/standins/gke.ts';
import { type HttpServer, startHttp } from '../../../infra/local/standins/http.ts';
import { startRoute53Standin } from '../../../infra/local/standins/route53.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { compileTraffic } from '../../../shared/traffic/compile.ts';
import { writeZone } from '../../../shared/traffic/write-zone.ts';
import { type ClusterWorld, startClusterWorld } from '../../support/cluster-world.ts';
import { PLACES } from '../../support/places.ts';
import { standbyFacts } from '../../support/readiness.ts';
import { aHeartbeat } from '../../support/situation.ts';
import { eventually } from '../../support/test-postgres.ts';
import { allWell, registerOf, report, startLivingEstate, type TestEstate } from './estate.ts';

const ZONE = { id: 'Z0123456789ABCDEFGHIJ', apex: 'gopro.example' };
const here = { host: '127.0.0.1', port: 0 };
const quick = {
  ...here,
  propagationSeconds: 0,
  pageLimit: 100,
  stateFile: null,
  clock: systemClock,
  faults: () => null,
};

let estate: TestEstate;
let cluster: ClusterWorld;
let closing: { close(): Promise<void> }[] = [];
/** How far gcp's database is: its last heartbeat was written this many seconds ago. */
let behindSeconds = 1;

const nameServer = (): Promise<NameServer> =>
  startNameServer({
    ...here,
    controlPort: 0,
    places: { rows: [], otherwise: PLACES.chicago },
    checkersPerCheck: 3,
    clock: systemClock,
    chance: systemChance,
  });

async function publish(route53Url: string): Promise<void> {
  const { strategy, around } = openEstate(estate.terminal(), {});
  const traffic = compileTraffic(strategy, { writer: 'aws', away: [], epoch: 1 });
  const client = createRoute53Client({ endpoint: route53Url, credentials: null });
  const checks = createRoute53HealthChecks(client, { timeoutSeconds: 5 });
  const beacon = (away: string) => ({
    application: strategy.application,
    away,
    url: 'http://127.0.0.1:1/beacon',
    searchFor: 'lit',
  });
  const healthCheckIds = await checks.ensure([beacon('aws'), beacon('gcp')]);
  for (const zone of around.zones) {
    const outcome = await writeZone({
      zone,
      strategy,
      traffic,
      healthCheckIds,
      currentEpoch: async () => 1,
      force: false,
    });
    expect(outcome.kind).toBe('accepted');
  }
}

beforeAll(async () => {
  const [answering53, answeringCloud] = await Promise.all([nameServer(), nameServer()]);
  const route53 = await startRoute53Standin({
    ...quick,
    zone: ZONE,
    nameServers: [answering53.controlUrl],
    id: () => systemChance.id().slice(0, 14).toUpperCase(),
  });
  const clouddns = await startCloudDnsStandin({
    ...quick,
    zone: { project: 'gopro-prod', name: 'gopro-example', apex: ZONE.apex },
    nameServers: [answeringCloud.controlUrl],
  });
  cluster = await startClusterWorld({ authorize: () => true });
  const gke = await startGkeStandin({
    ...here,
    cluster: cluster.cluster,
    parent: cluster.declared.parent,
    clusterName: cluster.declared.name,
    nodePool: cluster.declared.nodePool,
    zones: ['us-central1-a'],
    limits: 'zone',
    kubernetes: { url: cluster.kubernetes.url, certificateAuthority: '' },
    operationSeconds: 0,
    elapsedSeconds: cluster.clock.elapsedSeconds,
    faults: () => null,
  });
  const application: HttpServer = await startHttp(async () => ({ status: 200 }), here);
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', route53.url);
  const gcp = (...path: string[]) => ['sites', 'gcp', ...path];
  const { name, nodePool, namespace, deployment, autoscaler, parent } = cluster.declared;
  estate = await startLivingEstate(
    () => allWell(aHeartbeat({ number: 1, writtenAt: new Date(Date.now() - behindSeconds * 1000).toISOString() })),
    [
      { path: gcp('service_url'), value: `${application.url}/orders` },
      {
        path: gcp('cluster'),
        value: { name, node_pool: nodePool, namespace, deployment, autoscaler, parent, replicas_per_node: 2 },
      },
      { path: ['dns', 'name_servers'], value: { route53: [answering53.address], clouddns: [answeringCloud.address] } },
    ],
    { env: { CAUSEWAY_ENDPOINT_DNS: clouddns.url, CAUSEWAY_ENDPOINT_CONTAINER: gke.url } },
  );
  closing = [estate, application, gke, cluster.kubernetes, clouddns, route53, answering53, answeringCloud];
  await publish(route53.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closing.map((one) => one.close()));
});

describe('plan', () => {
  it('shows each step with who, when, what it meets now, and what it would change', async () => {
    behindSeconds = 1;
    const { out, err, code } = await estate.causeway('plan', 'aws_region_lost', '--as-if');
    expect(err).toBe('');
    expect(out).toContain('Plan of aws_region_lost, to gcp  dry run: nothing was changed');
    expect(out).toContain('as if triggered: writer-down: the writer aws is down and gcp is healthy');
    expect(out).toMatch(
      /1. take_authority {2}would-wait\n +who +the keeper of gcp, at once\n +now +waits until aws's keeper fences .* stands still for 18 s/,
    );
    expect(out).toContain('change  writer aws -> gcp, epoch 1 -> 2');
    expect(out).toMatch(
      /2. update_dns: route_to_gcp {2}would-do\n +who +any keeper, of either cloud, after 1-take_authority/,
    );
    expect(out).toContain('change  shares aws 70 %, gcp 30 % -> aws 0 %, gcp 100 %');
    expect(out).toContain('beacon of aws lit');
    expect(out).toMatch(/route53: \d+ added, \d+ deleted\n +- .+ -> .+\n/);
    expect(out).toMatch(/\+ writer.learn.gopro.example \w+ -> /);
    expect(out).toMatch(/clouddns: \d+ added, \d+ deleted/);
    expect(out).toMatch(/3. scale_gcp_cluster: min_replicas=10 {2}would-do/);
    expect(out).toContain('change  replica floor 2 -> 10, node minimum 1 -> 5;');
    expect(out).toMatch(
      /4. promote_gcp_db: read_write_mode {2}would-do\n.*\n +now +lag 0.4 s, estimated loss \d+\.\d s of the RPO of 60 s/,
    );
    expect(out).toContain('change  a message to ops_team (slack: the webhook in secret causeway-slack-ops)');
    expect(out).toMatch(/change +an incident of severity high to dba_team \(pagerduty: /);
    expect(out).toMatch(
      /7. verify_service {2}would-do\n.*\n +now +asked again when everything before it is done; today: serves now/,
    );
    expect(out).toContain('every step could be carried out');
    expect(out).toContain('ready    yes: nothing is known that a failover would trip over');
    expect(code).toBe(0);
  });

  it('shows what is not ready, which stops no failover', async () => {
    await report(estate, 'gcp', standbyFacts({ subscription: null }));
    const { out, code } = await estate.causeway('plan', 'aws_region_lost', '--once');
    expect(out).toContain('readiness of gcp (critical): following aws: there is no subscription "causeway"');
    expect(code).toBe(0);
    await report(estate, 'gcp', standbyFacts());
  });

  it('changes nothing: no register, no zone, no beacon, no cluster', async () => {
    const opened = openEstate(estate.terminal(), {});
    const look = async () => ({
      register: await registerOf(estate).read(),
      zones: await Promise.all(opened.around.zones.map((zone) => zone.list('learn.gopro.example'))),
      beacons: await opened.around.beaconStore('gcp').list('', { startAfter: null, limit: 10 }),
      capacity: await (await opened.around.capacityOf('gcp'))?.observe(),
    });
    const before = JSON.stringify(await look());
    expect(before).toContain('"replicaFloor":2');
    expect((await estate.causeway('plan', 'aws_region_lost', '--once')).code).toBe(0);
    expect(JSON.stringify(await look())).toBe(before);
  });

  it('a standby beyond the RPO blocks the promotion, names the override, and exits 1', async () => {
    behindSeconds = 120;
    await eventually('the bulletin says so', async () => {
      const { out } = await estate.causeway('plan', 'aws_region_lost');
      return out.includes('promote_gcp_db: read_write_mode  blocked');
    });
    const { out, code } = await estate.causeway('plan', 'aws_region_lost');
    expect(code).toBe(1);
    expect(out).toMatch(
      /estimated loss 1[12]\d\.\d s of the RPO of 60 s .*`causeway override rpo` would allow it once/,
    );
    expect(out).toContain('1 of 7 steps would not be carried out now');
    behindSeconds = 1;
  });

  it('a scenario that is not carried out yet is a clear refusal, step by step', async () => {
    const { out, code } = await estate.causeway('plan', 'partial_failure');
    expect(code).toBe(1);
    expect(out).toContain('Plan of partial_failure, it names no site to go to');
    expect(out).toContain('gradual_traffic_shift is not carried out by this version');
    expect(out).toContain('3 of 3 steps would not be carried out now');
  });

  it('--as-if a policy that holds is a finding: paused', async () => {
    await estate.causeway('pause', '--reason', 'a test of the plan');
    const { out, code } = await estate.causeway('plan', 'aws_region_lost', '--as-if', '--json');
    await estate.causeway('resume', '--reason', 'tested');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      target: 'gcp',
      decision: { rule: 'paused', kind: 'hold' },
      steps: expect.any(Array),
    });
  });

  it('a scenario that there is not: the ones that there are', async () => {
    const { err, code } = await estate.causeway('plan', 'azure_lost');
    expect(code).toBe(2);
    expect(err).toContain('it has aws_region_lost, gcp_region_lost, partial_failure');
  });
});
