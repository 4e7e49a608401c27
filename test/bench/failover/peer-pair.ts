// What the peers' pairs have in common: two sites and a witness on a network, the clients' table, and what can happen to the first site.
import { join } from 'node:path';
import pg from 'pg';
import type { DatabaseTarget } from '../../../infra/local/app/query.ts';
import { shopSchemaSql } from '../../../infra/local/app/shop-schema.ts';
import type { NodeName, Pair, StartOptions } from './contestant.ts';
import { absent, openPeerDirectory, openPeerSite, type PeerSite, postgresHome, postgresUser } from './peer-site.ts';
import { openSiteNet, type SiteNet } from './site-net.ts';

export const peerPort = 5432;
/** The role of the peers' own administration, let in from their network: nothing else is on it. */
export const superuser = { user: 'postgres', password: 'local-superuser' };
const client = { user: 'shop', password: 'local-shop' };

export type PeerSites = Record<NodeName | 'witness', PeerSite> & { net: SiteNet };

/** The whole network, as pg_hba.conf writes it. */
export function everybody(net: SiteNet): string {
  return `${net.clientAddress.replace(/\d+$/, '0')}/24`;
}

/** What every peer needs beside its own programs, as a sentence, or null. */
export function missingFor(programs: readonly string[], packages: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'it needs Linux and root, for network namespaces whose packets can be dropped';
  }
  const wanted = [...programs, `${postgresHome}/bin/postgres`, 'ip', 'iptables', 'setpriv'];
  const lacking = absent(wanted);
  if (lacking.length > 0 || postgresUser() === null) {
    const what = lacking.length > 0 ? lacking.join(', ') : 'the user postgres';
    return `${what} not found; on Debian 12: apt-get install postgresql-15 iproute2 iptables ${packages}`;
  }
  return null;
}

/**
 * Opens network and directories, lets `begin` start the programs, makes the clients' table at the first node and waits until the
 * second has it. Whatever was begun is gone when that fails.
 */
export async function startPair(
  options: StartOptions & { env: (dir: string) => Record<string, string>; begin: (sites: PeerSites) => Promise<void> },
): Promise<Pair> {
  const { dir, remove } = openPeerDirectory();
  const net = openSiteNet();
  const lines: string[] = [];
  const siteOf = (name: NodeName | 'witness'): PeerSite => {
    const home = join(dir, name);
    return openPeerSite(net[name], home, options.env(home), (line) => void lines.push(`${name}: ${line}`));
  };
  const sites: PeerSites = { first: siteOf('first'), second: siteOf('second'), witness: siteOf('witness'), net };
  const all = [sites.first, sites.second, sites.witness];
  options.keep(() => all.flatMap((site) => site.groups()));
  const stop = async (): Promise<void> => {
    await Promise.all(all.map((site) => site.kill()));
    net.close();
    remove();
  };
  try {
    await options.begin(sites);
    await makeShop(sites);
    return pairOf(sites, stop);
  } catch (error) {
    const last = lines.slice(-25).join('\n');
    await stop();
    throw new Error(`the pair did not come up: ${error instanceof Error ? error.message : error}\n${last}`, {
      cause: error,
    });
  }
}

function pairOf({ first, second, witness }: PeerSites, stop: () => Promise<void>): Pair {
  const at = (site: PeerSite): DatabaseTarget => ({
    host: site.machine.address,
    port: peerPort,
    database: 'postgres',
    ...client,
  });
  return {
    nodes: () => ({ first: at(first), second: at(second) }),
    killSite: () => first.kill(),
    killManager: () => first.killManager(),
    freeze: () => first.freeze(),
    thaw: () => first.thaw(),
    cut: async () => first.machine.cutFrom([second.machine, witness.machine]),
    silence: async () => first.machine.silence(),
    story: async () => [],
    records: async () => null,
    stop,
  };
}

async function makeShop({ first, second }: PeerSites): Promise<void> {
  await ask(first, [
    `create role ${client.user} login password '${client.password}'`,
    shopSchemaSql,
    `grant usage on schema shop to ${client.user}`,
    `grant select, insert on all tables in schema shop to ${client.user}`,
  ]);
  await until('the second node has the table', async () => {
    const [row] = await ask(second, [`select to_regclass('shop.direct_writes') is not null as there`]);
    return row?.there === true;
  });
}

/** Runs statements as the superuser and answers the rows of the last. */
export async function ask(
  site: PeerSite,
  statements: string[],
  database = 'postgres',
): Promise<Record<string, unknown>[]> {
  const connection = new pg.Client({
    host: site.machine.address,
    port: peerPort,
    database,
    ...superuser,
    connectionTimeoutMillis: 2000,
  });
  connection.on('error', () => undefined);
  await connection.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await connection.query(statement));
    return rows;
  } finally {
    await connection.end();
  }
}

const readyWithinSeconds = 90;

/** An error counts as not yet. Throws with the last one when it is not so within 90 s. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let last = 'it was never so';
  for (const end = performance.now() + readyWithinSeconds * 1000; performance.now() < end; ) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`waited ${readyWithinSeconds} s: ${what}; ${last}`);
}
