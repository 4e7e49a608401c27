// The vendor's own examples of changes, sent by the real client to the Route 53 stand-in. Runs where the examples are there.
import {
  type ChangeBatch,
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoute53Zone } from '../../../../aws/adapters/route53-zone.ts';
import { type Route53Standin, startRoute53Standin } from '../../../../infra/local/standins/route53.ts';
import { payload, payloadFiles } from '../../../fixtures/folder.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

type Example = { input: { HostedZoneId: string; ChangeBatch: ChangeBatch } };

const files = payloadFiles().filter((file) => file.startsWith('route53-change-'));

describe.skipIf(files.length === 0)(
  'the Route 53 stand-in takes the vendor’s examples (skipped where they are not there)',
  () => {
    let standin: Route53Standin;
    let client: Route53Client;
    beforeAll(async () => {
      let ids = 0;
      standin = await startRoute53Standin({
        host: '127.0.0.1',
        port: 0,
        zone: { id: 'Z3M3LMPEXAMPLE', apex: 'example.com' },
        nameServers: [],
        propagationSeconds: 0,
        pageLimit: 100,
        stateFile: null,
        clock: createManualClock(),
        id: () => `ID${++ids}`,
        faults: () => null,
      });
      client = new Route53Client({
        region: 'us-east-1',
        endpoint: standin.url,
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      });
    });
    afterAll(async () => {
      client.destroy();
      await standin.close();
    });

    it.each(files)('%s', async (file) => {
      const { input } = payload(file) as Example;
      const made = new Map<string, string>();
      for (const change of input.ChangeBatch.Changes ?? []) {
        const set = change.ResourceRecordSet!;
        // The examples' ids are of checks that the vendor has made; here they have to be made first.
        if (set.HealthCheckId && !made.has(set.HealthCheckId)) {
          const { HealthCheck } = await client.send(
            new CreateHealthCheckCommand({
              CallerReference: `${file} ${set.HealthCheckId}`.slice(-64),
              HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.44', Port: 80 },
            }),
          );
          made.set(set.HealthCheckId, HealthCheck!.Id!);
        }
        if (set.HealthCheckId) set.HealthCheckId = made.get(set.HealthCheckId)!;
      }
      const answer = await client.send(new ChangeResourceRecordSetsCommand(input));
      expect(answer.ChangeInfo).toMatchObject({
        Comment: input.ChangeBatch.Comment,
        Id: expect.stringMatching(/^\/change\/C/),
      });

      const zone = createRoute53Zone(client, { zoneId: input.HostedZoneId });
      const listed = await zone.list('example.com');
      expect(listed).toHaveLength(input.ChangeBatch.Changes?.length ?? 0);
      expect((await zone.apply({ additions: [], deletions: listed, comment: 'undo' })).kind).toBe('accepted');
      expect(await zone.list('example.com')).toEqual([]);
    });
  },
);
