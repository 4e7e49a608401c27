// pg_auto_failover: two nodes and a monitor on a third machine, set up as in its tutorial.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { everybody, missingFor, type PeerSites, peerPort, startPair, until } from './peer-pair.ts';
import type { PeerSite } from './peer-site.ts';

export const autoFailover: Contestant = {
  name: 'pg_auto_failover',
  missing: () =>
    missingFor(
      ['pg_autoctl', 'openssl', '/usr/lib/postgresql/15/lib/pgautofailover.so'],
      'postgresql-15-auto-failover pg-auto-failover-cli openssl',
    ),
  versions: () => spawnSync('pg_autoctl', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '',
  start: (options) => startPair({ ...options, env: environmentOf, begin }),
};

/** It keeps its configuration and state where XDG says; each site has its own. */
function environmentOf(dir: string): Record<string, string> {
  return {
    XDG_CONFIG_HOME: join(dir, 'config'),
    XDG_DATA_HOME: join(dir, 'share'),
    XDG_RUNTIME_DIR: join(dir, 'runtime'),
  };
}

async function begin(sites: PeerSites): Promise<void> {
  const { first, second, witness } = sites;
  // The two flags are the tutorial's; all else, the timings among it, is left at its default.
  const common = (site: PeerSite): string[] => [
    ...['--pgdata', join(site.dir, 'data'), '--pgport', String(peerPort), '--hostname', site.machine.address],
    ...['--auth', 'trust', '--ssl-self-signed'],
  ];
  await witness.exec(['pg_autoctl', 'create', 'monitor', ...common(witness)]);
  await witness.launch('monitor', ['pg_autoctl', 'run', '--pgdata', join(witness.dir, 'data')]);
  const monitor = `postgres://autoctl_node@${witness.machine.address}:${peerPort}/pg_auto_failover?sslmode=require`;
  await until('the monitor answers', async () => (await statesOf(witness)) === '');
  for (const [name, site, states] of [
    ['first', first, 'single'],
    ['second', second, 'primary secondary'],
  ] as const) {
    const place = ['--name', name, '--monitor', monitor];
    await site.launch(name, ['pg_autoctl', 'create', 'postgres', ...common(site), ...place, '--run']);
    await until(`the monitor calls the nodes ${states}`, async () => (await statesOf(witness)) === states);
    await letClientsIn(site, everybody(sites.net));
  }
}

/** The nodes' states as they report them, in the order of their making. */
async function statesOf(witness: PeerSite): Promise<string> {
  const query = `select string_agg(reportedstate::text, ' ' order by nodeid) from pgautofailover.node`;
  const printed = await witness.exec(['psql', '-d', 'pg_auto_failover', '-Atc', query]);
  return printed.trim();
}

async function letClientsIn(site: PeerSite, network: string): Promise<void> {
  appendFileSync(join(site.dir, 'data', 'pg_hba.conf'), `\nhost all all ${network} trust\n`);
  await site.exec(['psql', '-d', 'postgres', '-Atc', 'select pg_reload_conf()']);
}
