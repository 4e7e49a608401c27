// The register's stores by the places that the strategy gives them.
import type { SiteName } from '../model/site.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Surroundings } from './surroundings.ts';

export type SiteStores = {
  named(name: string): ObjectStore;
  /** The store beside a site: its bulletins and alarms lie there. */
  beside(site: SiteName): ObjectStore;
  /** The witness's store, which belongs to neither side; our own where there is no witness. */
  neutral: ObjectStore;
  /** Those beside the sites, where the journal is kept. */
  ofSites: ObjectStore[];
};

/** Throws when the strategy declares no store beside our site. */
export function siteStores({ strategy, site, stores }: Pick<Surroundings, 'strategy' | 'site' | 'stores'>): SiteStores {
  const { stores: declared } = strategy.authority;
  const named = (name: string) => {
    const store = stores.get(name);
    if (store) return store;
    throw new Error(`the strategy names no register store "${name}": it declares ${[...stores.keys()].join(', ')}`);
  };
  const beside = (of: SiteName) => named(declared.find((one) => one.site === of)?.name ?? `(beside ${of})`);
  const witness = declared.find((one) => one.site === null);
  return {
    named,
    beside,
    neutral: witness ? named(witness.name) : beside(site),
    ofSites: declared.filter((one) => one.site !== null).map((one) => named(one.name)),
  };
}
