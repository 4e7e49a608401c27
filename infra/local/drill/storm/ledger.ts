// What the users of a storm were told: every write and removal that a bucket acknowledged, with the version that it made or ended.
import type { Origin } from '../../../../shared/model/replica.ts';
import type { ObjectBucket } from '../../../../shared/ports/object-bucket.ts';

export const sites = ['aws', 'gcp'] as const;
export type StormSite = (typeof sites)[number];
export type BothBuckets = Record<StormSite, ObjectBucket>;

export type Deed =
  | { kind: 'written'; site: StormSite; key: string; origin: Origin }
  /** `of`: which version was removed, wherever it had been written. */
  | { kind: 'removed'; site: StormSite; key: string; of: Origin };

export type Ledger = {
  note(deed: Deed): void;
  /** In the order of acknowledgement. */
  deeds(): readonly Deed[];
};

export function createLedger(): Ledger {
  const deeds: Deed[] = [];
  return { note: (deed) => void deeds.push(deed), deeds: () => deeds };
}
