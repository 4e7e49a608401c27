// Opens the AWS adapters for what a strategy declares. Clients of slow paths are loaded when first needed: a cold start is short.
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Cloud } from '../../shared/ports/cloud.ts';
import { createS3Client, createS3ObjectStore } from './s3-object-store.ts';

export type AwsAccess = {
  /** Null: the SDK's own chain, a function's role or a federated identity. */
  credentials: NonNullable<S3ClientConfig['credentials']> | null;
  /** Null: the same as for AWS. A witness of another provider has its own. */
  witnessCredentials: NonNullable<S3ClientConfig['credentials']> | null;
  /** Overrides the endpoint of S3 in AWS, as the SDK's own AWS_ENDPOINT_URL_S3 would; null: the region's. */
  s3Endpoint: string | null;
  /** Overrides the endpoint of Route 53; null: the service's, or what AWS_ENDPOINT_URL_ROUTE_53 says. */
  route53Endpoint: string | null;
  say: (sentence: string) => void;
  now: () => Date;
};

const connectTimeoutSeconds = 1;
const requestTimeoutSeconds = 2;
const callTimeoutSeconds = 5;

const bucketConnectTimeoutSeconds = 3;
const bucketSockets = 64;
/** S3 may take minutes to complete an upload or to copy 5 GiB, and says nothing meanwhile. */
const bucketClocks = { callTimeoutSeconds: 10, longCallTimeoutSeconds: 300, stallSeconds: 20 };

export function openAws(access: AwsAccess): Cloud {
  const shared = access.credentials === null ? {} : { credentials: access.credentials };

  function s3(region: string, endpoint: string | null, credentials: AwsAccess['credentials']) {
    return createS3Client({
      region,
      endpoint,
      forcePathStyle: endpoint !== null,
      credentials,
      connectTimeoutSeconds,
      requestTimeoutSeconds,
    });
  }

  return {
    store({ name, bucket, region, endpoint }) {
      const credentials = endpoint === null ? access.credentials : (access.witnessCredentials ?? access.credentials);
      return createS3ObjectStore(s3(region, endpoint ?? access.s3Endpoint, credentials), { name, bucket });
    },
    bucket: (name, region) =>
      createS3ObjectStore(s3(region, access.s3Endpoint, access.credentials), { name, bucket: name }),
    async objectBucket({ region }, bucket) {
      const [{ createS3BucketClient }, { createS3ObjectBucket }] = await Promise.all([
        import('./s3-object-bucket-client.ts'),
        import('./s3-object-bucket.ts'),
      ]);
      const client = createS3BucketClient({
        region,
        endpoint: access.s3Endpoint,
        forcePathStyle: access.s3Endpoint !== null,
        credentials: access.credentials,
        connectTimeoutSeconds: bucketConnectTimeoutSeconds,
        maxSockets: bucketSockets,
      });
      return createS3ObjectBucket({ client, name: `s3://${bucket}`, bucket, ...bucketClocks, now: access.now });
    },
    async keyQueue({ region }, queueUrl) {
      const [{ openSqs }, { createSqsKeyQueue }] = await Promise.all([
        import('./sqs-client.ts'),
        import('./sqs-key-queue.ts'),
      ]);
      const client = openSqs(region, access.credentials);
      return createSqsKeyQueue({
        client,
        queueUrl,
        timeoutSeconds: callTimeoutSeconds,
        waitSeconds: 1,
        now: access.now,
      });
    },
    async deadLetters({ region }, queueUrl) {
      const [{ openSqs }, { createSqsDeadLetters }] = await Promise.all([
        import('./sqs-client.ts'),
        import('./sqs-dead-letters.ts'),
      ]);
      return createSqsDeadLetters(openSqs(region, access.credentials), queueUrl, callTimeoutSeconds);
    },
    async zone(site) {
      const [{ createRoute53Client }, { createRoute53Zone }] = await Promise.all([
        import('./route53-client.ts'),
        import('./route53-zone.ts'),
      ]);
      const client = createRoute53Client({ endpoint: access.route53Endpoint, credentials: access.credentials });
      return createRoute53Zone(client, { zoneId: site.zoneId, timeoutSeconds: callTimeoutSeconds });
    },
    async capacity(site, cluster) {
      const [{ EKSClient }, { createEksCapacity }] = await Promise.all([
        import('@aws-sdk/client-eks'),
        import('./eks-capacity.ts'),
      ]);
      const client = new EKSClient({ region: site.region, ...shared });
      return createEksCapacity({
        client,
        cluster,
        timeoutSeconds: callTimeoutSeconds,
        now: access.now,
        say: access.say,
      });
    },
    async managedDatabase(site, database) {
      const [{ RDSClient }, { createRdsDatabase }] = await Promise.all([
        import('@aws-sdk/client-rds'),
        import('./rds-database.ts'),
      ]);
      const client = new RDSClient({ region: site.region, ...shared });
      return createRdsDatabase({
        client,
        instance: database.instance,
        timeoutSeconds: callTimeoutSeconds,
        settleSeconds: 120,
        now: access.now,
      });
    },
    async topic(arn) {
      const [{ SNSClient }, { createSnsNotifier }] = await Promise.all([
        import('@aws-sdk/client-sns'),
        import('./sns-notifier.ts'),
      ]);
      const region = arn.split(':')[3] ?? 'us-east-1';
      return createSnsNotifier({
        client: new SNSClient({ region, maxAttempts: 1, ...shared }),
        topicArn: arn,
        timeoutSeconds: callTimeoutSeconds,
      });
    },
    async secrets({ region }) {
      const [{ SecretsManagerClient }, { createSecretsManager }] = await Promise.all([
        import('@aws-sdk/client-secrets-manager'),
        import('./secrets-manager.ts'),
      ]);
      return createSecretsManager(new SecretsManagerClient({ region, ...shared }));
    },
  };
}
