// The register's store beside a site, where functions that do not hold the register keep records of their own.
import type { Site, Strategy } from '../model/strategy.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** Throws when the strategy declares none there. */
export function storeBeside({ authority }: Strategy, { name }: Site, cloud: Pick<Cloud, 'store'>): ObjectStore {
  const declared = authority.stores.find(({ site }) => site === name);
  if (declared) return cloud.store(declared);
  throw new Error(`the strategy names no register store beside ${name}, where records of this function are kept`);
}
