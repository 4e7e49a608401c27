// What a file declares, gathered before it is checked: so that a reference to a missing site is told beside every other error.
import type { Provider, SiteName } from '../model/site.ts';

export type KnownSite = {
  name: SiteName;
  provider: Provider | null;
  region: string | null;
  /** Last part of the database's instance: `db` of `project/db`. Null: no database, or none that can be read. */
  instance: string | null;
  hasDatabase: boolean;
  hasCluster: boolean;
};

/** Null: the section is missing or no mapping, so that nothing can be said about references to it. */
export type Known = {
  sites: KnownSite[] | null;
  channels: string[] | null;
  stores: string[] | null;
  scenarios: string[];
  alerts: string[];
  /** Names of `prometheus.global_queries`. */
  queries: string[];
};

export const NOTHING_KNOWN: Known = {
  sites: null,
  channels: null,
  stores: null,
  scenarios: [],
  alerts: [],
  queries: [],
};

/** Reads the declared names out of the file's plain data, whatever else is wrong with it. Never throws. */
export function gather(data: unknown): Known {
  const sites = at(data, 'sites');
  return {
    sites: isMapping(sites) ? Object.entries(sites).map(([name, site]) => knownSite(name, site)) : null,
    channels: keysOf(at(data, 'notifications')),
    stores: keysOf(at(at(data, 'authority'), 'stores')),
    scenarios: keysOf(at(data, 'scenarios')) ?? [],
    alerts: listOf(at(data, 'alerts')).flatMap((alert) => textOf(at(alert, 'name')) ?? []),
    queries: listOf(at(at(data, 'prometheus'), 'global_queries')).flatMap((query) => keysOf(query) ?? []),
  };
}

function knownSite(name: string, site: unknown): KnownSite {
  const provider = at(site, 'provider');
  const database = at(site, 'database');
  return {
    name,
    provider: provider === 'aws' || provider === 'gcp' ? provider : null,
    region: textOf(at(site, 'region')),
    instance: textOf(at(database, 'instance'))?.split('/').at(-1) ?? null,
    hasDatabase: isMapping(database),
    hasCluster: isMapping(at(site, 'cluster')),
  };
}

/** The value at a path of the file's plain data, or undefined. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(at, data);
}

function at(data: unknown, key: PropertyKey): unknown {
  if (Array.isArray(data)) return typeof key === 'number' ? data[key] : undefined;
  return isMapping(data) && Object.hasOwn(data, key) ? data[String(key)] : undefined;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keysOf(value: unknown): string[] | null {
  return isMapping(value) ? Object.keys(value) : null;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
