// Beacon health checks over the real client, against the stand-in of the control plane.
import {
  DeleteHealthCheckCommand,
  GetHealthCheckCommand,
  ListHealthChecksCommand,
  ListTagsForResourceCommand,
  Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRoute53HealthChecks } from '../../../aws/adapters/route53-health-checks.ts';
import { type HttpServer, jsonAnswer, startHttp } from '../../../infra/local/standins/http.ts';
import { type Route53Standin, startRoute53Standin } from '../../../infra/local/standins/route53.ts';
import type { BeaconCheck, BeaconChecks } from '../../../shared/ports/traffic.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const check = (away: string, url = `https://storage.googleapis.com/beacons/away-${away}.json`): BeaconCheck => ({
  application: 'gopro',
  away,
  url,
  searchFor: '<lit> & "bright"',
});

describe('Route 53 beacon checks', () => {
  const faults = createFaultSwitch();
  let seen: string[] = [];
  let nameServer: HttpServer;
  let standin: Route53Standin;
  let client: Route53Client;
  let checks: BeaconChecks;

  beforeEach(async () => {
    let ids = 0;
    seen = [];
    nameServer = await startHttp(
      async () =>
        jsonAnswer(
          200,
          seen.map((status, index) => ({
            region: `r${index}`,
            address: '192.0.2.1',
            status,
            checkedAt: '2026-11-23T12:00:00.000Z',
          })),
        ),
      { host: '127.0.0.1', port: 0 },
    );
    standin = await startRoute53Standin({
      host: '127.0.0.1',
      port: 0,
      zone: { id: 'Z1', apex: 'example.com' },
      nameServers: [nameServer.url],
      propagationSeconds: 0,
      pageLimit: 1,
      stateFile: null,
      clock: createManualClock(),
      id: () => `check-${++ids}`,
      faults: faults.faults,
    });
    client = new Route53Client({
      region: 'us-east-1',
      endpoint: standin.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
    checks = createRoute53HealthChecks(client);
  });
  afterEach(async () => {
    client.destroy();
    await standin.close();
    await nameServer.close();
  });

  const all = async () => {
    const first = await client.send(new ListHealthChecksCommand({}));
    return first.IsTruncated ? 'several' : (first.HealthChecks ?? []).map((one) => one.Id);
  };

  it('are made once, inverted and as fast as Route 53 can, with tags that name them', async () => {
    const ids = await checks.ensure([check('aws'), check('gcp', 'http://192.0.2.7:8080/b/away-gcp.json')]);
    expect(await checks.ensure([check('aws'), check('gcp', 'http://192.0.2.7:8080/b/away-gcp.json')])).toEqual(ids);
    expect(new Set(Object.values(ids)).size).toBe(2);
    const made = await client.send(new GetHealthCheckCommand({ HealthCheckId: ids.aws }));
    expect(made.HealthCheck?.HealthCheckConfig).toMatchObject({
      Type: 'HTTPS_STR_MATCH',
      FullyQualifiedDomainName: 'storage.googleapis.com',
      Port: 443,
      ResourcePath: '/beacons/away-aws.json',
      SearchString: '<lit> & "bright"',
      RequestInterval: 10,
      FailureThreshold: 1,
      Inverted: true,
    });
    const plain = await client.send(new GetHealthCheckCommand({ HealthCheckId: ids.gcp }));
    expect(plain.HealthCheck?.HealthCheckConfig).toMatchObject({
      Type: 'HTTP_STR_MATCH',
      IPAddress: '192.0.2.7',
      Port: 8080,
    });
    const tags = await client.send(
      new ListTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: ids.aws }),
    );
    expect(tags.ResourceTagSet?.Tags).toContainEqual({ Key: 'causeway-away', Value: 'aws' });
  });

  it('are mended when somebody changed them, under the same id', async () => {
    const { aws = '' } = await checks.ensure([check('aws')]);
    await client.send(new UpdateHealthCheckCommand({ HealthCheckId: aws, Inverted: false, Disabled: true }));
    expect(await checks.ensure([check('aws', 'https://storage.googleapis.com/elsewhere.json')])).toEqual({ aws });
    const mended = await client.send(new GetHealthCheckCommand({ HealthCheckId: aws }));
    expect(mended.HealthCheck?.HealthCheckConfig).toMatchObject({
      Inverted: true,
      Disabled: false,
      ResourcePath: '/elsewhere.json',
    });
    expect(await all()).toEqual([aws]);
  });

  it('are made anew after somebody deleted them, although the old reference is used up', async () => {
    const { aws } = await checks.ensure([check('aws')]);
    await client.send(new DeleteHealthCheckCommand({ HealthCheckId: aws }));
    const again = await checks.ensure([check('aws')]);
    expect(again.aws).not.toBe(aws);
    expect(await all()).toEqual([again.aws]);
  });

  it('are found again when the answer to their making was lost', async () => {
    faults.set({ kind: 'lose-answer' }, (request) => request.method === 'POST');
    await expect(checks.ensure([check('aws')])).rejects.toMatchObject({ name: 'TrafficUnavailable' });
    faults.heal();
    const { aws } = await checks.ensure([check('aws')]);
    expect(await all()).toEqual([aws]);
  });

  it('say what the checkers saw, and nothing before enough of them have looked', async () => {
    const { aws = '' } = await checks.ensure([check('aws')]);
    const dark = 'Failure: HTTP Status Code: 404, Not Found';
    const lit = 'Success: HTTP Status Code: 200, OK';
    expect((await checks.observe(aws)).state).toBe('unsettled');
    seen = [dark, dark];
    expect((await checks.observe(aws)).state).toBe('unsettled');
    seen = [dark, dark, dark];
    expect(await checks.observe(aws)).toEqual({ state: 'dark', because: '0 of 3 checkers found the signal' });
    seen = [lit, dark, dark];
    expect((await checks.observe(aws)).state).toBe('lit');
  });

  it('refuse an address that no checker can look at', async () => {
    await expect(checks.ensure([check('aws', 'gs://bucket/key')])).rejects.toThrow(/must be http or https/);
  });
});
