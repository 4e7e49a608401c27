// Both zones give the same answers: the compiled records of each are evaluated by the rules of its provider.
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../infra/local/dns/place.ts';
import { resolve, type ZoneRules } from '../../../infra/local/dns/resolution.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { cloudDnsRecords } from '../../../shared/traffic/cloud-dns-records.ts';
import { compileTraffic, type TrafficView } from '../../../shared/traffic/compile.ts';
import { pairName } from '../../../shared/traffic/names.ts';
import { route53Records } from '../../../shared/traffic/route53-records.ts';
import { PLACES } from '../../support/places.ts';
import { AWS_ADDRESS, GCP_ADDRESS, trafficStrategy } from '../../support/traffic-strategy.ts';
import { cloudDnsZone, route53Zone } from '../../support/zone-images.ts';

const context = { zoneId: 'Z3M3LMPEXAMPLE', healthCheckIds: { aws: 'check-aws', gcp: 'check-gcp' } };

const VIEWS: TrafficView[] = [
  { writer: 'aws', away: [], epoch: 1 },
  { writer: 'gcp', away: [], epoch: 2 },
  { writer: 'gcp', away: ['aws'], epoch: 2 },
  { writer: 'aws', away: ['gcp'], epoch: 1 },
];

const ROUTINGS: Record<string, Partial<Strategy['routing']>> = {
  'everything that the document writes': {},
  'geolocation over latency': { weighted: null },
  'geolocation alone': { weighted: null, latency: null },
  'weights alone': { geolocation: null, latency: null },
  'uneven weights that must be scaled': { geolocation: null, latency: null, weighted: { aws: 700, gcp: 0 } },
  'latency alone': { geolocation: null, weighted: null },
  'failover alone': { geolocation: null, weighted: null, latency: null },
};

function addresses(zone: ZoneRules, name: string, place: Place, fraction: number): string[] {
  const resolution = resolve(zone, name, 'A', { place, fraction: () => fraction });
  expect(resolution.code).toBe('NOERROR');
  return resolution.answers.filter((answer) => answer.type === 'A').map((answer) => answer.data);
}

const names = (strategy: Strategy) => [
  strategy.dns.name,
  strategy.dns.writerName,
  ...strategy.sites.map((site) => pairName(strategy.dns.name, site.name)),
];

describe('both zones', () => {
  for (const [title, routing] of Object.entries(ROUTINGS)) {
    for (const view of VIEWS) {
      it(`answer alike with ${title}, writer ${view.writer}, away [${view.away}]`, () => {
        const strategy = trafficStrategy({ routing });
        const traffic = compileTraffic(strategy, view);
        const route53 = route53Zone(route53Records(traffic, context));
        const cloudDns = cloudDnsZone(cloudDnsRecords(traffic));
        for (const place of Object.values(PLACES)) {
          for (const fraction of [0, 0.35, 0.69, 0.71, 0.99]) {
            for (const name of names(strategy)) {
              const answer = addresses(route53, name, place, fraction);
              expect(answer.length, `${name} must never be empty`).toBeGreaterThan(0);
              expect(addresses(cloudDns, name, place, fraction)).toEqual(answer);
              if (view.away.includes('aws')) expect(answer).toEqual([GCP_ADDRESS]);
              if (view.away.includes('gcp')) expect(answer).toEqual([AWS_ADDRESS]);
            }
            const writer = view.writer === 'aws' ? AWS_ADDRESS : GCP_ADDRESS;
            expect(addresses(route53, strategy.dns.writerName, place, fraction)).toEqual([writer]);
          }
        }
      });
    }
  }

  it('answer by location, then by share, as the document says', () => {
    const traffic = compileTraffic(trafficStrategy(), { writer: 'aws', away: [], epoch: 1 });
    const zone = route53Zone(route53Records(traffic, context));
    expect(addresses(zone, 'app.example.com', PLACES.chicago, 0.99)).toEqual([AWS_ADDRESS]);
    expect(addresses(zone, 'app.example.com', PLACES.paris, 0)).toEqual([GCP_ADDRESS]);
    expect(addresses(zone, 'app.example.com', PLACES.saoPaulo, 0.69)).toEqual([AWS_ADDRESS]);
    expect(addresses(zone, 'app.example.com', PLACES.saoPaulo, 0.71)).toEqual([GCP_ADDRESS]);
  });
});

describe('the fast path', () => {
  it.each([
    { away: 'aws', check: 'check-aws', expected: GCP_ADDRESS },
    { away: 'gcp', check: 'check-gcp', expected: AWS_ADDRESS },
  ])('moves every answer from $away when its beacon is lit, without any change of records', ({ check, expected }) => {
    const strategy = trafficStrategy();
    const writer = expected === GCP_ADDRESS ? 'aws' : 'gcp';
    const traffic = compileTraffic(strategy, { writer, away: [], epoch: 1 });
    const zone = route53Zone(route53Records(traffic, context), [check]);
    for (const place of Object.values(PLACES)) {
      for (const fraction of [0, 0.99]) {
        for (const name of names(strategy)) expect(addresses(zone, name, place, fraction)).toEqual([expected]);
      }
    }
  });

  it('leads nowhere else when records have followed and the beacon is lost', () => {
    const strategy = trafficStrategy();
    const traffic = compileTraffic(strategy, { writer: 'gcp', away: ['aws'], epoch: 2 });
    for (const unhealthy of [[], ['check-aws'], ['check-gcp'], ['check-aws', 'check-gcp']]) {
      const zone = route53Zone(route53Records(traffic, context), unhealthy);
      for (const name of names(strategy)) expect(addresses(zone, name, PLACES.chicago, 0)).toEqual([GCP_ADDRESS]);
    }
  });
});

describe('compileTraffic', () => {
  it('refuses to leave every site, or the writer', () => {
    const strategy = trafficStrategy();
    expect(() => compileTraffic(strategy, { writer: 'aws', away: ['aws', 'gcp'], epoch: 1 })).toThrow(/empty answer/);
    expect(() => compileTraffic(strategy, { writer: 'aws', away: ['aws'], epoch: 1 })).toThrow(/epoch has to change/);
  });

  it('says which of the written policies cannot be shown together', () => {
    const { notes } = compileTraffic(trafficStrategy(), { writer: 'aws', away: [], epoch: 1 });
    expect(notes.join(' ')).toMatch(/the weights are in force/);
    expect(notes.join(' ')).toMatch(/weighted set answers the default location/);
  });

  it('refuses weights that are all 0, which Route 53 would read as equal', () => {
    const strategy = trafficStrategy({ routing: { weighted: { aws: 0, gcp: 0 } } });
    expect(() => compileTraffic(strategy, { writer: 'aws', away: [], epoch: 1 })).toThrow(/every weight is 0/);
  });
});
