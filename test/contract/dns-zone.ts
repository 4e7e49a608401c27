// What every DNS zone must keep to, whatever service is behind it: run on the adapters, the stand-ins and the fake.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudDnsRecord, route53Record } from '../../shared/model/record-sets.ts';
import { type DnsZone, TrafficUnavailable, type ZoneRecord } from '../../shared/ports/traffic.ts';
import { cloudDnsRecords } from '../../shared/traffic/cloud-dns-records.ts';
import { compileTraffic } from '../../shared/traffic/compile.ts';
import { ownershipRecord } from '../../shared/traffic/ownership.ts';
import { route53Records } from '../../shared/traffic/route53-records.ts';
import { trafficStrategy } from '../support/traffic-strategy.ts';

export type ZoneUnderTest = {
  zone: DnsZone;
  /** The zone's own id, as alias targets name it. */
  zoneId: string;
  /** Health checks that records may carry. */
  healthCheckIds: Record<string, string>;
  /** From now on nothing answers; `heal` ends it. */
  breakDown(kind: 'throttled' | 'failing' | 'cut'): void;
  heal(): void;
  close(): Promise<void>;
};

/** Runs the suite as a `describe` block, on the zone `example.com`. */
export function dnsZoneContract(name: string, start: () => Promise<ZoneUnderTest>): void {
  describe(`${name} keeps the DNS zone contract`, () => {
    let subject: ZoneUnderTest;
    let zone: DnsZone;
    beforeAll(async () => {
      subject = await start();
      zone = subject.zone;
    });
    afterAll(() => subject.close());

    const simple = (recordName: string, address: string): ZoneRecord =>
      zone.provider === 'route53'
        ? route53Record({ Name: recordName, Type: 'A', TTL: 30, ResourceRecords: [{ Value: address }] })
        : cloudDnsRecord({ name: `${recordName}.`, type: 'A', ttl: 30, rrdatas: [address] });
    const add = (additions: ZoneRecord[], deletions: ZoneRecord[] = []) =>
      zone.apply({ additions, deletions, comment: 'contract' });
    const natives = (records: ZoneRecord[]) => records.map((record) => record.native).toSorted();

    it('lists nothing below a name that holds nothing', async () => {
      expect(await zone.list('nothing.example.com')).toEqual([]);
    });

    it('lists what was added in the very spelling that it was added in, whatever the policy', async () => {
      const traffic = compileTraffic(trafficStrategy(), { writer: 'aws', away: [], epoch: 1 });
      const records = zone.provider === 'route53' ? route53Records(traffic, subject) : cloudDnsRecords(traffic);
      const all = [...records, ownershipRecord(zone.provider, traffic, 1)];
      expect((await add(all)).kind).toBe('accepted');
      const listed = [...(await zone.list('app.example.com')), ...(await zone.list('writer.example.com'))];
      expect(natives(listed)).toEqual(natives(all));
      expect(listed).toHaveLength(all.length);
      expect((await add([], listed)).kind).toBe('accepted');
      expect(await zone.list('app.example.com')).toEqual([]);
    });

    it('lists a name and all below it, over many pages, and nothing beside it', async () => {
      const below = Array.from({ length: 25 }, (_, index) => simple(`n${index}.pages.example.com`, '192.0.2.1'));
      const beside = [simple('xpages.example.com', '192.0.2.2'), simple('pages2.example.com', '192.0.2.2')];
      const own = [simple('pages.example.com', '192.0.2.1'), ...below];
      await add([...own, ...beside]);
      expect(natives(await zone.list('pages.example.com'))).toEqual(natives(own));
      expect(natives(await zone.list('Pages.Example.com.'))).toEqual(natives(own));
    });

    it('swaps a record in one batch', async () => {
      const [before, after] = [simple('swap.example.com', '192.0.2.1'), simple('swap.example.com', '192.0.2.2')];
      await add([before]);
      expect((await add([after], [before])).kind).toBe('accepted');
      expect(await zone.list('swap.example.com')).toEqual([after]);
    });

    it('answers conflict and changes nothing when one deletion is not as it is stored', async () => {
      const stored = simple('old.example.com', '192.0.2.1');
      await add([stored]);
      const result = await add([simple('new.example.com', '192.0.2.3')], [simple('old.example.com', '192.0.2.9')]);
      expect(result.kind).toBe('conflict');
      expect(await zone.list('new.example.com')).toEqual([]);
      expect(await zone.list('old.example.com')).toEqual([stored]);
    });

    it('answers conflict when a deletion is not there, or an addition is', async () => {
      const record = simple('twice.example.com', '192.0.2.1');
      expect((await add([], [record])).kind).toBe('conflict');
      await add([record]);
      expect((await add([record])).kind).toBe('conflict');
    });

    it.each(['throttled', 'failing', 'cut'] as const)('throws TrafficUnavailable while the API is %s', async (kind) => {
      subject.breakDown(kind);
      await expect(zone.list('app.example.com')).rejects.toBeInstanceOf(TrafficUnavailable);
      await expect(add([simple('unavailable.example.com', '192.0.2.1')])).rejects.toBeInstanceOf(TrafficUnavailable);
      subject.heal();
      expect(await zone.list('unavailable.example.com')).toEqual([]);
    });
  });
}
