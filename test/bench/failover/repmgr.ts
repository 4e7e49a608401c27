// repmgr: two nodes with repmgrd, set up as in its quick start, with automatic failover. It asks for no third machine.
import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, NodeName } from './contestant.ts';
import { ask, everybody, missingFor, type PeerSites, peerPort, startPair, until } from './peer-pair.ts';
import { type PeerSite, postgresHome } from './peer-site.ts';

export const repmgr: Contestant = {
  name: 'repmgr',
  missing: () => missingFor([join(postgresHome, 'bin', 'repmgrd')], 'postgresql-15-repmgr'),
  versions: () =>
    spawnSync(join(postgresHome, 'bin', 'repmgr'), ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '',
  start: (options) => startPair({ ...options, env: () => ({}), begin }),
};

/** What the quick start asks for; the rest is PostgreSQL's default. */
const replicationSettings = `
listen_addresses = '*'
shared_preload_libraries = 'repmgr'
max_wal_senders = 10
max_replication_slots = 10
wal_level = 'replica'
hot_standby = on
archive_mode = on
archive_command = '/bin/true'
`;

async function begin(sites: PeerSites): Promise<void> {
  const { first, second } = sites;
  await first.exec(['initdb', '-D', join(first.dir, 'data'), '--encoding', 'UTF8', '-A', 'trust', '-U', 'postgres']);
  appendFileSync(join(first.dir, 'data', 'postgresql.conf'), replicationSettings);
  const lines = ['all', 'replication'].map((database) => `host ${database} all ${everybody(sites.net)} trust`);
  appendFileSync(join(first.dir, 'data', 'pg_hba.conf'), `${lines.join('\n')}\n`);
  await startServer(first);
  await ask(first, [
    'create role repmgr superuser login',
    'alter user repmgr set search_path to repmgr, "$user", public',
  ]);
  await ask(first, ['create database repmgr owner repmgr']);
  await inTurn(first, 'first', ['primary', 'register']);
  const source = ['-h', first.machine.address, '-p', String(peerPort), '-U', 'repmgr', '-d', 'repmgr'];
  // A checkpoint at once: otherwise the clone waits minutes for the next one.
  await inTurn(second, 'second', [...source, 'standby', 'clone', '--fast-checkpoint']);
  await startServer(second);
  await inTurn(second, 'second', ['standby', 'register']);
  for (const [name, site] of [
    ['first', first],
    ['second', second],
  ] as const) {
    await site.launch(`repmgrd-${name}`, ['repmgrd', '-f', join(site.dir, 'repmgr.conf'), '--daemonize=false']);
  }
  await until('both repmgrd are at work', async () => {
    const rows = await Promise.all(
      [first, second].map((site) => ask(site, ['select repmgr.get_repmgrd_pid() > 0 as runs'], 'repmgr')),
    );
    return rows.every(([row]) => row?.runs === true);
  });
}

async function startServer(site: PeerSite): Promise<void> {
  await site.launch('postgres', ['postgres', '-D', join(site.dir, 'data'), '-p', String(peerPort)]);
  await until('the server answers', async () => (await ask(site, ['select 1 as one'])).length === 1);
}

/** Runs `repmgr` with the node's configuration, which is written first. */
async function inTurn(site: PeerSite, name: NodeName, command: string[]): Promise<void> {
  const file = join(site.dir, 'repmgr.conf');
  const self = join(postgresHome, 'bin', 'repmgr');
  writeFileSync(
    file,
    [
      `node_id=${name === 'first' ? 1 : 2}`,
      `node_name='${name}'`,
      `conninfo='host=${site.machine.address} port=${peerPort} user=repmgr dbname=repmgr connect_timeout=2'`,
      `data_directory='${join(site.dir, 'data')}'`,
      `pg_bindir='${join(postgresHome, 'bin')}'`,
      // Two of them share this machine's /tmp, where it would stand.
      `repmgrd_pid_file='${join(site.dir, 'repmgrd.pid')}'`,
      // What the documentation requires for automatic failover; attempts and intervals have their defaults, 6 and 10 s.
      `failover=automatic`,
      `promote_command='${self} standby promote -f ${file} --log-to-file'`,
      `follow_command='${self} standby follow -f ${file} --log-to-file --upstream-node-id=%n'`,
    ].join('\n'),
  );
  await site.exec(['repmgr', '-f', file, ...command]);
}
