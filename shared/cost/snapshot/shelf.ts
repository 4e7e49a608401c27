// One site's cost bucket as snapshots use it: asked again when it fails for a moment, and told apart from the other when it is lost.
import type { SiteName } from '../../model/site.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import { BucketUnavailable, type ObjectBucket } from '../../ports/object-bucket.ts';

export type Shelf = {
  readonly site: SiteName;
  readonly name: string;
  /**
   * Calls the bucket, and again when that did not answer: what is called must bear being done twice. Throws `ShelfLost` when it stays
   * away or refuses.
   */
  ask<T>(call: (bucket: ObjectBucket) => Promise<T>): Promise<T>;
};

/** A bucket that cannot be used now. What was asked of it last may have been done. */
export class ShelfLost extends Error {
  override readonly name = 'ShelfLost';
  readonly site: SiteName;
  constructor(site: SiteName, cause: BucketUnavailable) {
    const wayOut =
      cause.reason === 'refused' || cause.reason === 'invalid'
        ? 'Let the function and the operator read, write and list below cost/v1/.'
        : 'It is caught up with by the next run that reaches it.';
    super(`the cost bucket of site ${site}: ${cause.message}. ${wayOut}`, { cause });
    this.site = site;
  }
}

const tries = 4;
const firstWaitSeconds = 0.5;

export function createShelf(site: SiteName, bucket: ObjectBucket, clock: Clock, chance: Chance): Shelf {
  return {
    site,
    name: bucket.name,
    async ask(call) {
      for (let tried = 1; ; tried += 1) {
        try {
          return await call(bucket);
        } catch (error) {
          if (!(error instanceof BucketUnavailable)) throw error;
          if (tried === tries || !mayPass(error)) throw new ShelfLost(site, error);
          // Cloud Storage takes one write a second of an object.
          await clock.sleep(firstWaitSeconds * 2 ** (tried - 1) * (1 + chance.fraction()));
        }
      }
    },
  };
}

function mayPass({ reason }: BucketUnavailable): boolean {
  return reason === 'throttled' || reason === 'time-out' || reason === 'failed';
}
