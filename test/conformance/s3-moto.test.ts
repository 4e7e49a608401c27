// The object store contract on an emulator that is not ours: moto_server, where this machine has it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { CreateBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, it } from 'vitest';
import { createS3Client, createS3ObjectStore } from '../../aws/adapters/s3-object-store.ts';
import { objectStoreContract, type StoreUnderTest } from '../contract/object-store.ts';

const emulator = 'moto_server';

if (isInstalled(emulator)) {
  objectStoreContract('the S3 adapter on moto_server', startMoto, 'content');
} else {
  describe('the S3 adapter on moto_server', () => {
    it.skip('skipped: moto_server is not on the PATH (pip install "moto[server]")', () => {});
  });
}

function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function startMoto(): Promise<StoreUnderTest> {
  const port = await freePort();
  const moto = spawn(emulator, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  await answering(moto, port);
  const client = createS3Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    connectTimeoutSeconds: 10,
    requestTimeoutSeconds: 15,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'objects' }));
  return {
    store: createS3ObjectStore(client, { name: 'moto', bucket: 'objects' }),
    cacheControlOf: async (key) =>
      (await client.send(new HeadObjectCommand({ Bucket: 'objects', Key: key }))).CacheControl ?? null,
    close: async () => {
      client.destroy();
      const ended = new Promise((resolve) => moto.once('exit', resolve));
      moto.kill('SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port was given')),
      );
    });
  });
}

/** Tries until somebody listens; the hook's own time-out bounds it, and a moto that ended is told at once. */
async function answering(moto: ChildProcess, port: number): Promise<void> {
  while (moto.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`moto_server ended with ${moto.exitCode} before it listened on ${port}`);
}
