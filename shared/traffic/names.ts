// The names that Causeway keeps below a published name. Nothing else in a zone is ever touched.
import type { SiteName } from '../model/site.ts';

/** The names that clients ask for. */
export type PublishedNames = { name: string; writerName: string };

/**
 * The failover pair of a site. No underscore: older resolver libraries refuse an answer whose CNAME target has a label
 * that begins with one.
 */
export function pairName(name: string, preferred: SiteName): string {
  return `to-${preferred}.causeway.${name}`;
}

/** The weighted (or nearest-site) set, when it is nested below a geolocation. */
export function spreadName(name: string): string {
  return `spread.causeway.${name}`;
}

/** The TXT record that says whose these names are, and at which epoch they were written last. */
export function ownershipName(name: string): string {
  return `_causeway.${name}`;
}

/** True for the names that Causeway may write: exact names of its own, and everything below `causeway.<name>`. */
export function isOwnName(names: PublishedNames, candidate: string): boolean {
  return (
    candidate === names.name ||
    candidate === names.writerName ||
    candidate === ownershipName(names.name) ||
    candidate.endsWith(`.causeway.${names.name}`)
  );
}
