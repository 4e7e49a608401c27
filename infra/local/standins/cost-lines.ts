// What the synthetic estate is made of: each thing that costs money, with its month in the currency of the bill. Data, near the strategy document's table.

/** How much of a line each environment has; the key is the tag's value, empty where the tag was not set. */
export type Shares = Record<string, number>;

export type CostLine = {
  service: string;
  /** The usage type (AWS), or the SKU's id (Google Cloud). */
  usage: string;
  /** What a person reads. */
  description: string;
  region: string;
  monthly: number;
  shares: Shares;
  /** What is missing on Saturday and Sunday: 0.3 is 30 per cent. */
  weekendDip: number;
  /** A month. */
  growth: number;
  /** Charged whole on the first of the month. */
  when: 'daily' | 'first-of-month';
  /** Part of it that comes back as a credit. */
  credited: number;
};

type Given = Partial<CostLine> & Pick<CostLine, 'service' | 'usage' | 'description' | 'monthly'>;

const awsShares = { production: 0.82, prod: 0.04, staging: 0.08, development: 0.03, '': 0.03 };
const gcpShares = { production: 0.38, staging: 0.38, development: 0.14, dev: 0.06, '': 0.04 };
const untagged = { '': 1 };

function aws(given: Given): CostLine {
  return { region: 'us-east-1', shares: awsShares, weekendDip: 0, growth: 0, when: 'daily', credited: 0, ...given };
}

function gcp(given: Given): CostLine {
  return { region: 'us-central1', shares: gcpShares, weekendDip: 0, growth: 0, when: 'daily', credited: 0, ...given };
}

export const awsLines: readonly CostLine[] = [
  aws({
    service: 'Amazon Elastic Container Service for Kubernetes',
    usage: 'USE1-AmazonEKS-Hours:perCluster',
    description: 'a cluster',
    monthly: 73,
    shares: { production: 1 },
  }),
  aws({
    service: 'Amazon Elastic Compute Cloud - Compute',
    usage: 'BoxUsage:c6i.xlarge',
    description: 'five machines',
    monthly: 555,
    weekendDip: 0.25,
    growth: 0.02,
    credited: 0.03,
  }),
  aws({
    service: 'EC2 - Other',
    usage: 'EBS:VolumeUsage.gp3',
    description: 'their volumes',
    monthly: 60,
    growth: 0.01,
  }),
  aws({
    service: 'EC2 - Other',
    usage: 'DataTransfer-Out-Bytes',
    description: 'to the internet, and to the other cloud',
    monthly: 84,
    weekendDip: 0.3,
    growth: 0.03,
  }),
  aws({
    service: 'Amazon Relational Database Service',
    usage: 'HeavyUsage:db.r6g.xlarge',
    description: 'a reserved instance',
    monthly: 180,
    shares: { production: 1 },
    when: 'first-of-month',
  }),
  aws({
    service: 'Amazon Relational Database Service',
    usage: 'InstanceUsage:db.r6g.xlarge',
    description: 'what the reservation does not cover',
    monthly: 280,
  }),
  aws({
    service: 'Amazon Relational Database Service',
    usage: 'RDS:GP3-Storage',
    description: 'its storage',
    monthly: 40,
    growth: 0.02,
  }),
  aws({ service: 'Amazon ElastiCache', usage: 'NodeUsage:cache.r6g.large', description: 'two nodes', monthly: 300 }),
  aws({
    service: 'Amazon Simple Storage Service',
    usage: 'TimedStorage-ByteHrs',
    description: 'objects',
    monthly: 46,
    growth: 0.03,
  }),
  aws({
    service: 'Amazon Simple Storage Service',
    usage: 'Requests-Tier1',
    description: 'requests',
    monthly: 4,
    weekendDip: 0.3,
  }),
  aws({
    service: 'Amazon Simple Storage Service',
    usage: 'USW2-Requests-Tier2',
    description: 'so few requests that the amount needs an exponent',
    region: 'us-west-2',
    monthly: 0.00002,
    shares: untagged,
  }),
  aws({
    service: 'Amazon Simple Storage Service',
    usage: 'USW2-DataTransfer-Out-Bytes',
    description: 'objects to the internet',
    region: 'us-west-2',
    monthly: 16,
    weekendDip: 0.3,
    growth: 0.03,
  }),
  aws({ service: 'Amazon Route 53', usage: 'DNS-Queries', description: 'queries', monthly: 3, shares: untagged }),
  aws({ service: 'AmazonCloudWatch', usage: 'CW:MetricMonitorUsage', description: 'metrics', monthly: 6 }),
  aws({ service: 'AWS Lambda', usage: 'Lambda-GB-Second', description: 'functions', monthly: 1.4 }),
  aws({
    service: 'AWS Support (Developer)',
    usage: 'Dollar',
    description: 'support',
    monthly: 29,
    shares: untagged,
    when: 'first-of-month',
  }),
  aws({ service: 'Tax', usage: '', description: 'tax', monthly: 14, shares: untagged, when: 'first-of-month' }),
];

export const gcpLines: readonly CostLine[] = [
  gcp({
    service: 'Kubernetes Engine',
    usage: '6B92-A835-08AB',
    description: 'Regional Kubernetes Clusters',
    monthly: 75,
    shares: { production: 1 },
  }),
  gcp({
    service: 'Compute Engine',
    usage: 'BB77-5FDA-69D9',
    description: 'N2 Instance Core running in Americas',
    monthly: 390,
    weekendDip: 0.3,
    growth: 0.02,
    credited: 0.12,
  }),
  gcp({
    service: 'Compute Engine',
    usage: '5B01-D157-A097',
    description: 'N2 Instance Ram running in Americas',
    monthly: 170,
    weekendDip: 0.3,
    growth: 0.02,
    credited: 0.12,
  }),
  gcp({
    service: 'Compute Engine',
    usage: 'F274-1692-F213',
    description: 'Network Internet Data Transfer Out from Americas to Americas',
    monthly: 73,
    weekendDip: 0.3,
    growth: 0.03,
  }),
  gcp({
    service: 'Cloud SQL',
    usage: '4C7A-10D4-8F27',
    description: 'Cloud SQL for PostgreSQL: Zonal - vCPU in Americas',
    monthly: 340,
  }),
  gcp({
    service: 'Cloud SQL',
    usage: 'D4F1-2C2A-5C7E',
    description: 'Cloud SQL for PostgreSQL: Zonal - Standard storage in Americas',
    monthly: 60,
    growth: 0.02,
  }),
  gcp({
    service: 'Cloud Memorystore for Redis',
    usage: '58CF-7A2B-1D5E',
    description: 'Redis Capacity Standard M2 Iowa',
    monthly: 250,
  }),
  gcp({
    service: 'Cloud Storage',
    usage: 'E5F0-6A5D-7BAD',
    description: 'Standard Storage US Regional',
    monthly: 38,
    growth: 0.03,
  }),
  gcp({
    service: 'Cloud Storage',
    usage: '4DBF-185F-A415',
    description: 'Regional Standard Class A Operations',
    monthly: 2,
    weekendDip: 0.3,
  }),
  gcp({
    service: 'Cloud Storage',
    usage: '22EB-AAE8-FBCD',
    description: 'Download Worldwide Destinations (excluding Asia & Australia)',
    monthly: 12,
    weekendDip: 0.3,
    growth: 0.03,
  }),
  gcp({
    service: 'Cloud DNS',
    usage: '6A2C-4F0E-9D11',
    description: 'DNS Query (port 53)',
    monthly: 0.9,
    shares: untagged,
  }),
  gcp({
    service: 'Cloud Logging',
    usage: '143F-A1B0-E0BE',
    description: 'Log Storage cost',
    monthly: 3,
    weekendDip: 0.2,
  }),
  gcp({
    service: 'Cloud Run Functions',
    usage: 'A4C1-7D0F-2E88',
    description: 'CPU Time',
    monthly: 1.1,
  }),
  gcp({
    service: 'Invoice',
    usage: '0000-TAX0-0001',
    description: 'Tax',
    monthly: 11,
    shares: untagged,
    when: 'first-of-month',
  }),
];
