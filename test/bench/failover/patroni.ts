// Patroni with etcd: two members, one etcd server on a third machine, and the timings of Patroni's own documentation.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { callHttp } from '../../../infra/local/http-call.ts';
import type { Contestant } from './contestant.ts';
import { everybody, missingFor, type PeerSites, peerPort, startPair, superuser, until } from './peer-pair.ts';
import { type PeerSite, postgresHome } from './peer-site.ts';

const restPort = 8008;
const etcdPort = 2379;

export const patroni: Contestant = {
  name: 'Patroni',
  missing: () => missingFor(['patroni', 'etcd'], 'patroni etcd-server'),
  versions: () =>
    [
      spawnSync('patroni', ['--version'], { encoding: 'utf8' }).stdout.trim(),
      spawnSync('etcd', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0]?.replace(' Version:', ''),
    ].join(', '),
  start: (options) => startPair({ ...options, env: () => ({}), begin }),
};

async function begin(sites: PeerSites): Promise<void> {
  await startEtcd(sites.witness);
  for (const site of [sites.first, sites.second]) {
    const file = join(site.dir, 'patroni.yml');
    writeFileSync(file, JSON.stringify(configurationOf(site, sites), null, 2));
    await site.launch('patroni', ['patroni', file]);
    const role = site === sites.first ? 'leader' : 'replica';
    await until(`Patroni calls ${site.machine.address} the ${role}`, () => isRunning(sites.first, site, role));
  }
}

async function startEtcd(site: PeerSite): Promise<void> {
  const at = (port: number): string => `http://${site.machine.address}:${port}`;
  await site.launch('etcd', [
    'etcd',
    ...['--name', 'witness', '--data-dir', join(site.dir, 'etcd')],
    ...['--listen-client-urls', at(etcdPort), '--advertise-client-urls', at(etcdPort)],
    ...['--listen-peer-urls', at(2380), '--initial-advertise-peer-urls', at(2380)],
    ...['--initial-cluster', `witness=${at(2380)}`],
  ]);
  await until('etcd is healthy', async () => (await getJson(site, etcdPort, '/health')) !== null);
}

/** YAML's own subset: JSON. What is not given has Patroni's default. */
function configurationOf(site: PeerSite, { net, witness }: PeerSites): unknown {
  const { address } = site.machine;
  return {
    scope: 'bench',
    name: address === net.first.address ? 'first' : 'second',
    restapi: { listen: `${address}:${restPort}`, connect_address: `${address}:${restPort}` },
    etcd3: { host: `${witness.machine.address}:${etcdPort}` },
    bootstrap: {
      // As in the sample configuration of the documentation, which are the defaults too.
      dcs: {
        ttl: 30,
        loop_wait: 10,
        retry_timeout: 10,
        maximum_lag_on_failover: 1_048_576,
        postgresql: { use_pg_rewind: true },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: [`host replication replicator ${everybody(net)} md5`, `host all all ${everybody(net)} md5`],
    },
    postgresql: {
      listen: `${address}:${peerPort}`,
      connect_address: `${address}:${peerPort}`,
      data_dir: join(site.dir, 'data'),
      bin_dir: join(postgresHome, 'bin'),
      pgpass: join(site.dir, 'pgpass'),
      authentication: {
        superuser: { username: superuser.user, password: superuser.password },
        replication: { username: 'replicator', password: 'local-replicator' },
        rewind: { username: 'rewind', password: 'local-rewind' },
      },
    },
  };
}

const Cluster = z.object({ members: z.array(z.object({ host: z.string(), role: z.string(), state: z.string() })) });

async function isRunning(asked: PeerSite, site: PeerSite, role: string): Promise<boolean> {
  const answer = Cluster.safeParse(await getJson(asked, restPort, '/cluster'));
  const member = answer.data?.members.find(({ host }) => host === site.machine.address);
  return member?.role === role && (member.state === 'running' || member.state === 'streaming');
}

async function getJson(site: PeerSite, port: number, path: string): Promise<unknown> {
  const reply = await callHttp({
    method: 'GET',
    host: site.machine.address,
    port,
    path,
    headers: {},
    body: null,
    timeoutSeconds: 2,
  });
  return reply.kind === 'answered' && reply.status === 200 ? JSON.parse(reply.body) : null;
}
