// Every published name keeps an answer, in both zones; and what was written at a later epoch is never overwritten from an earlier one.

import { readOwnership } from '../../../shared/traffic/ownership.ts';
import type { FakeDnsZone } from '../../support/fake-dns-zone.ts';
import type { World } from '../world.ts';

export function namesAnswer(world: World): () => void {
  const { strategy, zones, answers, storage } = world.estate;
  const { name, writerName, nameServers } = strategy.dns;
  const addresses = new Set(strategy.sites.flatMap((site) => site.addresses));
  const watched = [
    { zone: zones.route53, server: nameServers.route53[0] ?? '' },
    { zone: zones.clouddns, server: nameServers.clouddns[0] ?? '' },
  ].map((one) => ({ ...one, records: one.zone.records(), epoch: 1 }));
  const beacons = [...storage.beaconBuckets.values()].map((bucket) => ({ bucket, seen: new Map<string, string>() }));

  async function ask(server: string, zone: FakeDnsZone): Promise<void> {
    for (const asked of [name, writerName]) {
      const found = await answers.resolver.ask(server, asked, 'A');
      if (!found.some(({ data }) => addresses.has(data))) {
        world.fail('every published name keeps an answer', `${zone.provider} answers nothing for ${asked}`);
      }
    }
  }

  return () => {
    for (const one of watched) {
      const records = one.zone.records();
      if (records === one.records) continue;
      one.records = records;
      const epoch = readOwnership(records, name)?.epoch ?? 0;
      world.trace.say(`${one.zone.provider} was written at epoch ${epoch}`);
      if (epoch < one.epoch) {
        world.fail(
          'no effect is applied with a stale epoch',
          `${one.zone.provider} went from ${one.epoch} to ${epoch}`,
        );
      }
      one.epoch = epoch;
      void ask(one.server, one.zone);
    }
    for (const { bucket, seen } of beacons) {
      for (const [key, { body }] of bucket.objects) {
        const before = seen.get(key);
        if (before === body) continue;
        seen.set(key, body);
        if (before !== undefined && epochIn(body) < epochIn(before)) {
          world.fail('no effect is applied with a stale epoch', `the beacon ${key} fell: ${before}, then ${body}`);
        }
      }
    }
  };
}

function epochIn(body: string): number {
  const { epoch }: { epoch: number } = JSON.parse(body);
  return epoch;
}
