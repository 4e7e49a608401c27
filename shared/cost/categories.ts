// Which category a service belongs to, and what leaves the provider: data, by the names that the bills use.
import { type CostCategory, costCategories } from '../model/cost.ts';
import type { Provider } from '../model/site.ts';

/**
 * Names as in Cost Explorer's dimension SERVICE and in `service.description` of the billing export. `EC2 - Other` holds volumes, NAT gateways
 * and traffic between zones together, and cannot be told apart beside the tag: it belongs to the machines that cause it.
 */
const services: Record<Provider, Record<CostCategory, readonly string[]>> = {
  aws: {
    kubernetes: ['Amazon Elastic Container Service for Kubernetes', 'Amazon Elastic Kubernetes Service'],
    compute: [
      'AWS App Runner',
      'AWS Batch',
      'AWS Elastic Beanstalk',
      'AWS Fargate',
      'AWS Lambda',
      'Amazon EC2 Container Service',
      'Amazon Elastic Compute Cloud - Compute',
      'Amazon Elastic Container Service',
      'Amazon Lightsail',
      'EC2 - Other',
      'Savings Plans for AWS Compute usage',
    ],
    database: [
      'Amazon DocumentDB (with MongoDB compatibility)',
      'Amazon DynamoDB',
      'Amazon Keyspaces (for Apache Cassandra)',
      'Amazon Neptune',
      'Amazon Redshift',
      'Amazon Relational Database Service',
      'Amazon Timestream',
      'AWS Database Migration Service',
    ],
    cache: ['Amazon DynamoDB Accelerator (DAX)', 'Amazon ElastiCache', 'Amazon MemoryDB'],
    storage: [
      'AWS Backup',
      'AWS Storage Gateway',
      'Amazon Elastic Block Store',
      'Amazon Elastic File System',
      'Amazon FSx',
      'Amazon Glacier',
      'Amazon Simple Storage Service',
    ],
    network: [
      'AWS Cloud WAN',
      'AWS Data Transfer',
      'AWS Direct Connect',
      'AWS Global Accelerator',
      'AWS Network Firewall',
      'AWS Transit Gateway',
      'Amazon API Gateway',
      'Amazon CloudFront',
      'Amazon Elastic Load Balancing',
      'Amazon Route 53',
      'Amazon VPC Lattice',
      'Amazon Virtual Private Cloud',
      'Elastic Load Balancing',
    ],
    other: [
      'AWS CloudTrail',
      'AWS CodeBuild',
      'AWS Config',
      'AWS Cost Explorer',
      'AWS Glue',
      'AWS Key Management Service',
      'AWS Secrets Manager',
      'AWS Security Hub',
      'AWS Step Functions',
      'AWS Support (Business)',
      'AWS Support (Developer)',
      'AWS Support (Enterprise)',
      'AWS Systems Manager',
      'AWS WAF',
      'AWS X-Ray',
      'Amazon Athena',
      'Amazon Cognito',
      'Amazon EC2 Container Registry (ECR)',
      'Amazon GuardDuty',
      'Amazon Inspector',
      'Amazon Registrar',
      'Amazon Simple Email Service',
      'Amazon Simple Notification Service',
      'Amazon Simple Queue Service',
      'AmazonCloudWatch',
      'CloudWatch Events',
      'Refund',
      'Tax',
    ],
  },
  gcp: {
    kubernetes: ['Kubernetes Engine'],
    compute: ['App Engine', 'Cloud Functions', 'Cloud Run', 'Cloud Run Functions', 'Compute Engine'],
    database: ['AlloyDB', 'Cloud Bigtable', 'Cloud Firestore', 'Cloud SQL', 'Cloud Spanner', 'Database Migration'],
    cache: ['Cloud Memorystore for Memcached', 'Cloud Memorystore for Redis', 'Memorystore for Redis Cluster'],
    storage: [
      'Backup for GKE',
      'Backup and DR Service',
      'Cloud Filestore',
      'Cloud Storage',
      'Storage Transfer Service',
    ],
    network: ['Cloud CDN', 'Cloud DNS', 'Cloud Interconnect', 'Cloud VPN', 'Network Services', 'Networking'],
    other: [
      'Artifact Registry',
      'BigQuery',
      'Cloud Build',
      'Cloud Key Management Service (KMS)',
      'Cloud Logging',
      'Cloud Monitoring',
      'Cloud Pub/Sub',
      'Cloud Scheduler',
      'Cloud Tasks',
      'Invoice',
      'Secret Manager',
      'Security Command Center',
      'Support',
      'Workflows',
    ],
  },
};

/** What Cost Explorer's usage types hold when bytes go to the internet, with a region before it or none: `USE2-DataTransfer-Out-Bytes`. */
export const awsTransferUsage = 'DataTransfer-Out-Bytes';

/** SKUs of bytes that leave Google Cloud. Between its zones and regions is not among it: those bytes stay. */
const googleTransfer = [
  /\bInternet\b.*\b(Egress|Data Transfer Out)\b/i,
  /^Download (APAC|Australia|China|Worldwide Destinations)\b/i,
  /\b(Interconnect|VPN|Peering)\b.*\b(Egress|Data Transfer Out)\b/i,
];

export function isGoogleTransfer(skuDescription: string): boolean {
  return googleTransfer.some((pattern) => pattern.test(skuDescription));
}

/**
 * The category of a service. What the table does not know is `other`, and is told to `onUnknown` once, so that somebody adds it. Transfer is
 * network, whichever service is billed for it.
 */
export function createCategories(
  provider: Provider,
  onUnknown: (service: string) => void,
): (service: string, transfer: boolean) => CostCategory {
  const known = new Map(
    costCategories.flatMap((category) => services[provider][category].map((name) => [name, category] as const)),
  );
  const told = new Set<string>();
  return (service, transfer) => {
    if (transfer) return 'network';
    const category = known.get(service);
    if (category !== undefined) return category;
    if (!told.has(service)) onUnknown(service);
    told.add(service);
    return 'other';
  };
}
