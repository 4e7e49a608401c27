// The providers' answering rules, one by one: what is answered when things are unhealthy, unweighted or nowhere.
import { describe, expect, it } from 'vitest';
import { cloudDnsRules } from '../../../../infra/local/dns/cloud-dns-rules.ts';
import type { CloudDnsSet, Route53Set } from '../../../../infra/local/dns/image.ts';
import type { Place } from '../../../../infra/local/dns/place.ts';
import { placeOf } from '../../../../infra/local/dns/place.ts';
import { byWeight, resolve } from '../../../../infra/local/dns/resolution.ts';
import { route53Rules } from '../../../../infra/local/dns/route53-rules.ts';
import { PLACES } from '../../../support/places.ts';

const NAME = 'a.example.com';
const common = { apex: 'example.com', serial: 1, checks: [] };
const nowhere: Place = { continent: null, country: null, latitude: 0, longitude: 0 };

type Asked = { place?: Place; fraction?: number; unhealthy?: string[]; name?: string; type?: string };

function route53(sets: Partial<Route53Set>[], asked: Asked = {}) {
  const full = sets.map(
    (set): Route53Set => ({ Name: NAME, Type: 'A', ...(set.AliasTarget ? {} : { TTL: 30 }), ...set }),
  );
  const rules = route53Rules({ provider: 'route53', ...common, sets: full }, (id) => !asked.unhealthy?.includes(id));
  return ask(rules, asked);
}

function cloudDns(sets: Partial<CloudDnsSet>[], asked: Asked = {}) {
  const full = sets.map((set): CloudDnsSet => ({ name: `${NAME}.`, type: 'A', ttl: 30, ...set }));
  const rules = cloudDnsRules({ provider: 'clouddns', ...common, sets: full }, (check, address) => {
    expect(check).toBe('check');
    return !asked.unhealthy?.includes(address);
  });
  return ask(rules, asked);
}

function ask(
  rules: Parameters<typeof resolve>[0],
  { place = PLACES.paris, fraction = 0, name = NAME, type = 'A' }: Asked,
) {
  const { code, answers } = resolve(rules, name, type, { place, fraction: () => fraction });
  return code === 'NOERROR' ? answers.map((answer) => answer.data) : code;
}

const value = (data: string) => ({ ResourceRecords: [{ Value: data }] });
const alias = (DNSName: string) => ({ AliasTarget: { HostedZoneId: 'Z', DNSName, EvaluateTargetHealth: true } });

describe('Route 53', () => {
  const failover = [
    { Failover: 'PRIMARY' as const, SetIdentifier: '1', HealthCheckId: 'p', ...value('1') },
    { Failover: 'SECONDARY' as const, SetIdentifier: '2', HealthCheckId: 's', ...value('2') },
  ];

  it('answers the primary, then a healthy secondary, then the primary again', () => {
    expect(route53(failover)).toEqual(['1']);
    expect(route53(failover, { unhealthy: ['p'] })).toEqual(['2']);
    expect(route53(failover, { unhealthy: ['p', 's'] })).toEqual(['1']);
  });

  const weighted = [
    { Weight: 3, SetIdentifier: '1', HealthCheckId: 'a', ...value('1') },
    { Weight: 1, SetIdentifier: '2', HealthCheckId: 'b', ...value('2') },
    { Weight: 0, SetIdentifier: '3', HealthCheckId: 'c', ...value('3') },
  ];

  it('shares by weight among the healthy', () => {
    expect(route53(weighted, { fraction: 0.74 })).toEqual(['1']);
    expect(route53(weighted, { fraction: 0.76 })).toEqual(['2']);
    expect(route53(weighted, { fraction: 0, unhealthy: ['a'] })).toEqual(['2']);
  });

  it('answers a weight of 0 only when no healthy record has a weight', () => {
    expect(route53(weighted, { fraction: 0.999 })).toEqual(['2']);
    expect(route53(weighted, { unhealthy: ['a', 'b'] })).toEqual(['3']);
  });

  it('counts all as healthy when none is, and shares equally when all weights are 0', () => {
    expect(route53(weighted, { fraction: 0.74, unhealthy: ['a', 'b', 'c'] })).toEqual(['1']);
    const zeros = weighted.map((set) => ({ ...set, Weight: 0 }));
    expect([0, 0.4, 0.9].map((fraction) => route53(zeros, { fraction }))).toEqual([['1'], ['2'], ['3']]);
  });

  const geo = [
    { GeoLocation: { CountryCode: 'FR' }, SetIdentifier: 'fr', HealthCheckId: 'fr', ...value('fr') },
    { GeoLocation: { ContinentCode: 'EU' }, SetIdentifier: 'eu', HealthCheckId: 'eu', ...value('eu') },
    { GeoLocation: { CountryCode: '*' }, SetIdentifier: '*', HealthCheckId: '*', ...value('*') },
  ];

  it('answers the most precise healthy location, and the default to clients that it cannot place', () => {
    expect(route53(geo)).toEqual(['fr']);
    expect(route53(geo, { unhealthy: ['fr'] })).toEqual(['eu']);
    expect(route53(geo, { unhealthy: ['fr', 'eu'] })).toEqual(['*']);
    expect(route53(geo, { place: PLACES.tokyo })).toEqual(['*']);
    expect(route53(geo, { place: nowhere })).toEqual(['*']);
  });

  it('answers nothing at all to a location that no record names, when there is no default', () => {
    expect(route53(geo.slice(0, 2), { place: PLACES.tokyo })).toEqual([]);
  });

  it('answers the nearest healthy region', () => {
    const regions = ['us-east-1', 'eu-west-3'].map((Region) => ({
      Region,
      SetIdentifier: Region,
      HealthCheckId: Region,
      ...value(Region),
    }));
    expect(route53(regions)).toEqual(['eu-west-3']);
    expect(route53(regions, { place: PLACES.chicago })).toEqual(['us-east-1']);
    expect(route53(regions, { unhealthy: ['eu-west-3'] })).toEqual(['us-east-1']);
  });

  it('judges an alias by its target tree, and answers with the target’s TTL under the name that was asked for', () => {
    const tree = [
      { ...alias('t1.example.com'), Failover: 'PRIMARY' as const, SetIdentifier: '1' },
      { ...alias('t2.example.com'), Failover: 'SECONDARY' as const, SetIdentifier: '2' },
      { Name: 't1.example.com', Weight: 1, SetIdentifier: 'x', HealthCheckId: 'x', ...value('x') },
      { Name: 't1.example.com', Weight: 1, SetIdentifier: 'y', HealthCheckId: 'y', ...value('y') },
      { Name: 't2.example.com', ...value('z') },
    ];
    expect(route53(tree)).toEqual(['x']);
    expect(route53(tree, { unhealthy: ['x'] })).toEqual(['y']);
    expect(route53(tree, { unhealthy: ['x', 'y'] })).toEqual(['z']);
  });

  it('tells no data from no name', () => {
    const sets = [{ Name: 'b.a.example.com', ...value('1') }];
    expect(route53(sets, { name: 'b.a.example.com', type: 'TXT' })).toEqual([]);
    expect(route53(sets)).toEqual([]);
    expect(route53(sets, { name: 'c.example.com' })).toBe('NXDOMAIN');
    expect(route53(sets, { name: 'example.org' })).toBe('REFUSED');
  });
});

describe('Cloud DNS', () => {
  const checked = (address: string) => ({ healthCheckedTargets: { externalEndpoints: [address] } });

  it('shares by weight among the healthy, and answers all when none is', () => {
    const routingPolicy = {
      healthCheck: 'check',
      wrr: {
        items: [
          { weight: 3, ...checked('1') },
          { weight: 1, ...checked('2') },
        ],
      },
    };
    expect(cloudDns([{ routingPolicy }], { fraction: 0.74 })).toEqual(['1']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0.76 })).toEqual(['2']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0, unhealthy: ['1'] })).toEqual(['2']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0, unhealthy: ['1', '2'] })).toEqual(['1']);
  });

  it('answers the nearest region, the next one when that is unhealthy, and never leaves a fence', () => {
    const items = [
      { location: 'europe-west1', ...checked('eu') },
      { location: 'us-central1', ...checked('us') },
    ];
    const geo = (enableFencing: boolean) => [
      { routingPolicy: { healthCheck: 'check', geo: { items, enableFencing } } },
    ];
    expect(cloudDns(geo(false))).toEqual(['eu']);
    expect(cloudDns(geo(false), { place: PLACES.chicago })).toEqual(['us']);
    expect(cloudDns(geo(false), { unhealthy: ['eu'] })).toEqual(['us']);
    expect(cloudDns(geo(true), { unhealthy: ['eu'] })).toEqual(['eu']);
  });

  it('answers the primary, a trickle of the backup, and the backup when the primary is unhealthy', () => {
    const routingPolicy = {
      healthCheck: 'check',
      primaryBackup: {
        primaryTargets: { externalEndpoints: ['p'] },
        backupGeoTargets: { items: [{ location: 'us-central1', ...checked('b') }] },
        trickleTraffic: 0.1,
      },
    };
    expect(cloudDns([{ routingPolicy }], { fraction: 0.5 })).toEqual(['p']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0.05 })).toEqual(['b']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0.5, unhealthy: ['p'] })).toEqual(['b']);
    expect(cloudDns([{ routingPolicy }], { fraction: 0.5, unhealthy: ['p', 'b'] })).toEqual(['p']);
  });

  it('follows a chain of CNAMEs within the zone, and stops at its edge', () => {
    const chain = (target: string): Partial<CloudDnsSet>[] => [
      { type: 'CNAME', rrdatas: ['b.example.com.'] },
      { name: 'b.example.com.', type: 'CNAME', rrdatas: [target] },
      { name: 'c.example.com.', rrdatas: ['1'] },
    ];
    expect(cloudDns(chain('c.example.com.'))).toEqual(['b.example.com', 'c.example.com', '1']);
    expect(cloudDns(chain('elsewhere.org.'))).toEqual(['b.example.com', 'elsewhere.org']);
    expect(cloudDns(chain('d.example.com.'))).toBe('NXDOMAIN');
    expect(cloudDns(chain('a.example.com.'))).toHaveLength(10);
  });
});

describe('places and shares', () => {
  it('finds the longest matching network', () => {
    const table = {
      rows: [
        { cidr: '203.0.113.0/24', place: PLACES.paris },
        { cidr: '203.0.113.128/25', place: PLACES.tokyo },
      ],
      otherwise: nowhere,
    };
    expect(placeOf(table, '203.0.113.5')).toBe(PLACES.paris);
    expect(placeOf(table, '203.0.113.200')).toBe(PLACES.tokyo);
    expect(placeOf(table, '192.0.2.1')).toBe(nowhere);
  });

  it('gives no share to nobody', () => {
    expect(byWeight([], 0.5)).toBeNull();
    expect(byWeight([{ weight: 0 }], 0)).toBeNull();
  });
});
