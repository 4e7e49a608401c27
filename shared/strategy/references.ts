// Words of the file that name something else in it: sites, channels, stores. Each is checked where it stands.
import * as z from 'zod';
import type { SiteName } from '../model/site.ts';
import type { Known, KnownSite } from './known.ts';
import { didYouMean } from './nearest.ts';
import { type Refusal, refuse } from './vocabulary.ts';

/** What an action needs its site to have. */
export type Need = 'anything' | 'cluster' | 'database';

/** The site that a word names: its own name, or its provider's when exactly one site has that provider. */
export function findSite(known: Known, word: string, need: Need = 'anything'): SiteName | Refusal {
  if (known.sites === null) return word;
  const exact = known.sites.filter((site) => site.name === word);
  const [site, other] = exact.length > 0 ? exact : known.sites.filter((candidate) => candidate.provider === word);
  const names = known.sites.map((candidate) => candidate.name);
  const allowed = names.length === 0 ? 'a declared site (none is declared)' : `a declared site: ${names.join(', ')}`;
  const refusal = (message: string): Refusal => ({ found: `"${word}"`, allowed, message, rule: 'undeclared-site' });
  if (!site) {
    return refusal(`there is no site "${word}"; the sites are ${names.join(', ')}.${didYouMean(word, names)}`);
  }
  if (other) {
    return refusal(`"${word}" could be ${site.name} or ${other.name}, which both are at ${word}: name one of them.`);
  }
  return lacks(site, need) ?? site.name;
}

function lacks(site: KnownSite, need: Need): Refusal | null {
  const has = need === 'anything' || (need === 'cluster' ? site.hasCluster : site.hasDatabase);
  if (has) return null;
  return {
    found: `site "${site.name}" without a ${need}`,
    allowed: `a site with a ${need}`,
    message: `site "${site.name}" declares no ${need}: add sites.${site.name}.${need}, or take this out.`,
    rule: `site-without-${need}`,
  };
}

/** A site by its name or its provider's; in the program always its name. */
export function siteReference(known: Known, need: Need = 'anything') {
  const names = known.sites?.map((site) => site.name) ?? [];
  return z
    .string({ error: `a declared site${names.length > 0 ? `: ${names.join(', ')}` : ''}` })
    .transform((word, context) => {
      const found = findSite(known, word, need);
      return typeof found === 'string' ? found : refuse(context, [], found);
    });
}

function declaredName(names: string[] | null, what: string, where: string) {
  const list = names === null || names.length === 0 ? `none is declared below ${where}` : names.join(', ');
  const allowed = `a declared ${what}: ${list}`;
  return z.string({ error: allowed }).transform((word, context) => {
    if (names?.includes(word)) return word;
    return refuse(context, [], {
      found: `"${word}"`,
      allowed,
      message: `there is no ${what} "${word}" (${list}).${didYouMean(word, names ?? [])} Declare it below ${where}.`,
      rule: `undeclared-${what}`,
    });
  });
}

export function channelReference(known: Known) {
  return declaredName(known.channels, 'channel', 'notifications');
}

export function storeReference(known: Known) {
  return declaredName(known.stores, 'store', 'authority.stores');
}

export function alertReference(known: Known) {
  return declaredName(known.alerts, 'alert', 'alerts');
}
