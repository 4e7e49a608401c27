// The S3 stand-in against the suite that an emulator that is not ours keeps, too.
import { S3Client } from '@aws-sdk/client-s3';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';
import { s3ServiceContract } from '../../../conformance/s3-service.ts';

s3ServiceContract('the stand-in', async () => {
  const standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'plain' }, { name: 'versioned', versioned: true }],
    minimumPartBytes: 1024,
  });
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: standin.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  return {
    client,
    close: async () => {
      client.destroy();
      await standin.close();
    },
  };
});
