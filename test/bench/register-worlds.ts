// What the register's benchmark runs on: three stores, with every call counted.
import { createS3Client, createS3ObjectStore } from '../../aws/adapters/s3-object-store.ts';
import { createGcsObjectStore, createGcsStorage } from '../../gcp/adapters/gcs-object-store.ts';
import { startGcsStandin } from '../../infra/local/standins/gcs.ts';
import { startS3Standin } from '../../infra/local/standins/s3.ts';
import { type Acceptor, createAcceptor } from '../../shared/authority/acceptor.ts';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { createFaultyAcceptor, emptyCell } from '../support/faulty-acceptor.ts';

export type StandinWorld = RegisterWorld & {
  stores: readonly ObjectStore[];
  /** The first store is gone for good, and refuses connections. */
  loseFirst(): Promise<void>;
};

export type RegisterWorld = {
  name: string;
  /** The three stores as one more process sees them. */
  acceptors(): Acceptor[];
  /** Reads and writes of all stores since the world was made. */
  calls(): { reads: number; writes: number };
  close(): Promise<void>;
};

/** No latency and no losses: what is left is our own work, and who waits for whom. */
export async function memoryWorld(): Promise<RegisterWorld> {
  const count = { reads: 0, writes: 0 };
  const memories = [emptyCell(), emptyCell(), emptyCell()];
  // A timer of 0 ms still waits for a millisecond, and would be most of what is measured.
  const clock: Clock = {
    ...systemClock,
    sleep: async (seconds, signal) => (seconds > 0 ? systemClock.sleep(seconds, signal) : undefined),
  };
  const options = { clock, chance: systemChance, lossFraction: 0, latencySeconds: 0 };
  return {
    name: 'in memory',
    acceptors: () =>
      memories.map((memory, index) => {
        const acceptor = createFaultyAcceptor(`store-${index}`, memory, options);
        return {
          name: acceptor.name,
          read: () => {
            count.reads += 1;
            return acceptor.read();
          },
          write: (cell, over) => {
            count.writes += 1;
            // The register needs no history; the property tests that do keep it short.
            memory.history.length = 0;
            return acceptor.write(cell, over);
          },
        };
      }),
    calls: () => ({ ...count }),
    close: async () => undefined,
  };
}

/**
 * The official clients over HTTP: S3, Cloud Storage, and a witness with S3's API. `limitsWrites`: Cloud Storage throttles a second
 * write of one object within a second, as the service does.
 */
export async function standinWorld(limitsWrites: boolean): Promise<StandinWorld> {
  const count = { reads: 0, writes: 0 };
  const place = { host: '127.0.0.1', port: 0, buckets: [{ name: 'register', limitsWrites }] };
  const [s3, gcs, witness] = await Promise.all([startS3Standin(place), startGcsStandin(place), startS3Standin(place)]);
  const storage = createGcsStorage({
    projectId: 'bench',
    endpoint: gcs.url,
    accessToken: 'local',
    requestTimeoutSeconds: 10,
  });
  const clients = [s3, witness].map(({ url }) =>
    createS3Client({
      region: 'us-east-1',
      endpoint: url,
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      connectTimeoutSeconds: 5,
      requestTimeoutSeconds: 10,
    }),
  );
  const stores = [
    ...clients.map((client, index) => createS3ObjectStore(client, { name: `s3-${index}`, bucket: 'register' })),
    createGcsObjectStore(storage, { name: 'gcs', bucket: 'register' }),
  ].map((store) => counted(store, count));
  const running = new Set([s3, gcs, witness]);
  return {
    stores,
    async loseFirst() {
      running.delete(s3);
      await s3.close();
    },
    name: limitsWrites ? 'S3 + GCS (one write a second) + S3' : 'S3 + GCS + S3',
    acceptors: () =>
      stores.map((store) =>
        createAcceptor(store, 'register/situation.json', { clock: systemClock, chance: systemChance }),
      ),
    calls: () => ({ ...count }),
    close: async () => {
      for (const client of clients) client.destroy();
      await Promise.all([...running].map((standin) => standin.close()));
    },
  };
}

function counted(store: ObjectStore, count: { reads: number; writes: number }): ObjectStore {
  return {
    ...store,
    get: (key) => {
      count.reads += 1;
      return store.get(key);
    },
    put: (key, body, options) => {
      count.writes += 1;
      return store.put(key, body, options);
    },
  };
}
