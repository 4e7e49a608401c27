// The Route 53 adapter over its real client, against the stand-in of the control plane.
import {
  CreateHealthCheckCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoute53Zone } from '../../../aws/adapters/route53-zone.ts';
import { type Route53Standin, startRoute53Standin } from '../../../infra/local/standins/route53.ts';
import { type Route53RecordSet, route53Record } from '../../../shared/model/record-sets.ts';
import type { DnsZone } from '../../../shared/ports/traffic.ts';
import { dnsZoneContract } from '../../contract/dns-zone.ts';
import { createFaultSwitch, type FaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const ZONE_ID = 'Z3M3LMPEXAMPLE';

async function start(): Promise<{
  standin: Route53Standin;
  client: Route53Client;
  zone: DnsZone;
  switch: FaultSwitch;
}> {
  const faults = createFaultSwitch();
  let ids = 0;
  const standin = await startRoute53Standin({
    host: '127.0.0.1',
    port: 0,
    zone: { id: ZONE_ID, apex: 'example.com' },
    nameServers: [],
    propagationSeconds: 1,
    pageLimit: 7,
    stateFile: null,
    clock: createManualClock(),
    id: () => `ID${String(++ids).padStart(4, '0')}`,
    faults: faults.faults,
  });
  const client = new Route53Client({
    region: 'us-east-1',
    endpoint: standin.url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  return { standin, client, zone: createRoute53Zone(client, { zoneId: ZONE_ID, timeoutSeconds: 5 }), switch: faults };
}

const close = async ({ standin, client }: { standin: Route53Standin; client: Route53Client }) => {
  client.destroy();
  await standin.close();
};

async function healthCheck(client: Route53Client, reference: string): Promise<string> {
  const made = await client.send(
    new CreateHealthCheckCommand({
      CallerReference: reference,
      HealthCheckConfig: { Type: 'HTTPS', FullyQualifiedDomainName: 'example.com', RequestInterval: 10 },
    }),
  );
  return made.HealthCheck?.Id ?? '';
}

dnsZoneContract('the Route 53 zone', async () => {
  const parts = await start();
  return {
    zone: parts.zone,
    zoneId: ZONE_ID,
    healthCheckIds: { aws: await healthCheck(parts.client, 'aws'), gcp: await healthCheck(parts.client, 'gcp') },
    breakDown: (kind) =>
      parts.switch.set(
        kind === 'cut'
          ? { kind: 'drop' }
          : {
              kind: 'refuse',
              ...(kind === 'throttled'
                ? { status: 400, code: 'Throttling' }
                : { status: 503, code: 'ServiceUnavailable' }),
            },
      ),
    heal: () => parts.switch.heal(),
    close: () => close(parts),
  };
});

describe('the Route 53 zone', () => {
  let parts: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    parts = await start();
  });
  afterAll(() => close(parts));

  const a = (name: string, more: Partial<Route53RecordSet> = {}) =>
    route53Record({ Name: name, Type: 'A', TTL: 30, ResourceRecords: [{ Value: '192.0.2.1' }], ...more });
  const create = (...additions: ReturnType<typeof a>[]) =>
    parts.zone.apply({ additions, deletions: [], comment: 'test' });
  const because = async (...additions: ReturnType<typeof a>[]) => {
    const result = await create(...additions);
    return result.kind === 'conflict' ? result.because : `accepted ${result.changeId}`;
  };

  it('names the protection of a protected name instead of trying', async () => {
    parts.standin.protect('kept.example.com', 'A');
    expect(await because(a('kept.example.com'))).toMatch(/kept\.example\.com A is protected/);
    parts.standin.unprotect();
    expect((await create(a('kept.example.com'))).kind).toBe('accepted');
  });

  it('takes PriorRequestNotComplete as not known', async () => {
    parts.switch.set(
      { kind: 'refuse', status: 400, code: 'PriorRequestNotComplete' },
      (request) => request.method === 'POST',
    );
    await expect(create(a('prior.example.com'))).rejects.toMatchObject({ name: 'TrafficUnavailable' });
    parts.switch.heal();
  });

  it('finds the change made although its answer was lost', async () => {
    parts.switch.set({ kind: 'lose-answer' }, (request) => request.method === 'POST');
    await expect(create(a('lost.example.com'))).rejects.toMatchObject({ name: 'TrafficUnavailable' });
    parts.switch.heal();
    expect(await parts.zone.list('lost.example.com')).toHaveLength(1);
  });

  it('refuses a batch above the limits before any call', async () => {
    const values = Array.from({ length: 1001 }, (_, index) => ({ Value: `192.0.${index >> 8}.${index & 255}` }));
    await expect(create(a('large.example.com', { ResourceRecords: values }))).rejects.toThrow(
      /1001 records .* limits of 1000/,
    );
  });

  it('refuses for good, and says so, what is no matter of time', async () => {
    const other = createRoute53Zone(parts.client, { zoneId: 'ZUNKNOWN', timeoutSeconds: 5 });
    await expect(other.list('example.com')).rejects.toMatchObject({ name: 'AwsRefused', code: 'NoSuchHostedZone' });
  });

  it.each([
    [
      'a mixture of policies',
      [
        { SetIdentifier: 'one', Weight: 1 },
        { SetIdentifier: 'two', Failover: 'PRIMARY' as const },
      ],
      /other RRSets exist/,
    ],
    [
      'two primaries',
      [
        { SetIdentifier: 'one', Failover: 'PRIMARY' as const },
        { SetIdentifier: 'two', Failover: 'PRIMARY' as const },
      ],
      /same Failover/,
    ],
    [
      'weighted records of different TTL',
      [
        { SetIdentifier: 'one', Weight: 1 },
        { SetIdentifier: 'two', Weight: 1, TTL: 60 },
      ],
      /same TTL/,
    ],
  ])('is told by the service that it does not take %s', async (title, sets, message) => {
    const name = `${title.replaceAll(/[^a-z]/gi, '-').toLowerCase()}.example.com`;
    expect(await because(...sets.map((set) => a(name, set)))).toMatch(message);
    expect(await parts.zone.list(name)).toEqual([]);
  });

  it('is told by the service that an alias needs its target', async () => {
    const alias = route53Record({
      Name: 'alias.example.com',
      Type: 'A',
      AliasTarget: { HostedZoneId: ZONE_ID, DNSName: 'nowhere.example.com', EvaluateTargetHealth: true },
    });
    expect(await because(alias)).toMatch(/that target was not found/);
  });

  it('keeps the wildcard name that the service escapes', async () => {
    await create(a('*.wild.example.com'));
    expect((await parts.zone.list('wild.example.com')).map((record) => record.name)).toEqual(['*.wild.example.com']);
  });

  it('sees a change become INSYNC when it has been pushed', async () => {
    const result = await create(a('sync.example.com'));
    const Id = result.kind === 'accepted' ? result.changeId : '';
    await expect
      .poll(async () => (await parts.client.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status)
      .toBe('INSYNC');
    const zone = await parts.client.send(new GetHostedZoneCommand({ Id: ZONE_ID }));
    expect(zone.HostedZone?.Name).toBe('example.com.');
  });
});
