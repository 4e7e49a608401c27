// What the opportunities assume, as data: each with its source and the day on which it was read. A strategy may say otherwise by name.

export type Assumption = {
  value: number;
  unit: 'percent' | 'dollars';
  means: string;
  source: string;
  asOf: string;
  /** False: from memory, by judgement, or from a third party. Look it up before money is spent on it. */
  verified: boolean;
};

const BY_JUDGEMENT = 'a judgement: put your own figure under cost.savings';

export const ASSUMPTIONS = {
  standby_idle_percent: {
    value: 50,
    unit: 'percent',
    means: "of the standby site's production compute, what a failover could start when it is needed",
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  off_hours_percent: {
    value: 64,
    unit: 'percent',
    means: 'of the week outside 12 hours on 5 working days: 108 of 168 hours',
    source: 'arithmetic',
    asOf: '2026-11-25',
    verified: true,
  },
  off_hours_share_percent: {
    value: 70,
    unit: 'percent',
    means: 'of the compute outside production, what may be stopped when nobody works',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  storage_cold_share_percent: {
    value: 50,
    unit: 'percent',
    means: 'of what storage costs, the bytes that are read less than once a month',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  storage_cold_discount_percent: {
    value: 45,
    unit: 'percent',
    means: 'less for a gigabyte in S3 Standard-IA (0.0125 against 0.023 dollars) or Nearline (0.010 against 0.020)',
    source: 'https://aws.amazon.com/s3/pricing/ and https://cloud.google.com/storage/pricing',
    asOf: '2026-11-25',
    verified: false,
  },
  placement_share_percent: {
    value: 25,
    unit: 'percent',
    means: 'of the compute at AWS, what could as well run at Google Cloud',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  placement_discount_percent: {
    value: 19,
    unit: 'percent',
    means:
      'less for 4 vCPU and 16 GiB that run all month: n2-standard-4 (0.1942 dollars an hour less 20 % sustained use) against m6i.xlarge (0.192)',
    source: 'https://cloud.google.com/compute/vm-instance-pricing and https://aws.amazon.com/ec2/pricing/on-demand/',
    asOf: '2026-11-25',
    verified: false,
  },
  spot_share_production_percent: {
    value: 15,
    unit: 'percent',
    means: "of production's compute, what stands a notice of 30 seconds (Google Cloud) or two minutes (AWS)",
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  spot_share_elsewhere_percent: {
    value: 70,
    unit: 'percent',
    means: 'of the compute outside production, what stands such a notice',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  spot_discount_percent: {
    value: 60,
    unit: 'percent',
    means: 'less than on demand: what Google Cloud gives at least (60 to 91); AWS says up to 90',
    source: 'https://cloud.google.com/compute/docs/instances/spot',
    asOf: '2026-11-25',
    verified: true,
  },
  compute_commitment_share_percent: {
    value: 60,
    unit: 'percent',
    means: 'of the compute that stays on demand, what runs all year and is not under a commitment yet',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  compute_commitment_discount_percent: {
    value: 28,
    unit: 'percent',
    means: 'less for a year without paying upfront: flexible commitments and Compute Savings Plans',
    source: 'https://cloud.google.com/compute/docs/instances/committed-use-discounts-overview',
    asOf: '2026-11-25',
    verified: false,
  },
  database_commitment_share_percent: {
    value: 80,
    unit: 'percent',
    means:
      'of what databases and caches cost, the machines that run all year and are not under a commitment yet (storage and backups are not discounted)',
    source: BY_JUDGEMENT,
    asOf: '2026-11-25',
    verified: false,
  },
  database_commitment_discount_percent: {
    value: 25,
    unit: 'percent',
    means: 'less for a year: what Cloud SQL gives; RDS and ElastiCache reservations give somewhat more',
    source: 'https://cloud.google.com/sql/cud',
    asOf: '2026-11-25',
    verified: true,
  },
  egress_dollars_per_gigabyte: {
    value: 0.09,
    unit: 'dollars',
    means: 'for a gigabyte to the internet, by which the volume is reckoned from the bill',
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    asOf: '2026-11-25',
    verified: false,
  },
  private_line_dollars_per_gigabyte: {
    value: 0.02,
    unit: 'dollars',
    means: 'for the same gigabyte over a private line',
    source: 'https://aws.amazon.com/directconnect/pricing/',
    asOf: '2026-11-25',
    verified: false,
  },
  private_line_dollars_per_month: {
    value: 438,
    unit: 'dollars',
    means: 'for its two ends: a port of 1 Gbit/s for 0.30 dollars an hour at AWS, and as much assumed at Google Cloud',
    source: 'https://aws.amazon.com/directconnect/pricing/',
    asOf: '2026-11-25',
    verified: false,
  },
} as const satisfies Record<string, Assumption>;

export type AssumptionName = keyof typeof ASSUMPTIONS;
