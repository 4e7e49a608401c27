// The SNS, RDS and EKS adapters on an emulator that is not ours: moto_server, where this machine has it.
import { CreateClusterCommand, CreateNodegroupCommand, DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { CreateDBInstanceCommand, CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEksCapacity } from '../../aws/adapters/eks-capacity.ts';
import { createRdsDatabase } from '../../aws/adapters/rds-database.ts';
import { createSnsNotifier } from '../../aws/adapters/sns-notifier.ts';
import { sample } from '../contract/notifier.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { hasMotoServer, type MotoServer, startMotoServer } from '../support/moto-server.ts';

const isThere = hasMotoServer();
if (!isThere) console.log('skipped: moto_server is not on the PATH (pip install "moto[server]")');

describe.skipIf(!isThere)('the AWS adapters on moto_server', () => {
  let moto: MotoServer;
  beforeAll(async () => {
    moto = await startMotoServer();
  });
  afterAll(() => moto?.close());
  const settings = () => ({
    endpoint: moto.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    maxAttempts: 1,
  });

  it('publishes to a topic, also a FIFO one, and is rejected where there is none', async () => {
    const client = new SNSClient(settings());
    const { TopicArn: ops = '' } = await client.send(new CreateTopicCommand({ Name: 'ops' }));
    const fifo = await client.send(new CreateTopicCommand({ Name: 'ops.fifo', Attributes: { FifoTopic: 'true' } }));
    for (const topicArn of [ops, fifo.TopicArn ?? '']) {
      const sent = createSnsNotifier({ client, topicArn, timeoutSeconds: 10 }).send(sample);
      expect(await sent).toMatchObject({ kind: 'sent' });
    }
    const missing = createSnsNotifier({ client, topicArn: `${ops}-not`, timeoutSeconds: 10 });
    expect(await missing.send(sample)).toMatchObject({ kind: 'rejected', because: expect.stringMatching(/NotFound/) });
  });

  it('sees a read replica, and begins to promote it', async () => {
    const client = new RDSClient(settings());
    const common = { DBInstanceClass: 'db.t3.small', Engine: 'postgres', AllocatedStorage: 20 };
    await client.send(
      new CreateDBInstanceCommand({
        ...common,
        DBInstanceIdentifier: 'shop',
        MasterUsername: 'a',
        MasterUserPassword: 'secret123',
      }),
    );
    await client.send(
      new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier: 'replica', SourceDBInstanceIdentifier: 'shop' }),
    );
    const clock = createManualClock();
    const of = (instance: string) =>
      createRdsDatabase({ client, instance, timeoutSeconds: 10, settleSeconds: 60, now: clock.now });
    expect(await of('shop').state()).toMatchObject({ role: 'primary', status: 'running' });
    expect(await of('replica').state()).toMatchObject({ role: 'replica', status: 'running' });
    // The emulator takes the promotion and goes on naming the source, so only its acceptance can be seen here.
    expect(await of('replica').promote()).toMatchObject({ state: 'running' });
    expect(await of('shop').promote()).toMatchObject({ state: 'done' });
    await expect(of('nowhere').state()).rejects.toThrow(/DBInstanceNotFound/);
  });

  it('raises the minimum of a node group', async () => {
    const client = new EKSClient(settings());
    const arn = 'arn:aws:iam::123456789012:role/eks';
    const vpc = { subnetIds: ['subnet-1'] };
    await client.send(new CreateClusterCommand({ name: 'main', roleArn: arn, resourcesVpcConfig: vpc }));
    const named = { clusterName: 'main', nodegroupName: 'workers' };
    const scalingConfig = { minSize: 1, maxSize: 3, desiredSize: 1 };
    await client.send(new CreateNodegroupCommand({ ...named, nodeRole: arn, subnets: vpc.subnetIds, scalingConfig }));
    const said: string[] = [];
    const capacity = createEksCapacity({
      client,
      cluster: {
        name: 'main',
        nodePool: 'workers',
        namespace: 'shop',
        deployment: 'web',
        autoscaler: null,
        parent: '',
        replicasPerNode: 1,
      },
      timeoutSeconds: 10,
      now: () => new Date(),
      say: (sentence) => said.push(sentence),
    });
    // The cluster itself is not emulated: its address leads nowhere, and only the node group can be raised.
    await expect(capacity.raise({ replicas: 1, nodes: 5 })).rejects.toThrow(/read deployment shop\/web/);
    const { nodegroup } = await client.send(new DescribeNodegroupCommand(named));
    expect(nodegroup?.scalingConfig).toMatchObject({ minSize: 5, maxSize: 5, desiredSize: 5 });
    expect(said).toEqual(['raised maxSize of node group main/workers from 3 to 5, to make room']);
  });
});
