// The strategy document's own table of costs, as a month of bills: its figures in, its totals out, and what it says of saving checked.
import { describe, expect, it } from 'vitest';
import { makeReport } from '../../../../shared/cost/report/make-report.ts';
import { CostReport } from '../../../../shared/cost/report/report-shape.ts';
import type { CostDay } from '../../../../shared/model/cost-day.ts';
import { aPlan, type SaidPart, spread } from '../days.ts';

/** "By environment": production is at AWS, staging and development are at Google Cloud. Twice as much for staging. */
const aws: SaidPart[] = [
  { category: 'kubernetes', service: 'Amazon Elastic Kubernetes Service', amount: '73' },
  { category: 'compute', service: 'Amazon Elastic Compute Cloud - Compute', amount: '600' },
  { category: 'database', service: 'Amazon Relational Database Service', amount: '500' },
  { category: 'cache', service: 'Amazon ElastiCache', amount: '300' },
  { category: 'storage', service: 'Amazon Simple Storage Service', amount: '50' },
  { category: 'network', service: 'AWS Data Transfer', amount: '100', transfer: true },
];
const gcp: SaidPart[] = [
  { category: 'kubernetes', service: 'Kubernetes Engine', amount: '75' },
  { category: 'compute', service: 'Compute Engine', amount: '500' },
  { category: 'database', service: 'Cloud SQL', amount: '400' },
  { category: 'cache', service: 'Cloud Memorystore for Redis', amount: '250' },
  { category: 'storage', service: 'Cloud Storage', amount: '40' },
  { category: 'network', service: 'Networking', amount: '85', transfer: true },
].map((part) => ({ ...part, environment: 'staging' }) as SaidPart);

const days: CostDay[] = [
  ...spread('aws', '2026-11-01', '2026-12-01', aws),
  ...spread('gcp', '2026-11-01', '2026-12-01', gcp),
];

const report = makeReport({
  application: 'gopro',
  plan: aPlan,
  estate: { standby: 'gcp', production: 'production' },
  month: '2026-11',
  now: new Date('2026-12-08T09:00:00Z'),
  basis: 'effective',
  days,
  states: [],
  unread: [],
});
const [usd] = report.currencies;

describe("the document's table", () => {
  it('comes out with its totals, to the digit', () => {
    expect(usd?.total).toEqual({ aws: '1623', gcp: '1350', all: '2973' });
    expect(usd?.categories.map(({ category, aws: one, gcp: other }) => [category, one, other])).toEqual([
      ['compute', '600', '500'],
      ['kubernetes', '73', '75'],
      ['database', '500', '400'],
      ['cache', '300', '250'],
      ['storage', '50', '40'],
      ['network', '100', '85'],
    ]);
  });

  it('says who is cheaper in each category, over the days that both have told', () => {
    expect(usd?.comparedDays).toBe(30);
    expect(Object.fromEntries(usd?.categories.map(({ category, cheaper }) => [category, cheaper]) ?? [])).toEqual({
      compute: { provider: 'gcp', percent: '16.7' },
      kubernetes: { provider: 'aws', percent: '2.7' },
      database: { provider: 'gcp', percent: '20' },
      cache: { provider: 'gcp', percent: '16.7' },
      storage: { provider: 'gcp', percent: '20' },
      network: { provider: 'gcp', percent: '15' },
    });
  });

  it('drifts from the document’s own allocation, and by how much', () => {
    expect(usd?.environments.map(({ name, sharePercent, driftPoints }) => [name, sharePercent, driftPoints])).toEqual([
      ['production', '54.6', '-15.4'],
      ['staging', '45.4', '25.4'],
      ['development', '0', '-10'],
    ]);
    expect(usd?.services.map(({ name, sharePercent, driftPoints }) => [name, sharePercent, driftPoints])).toEqual([
      ['compute', '42', '-3'],
      ['database', '48.8', '18.8'],
      ['storage', '3', '-7'],
      ['networking', '6.2', '-3.8'],
      ['other', '0', '-5'],
    ]);
  });

  it('names what crosses between the clouds', () => {
    expect(usd?.transfer).toEqual({ aws: '100', gcp: '85', all: '185', sharePercent: '6.2' });
  });

  it('lets its claims of saving be checked, and does not take them over', () => {
    const claims = usd?.savings?.claims ?? [];
    expect(
      claims.map(({ claim, claimedPercent, herePercent, verdict }) => [claim, claimedPercent, herePercent, verdict]),
    ).toEqual([
      ['compute is 15 % cheaper at Google Cloud', '15', '16.7', 'holds'],
      ['spot and preemptible instances save 60 % of compute', '60', '15.2', 'does-not-hold'],
      ['reserved capacity saves 40 %', '40', '15.1', 'does-not-hold'],
      ['all of it together saves 20 to 30 %', '20 to 30', '28.9', 'holds'],
    ]);
    expect(claims[0]?.because).toMatch(/GCP compute costs 16.7 % less in this table/);
  });

  it('has its savings reckoned by hand', () => {
    expect(usd?.savings?.opportunities.map(({ id, arithmetic, monthly }) => [id, arithmetic, monthly])).toEqual([
      ['off-hours', '$575.00 × 70 % × 64 % = $257.60', '257.6'],
      ['storage-class', '$90.00 × 50 % × 45 % = $20.25', '20.25'],
      ['placement', '$600.00 × 25 % × 19 % = $28.50', '28.5'],
      ['spot', '$571.50 × 15 % × 60 % + $276.00 × 70 % × 60 % = $167.35', '167.35'],
      ['compute-commitment', '$568.58 × 60 % × 28 % = $95.52', '95.52'],
      ['database-commitment', '$1,450.00 × 80 % × 25 % = $290.00', '290'],
    ]);
    expect(usd?.savings?.base).toBe('2973');
    expect(usd?.savings).toMatchObject({ total: '859.22', totalPercent: '28.9' });
  });

  it('is of the shape that --json documents', () => {
    expect(CostReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
});
