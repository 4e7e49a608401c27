// What a cloud's adapters can open for what a strategy declares. Each cloud has one; wiring takes both.
import type { Cluster, RegisterStoreDeclaration, Site, SiteDatabase } from '../model/strategy.ts';
import type { Capacity } from './capacity.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { KeyQueue } from './key-queue.ts';
import type { ManagedDatabase } from './managed-database.ts';
import type { Notifier } from './notifier.ts';
import type { ObjectBucket } from './object-bucket.ts';
import type { ObjectStore } from './object-store.ts';
import type { Secrets } from './secrets.ts';
import type { DnsZone } from './traffic.ts';

/** What is opened with a promise loads its SDK only then, so that a cold start is short. */
export type Cloud = {
  store(declaration: RegisterStoreDeclaration): ObjectStore;
  bucket(name: string, region: string): ObjectStore;
  /** A bucket of the users' objects, in the site's region. */
  objectBucket(site: Pick<Site, 'region'>, bucket: string): Promise<ObjectBucket>;
  /** A queue of a site's replication, by the name that `objectQueue` gives it. */
  keyQueue(site: Pick<Site, 'region'>, name: string): Promise<KeyQueue>;
  deadLetters(site: Pick<Site, 'region'>, name: string): Promise<DeadLetters>;
  zone(site: Site): Promise<DnsZone>;
  capacity(site: Site, cluster: Cluster): Promise<Capacity>;
  managedDatabase(site: Site, database: SiteDatabase): Promise<ManagedDatabase>;
  /** A topic that people and machines are told through: an SNS ARN, or a Pub/Sub topic. */
  topic(name: string): Promise<Notifier>;
  secrets(site: Site): Promise<Secrets>;
};
