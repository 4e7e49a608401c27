// The S3 service contract on an emulator that is not ours: moto_server, where this machine has it.
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, it } from 'vitest';
import { hasMotoServer, startMotoServer } from '../support/moto-server.ts';
import { s3ServiceContract } from './s3-service.ts';

if (hasMotoServer()) {
  s3ServiceContract('moto_server', async () => {
    const moto = await startMotoServer({ S3_UPLOAD_PART_MIN_SIZE: '1024' });
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: moto.url,
      forcePathStyle: true,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      maxAttempts: 1,
    });
    for (const Bucket of ['plain', 'versioned']) await client.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration }));
    return {
      client,
      close: async () => {
        client.destroy();
        await moto.close();
      },
    };
  }, ['part order', 'key length', 'conditions of a copy on its source']);
} else {
  describe('moto_server does what S3 does', () => {
    it.skip('skipped: moto_server is not on the PATH (pip install "moto[server]")', () => {});
  });
}
