// The Cloud DNS adapter over its real client, against the stand-in of the control plane.
import { OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCloudDns, createCloudDnsZone } from '../../../gcp/adapters/cloud-dns-zone.ts';
import { startCloudDnsStandin } from '../../../infra/local/standins/cloud-dns.ts';
import type { HttpServer } from '../../../infra/local/standins/http.ts';
import { type CloudDnsRecordSet, cloudDnsRecord } from '../../../shared/model/record-sets.ts';
import type { DnsZone } from '../../../shared/ports/traffic.ts';
import { dnsZoneContract } from '../../contract/dns-zone.ts';
import { createFaultSwitch, type FaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

async function start(): Promise<{ standin: HttpServer; zone: DnsZone; switch: FaultSwitch; tokens: string[] }> {
  const faults = createFaultSwitch();
  const tokens: string[] = [];
  const standin = await startCloudDnsStandin({
    host: '127.0.0.1',
    port: 0,
    zone: { project: 'gopro', name: 'app-zone', apex: 'example.com' },
    nameServers: [],
    propagationSeconds: 1,
    pageLimit: 7,
    stateFile: null,
    clock: createManualClock(),
    faults: (request) => {
      tokens.push(request.headers.authorization ?? 'none');
      return faults.faults(request);
    },
  });
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'a-token' });
  const dns = connectCloudDns({ projectId: 'gopro', authClient, at: { host: standin.host, port: standin.port } });
  return { standin, zone: createCloudDnsZone(dns, { zone: 'app-zone', timeoutSeconds: 1 }), switch: faults, tokens };
}

dnsZoneContract('the Cloud DNS zone', async () => {
  const parts = await start();
  return {
    zone: parts.zone,
    zoneId: 'unused',
    healthCheckIds: {},
    breakDown: (kind) =>
      parts.switch.set(
        kind === 'cut'
          ? { kind: 'drop' }
          : {
              kind: 'refuse',
              ...(kind === 'throttled'
                ? { status: 403, code: 'rateLimitExceeded' }
                : { status: 503, code: 'backendError' }),
            },
      ),
    heal: () => parts.switch.heal(),
    close: () => parts.standin.close(),
  };
});

describe('the Cloud DNS zone', () => {
  let parts: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    parts = await start();
  });
  afterAll(() => parts.standin.close());

  const create = (...sets: CloudDnsRecordSet[]) =>
    parts.zone.apply({ additions: sets.map(cloudDnsRecord), deletions: [], comment: 'test' });
  const cname = (name: string, more: Partial<CloudDnsRecordSet>): CloudDnsRecordSet => ({
    name,
    type: 'CNAME',
    ttl: 30,
    ...more,
  });

  it('tries once, with its token', async () => {
    parts.switch.set({ kind: 'refuse', status: 503, code: 'backendError' });
    const before = parts.tokens.length;
    await expect(parts.zone.list('example.com')).rejects.toMatchObject({ name: 'TrafficUnavailable' });
    expect(parts.tokens.slice(before)).toEqual(['Bearer a-token']);
    parts.switch.heal();
  });

  it('finds the change made although its answer was lost', async () => {
    parts.switch.set({ kind: 'lose-answer' }, (request) => request.method === 'POST');
    const lost = cname('lost.example.com.', { rrdatas: ['target.example.com.'] });
    await expect(create(lost)).rejects.toMatchObject({ name: 'TrafficUnavailable' });
    parts.switch.heal();
    expect(await parts.zone.list('lost.example.com')).toEqual([cloudDnsRecord(lost)]);
  });

  it.each([
    [
      'two policies in one',
      { routingPolicy: { wrr: { items: [] }, geo: { items: [] } } },
      /policies cannot be combined/,
    ],
    ['a target without its final dot', { rrdatas: ['target.example.com'] }, /final dot/],
    ['two targets', { rrdatas: ['a.example.com.', 'b.example.com.'] }, /one target/],
    ['neither data nor policy', { rrdatas: [] }, /no data/],
  ])('is told by the service that it does not take %s', async (_, more, message) => {
    await expect(create(cname('bad.example.com.', more))).rejects.toThrow(message);
    expect(await parts.zone.list('bad.example.com')).toEqual([]);
  });

  it('is told by the service that a CNAME stands alone', async () => {
    const both = [
      cname('both.example.com.', { rrdatas: ['target.example.com.'] }),
      { name: 'both.example.com.', type: 'A' as const, ttl: 30, rrdatas: ['192.0.2.1'] },
    ];
    await expect(create(...both)).rejects.toThrow(/only record set of its name/);
    const apex = create(cname('example.com.', { rrdatas: ['target.example.com.'] }));
    await expect(apex).rejects.toThrow(/must lie below the apex of its zone/);
  });
});
