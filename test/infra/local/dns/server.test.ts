// The name server over real UDP and TCP: asked by node's own resolver, by ours, and byte by byte.
import { createSocket } from 'node:dgram';
import { Resolver as NodeResolver } from 'node:dns/promises';
import dnsPacket from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStubResolver } from '../../../../infra/local/dns/client.ts';
import type { Route53Set } from '../../../../infra/local/dns/image.ts';
import { type NameServer, startNameServer } from '../../../../infra/local/dns/server.ts';
import { createResolver } from '../../../../shared/traffic/resolver.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { PLACES } from '../../../support/places.ts';
import { seededChance } from '../../../support/virtual-time.ts';

const chance = seededChance(1);
const resolver = createResolver({ chance, timeoutSeconds: 2, tries: 2 });

const values = (...data: string[]) => ({ ResourceRecords: data.map((Value) => ({ Value })) });
const SETS: Route53Set[] = [
  {
    Name: 'example.com',
    Type: 'SOA',
    TTL: 900,
    ...values('ns-1.example.com. hostmaster.example.com. 1 7200 900 1209600 86400'),
  },
  { Name: 'example.com', Type: 'NS', TTL: 172_800, ...values('ns-1.example.com.') },
  { Name: 'a.example.com', Type: 'A', TTL: 30, ...values('192.0.2.1', '192.0.2.2') },
  { Name: 'chain.example.com', Type: 'CNAME', TTL: 20, ...values('a.example.com.') },
  { Name: 'outside.example.com', Type: 'CNAME', TTL: 20, ...values('elsewhere.example.org.') },
  { Name: 'text.example.com', Type: 'TXT', TTL: 60, ...values('"one" "two"', '"say \\"so\\""') },
  {
    Name: 'many.example.com',
    Type: 'A',
    TTL: 5,
    ...values(...Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`)),
  },
  {
    Name: 'geo.example.com',
    Type: 'A',
    TTL: 30,
    SetIdentifier: 'eu',
    GeoLocation: { ContinentCode: 'EU' },
    ...values('192.0.2.33'),
  },
  {
    Name: 'geo.example.com',
    Type: 'A',
    TTL: 30,
    SetIdentifier: '*',
    GeoLocation: { CountryCode: '*' },
    ...values('192.0.2.44'),
  },
];

async function start(): Promise<NameServer> {
  return startNameServer({
    host: '127.0.0.1',
    port: 0,
    controlPort: 0,
    places: {
      rows: [{ cidr: '203.0.113.0/24', place: PLACES.paris }],
      otherwise: { continent: null, country: null, latitude: 0, longitude: 0 },
    },
    checkersPerCheck: 3,
    clock: createManualClock(),
    chance,
  });
}

async function push(server: NameServer, serial: number, sets: Route53Set[]): Promise<unknown> {
  const answer = await fetch(`${server.controlUrl}/zone`, {
    method: 'PUT',
    body: JSON.stringify({ provider: 'route53', apex: 'example.com', serial, sets, checks: [] }),
  });
  return answer.json();
}

async function rawUdp(server: NameServer, query: Buffer): Promise<Buffer> {
  const [host = '', port = ''] = server.address.split(':');
  const socket = createSocket('udp4');
  try {
    return await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('message', resolve);
      socket.send(query, Number(port), host);
    });
  } finally {
    socket.close();
  }
}

describe('the name server', () => {
  let server: NameServer;
  let node: NodeResolver;
  beforeAll(async () => {
    server = await start();
    await push(server, 5, SETS);
    node = new NodeResolver();
    node.setServers([server.address]);
  });
  afterAll(() => server.close());

  it('is understood by node’s own resolver', async () => {
    expect(await node.resolve4('a.example.com', { ttl: true })).toEqual([
      { address: '192.0.2.1', ttl: 30 },
      { address: '192.0.2.2', ttl: 30 },
    ]);
    expect(await node.resolveCname('chain.example.com')).toEqual(['a.example.com']);
    expect(await node.resolve4('chain.example.com')).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await node.resolveTxt('text.example.com')).toEqual([['one', 'two'], ['say "so"']]);
    expect(await node.resolveNs('example.com')).toEqual(['ns-1.example.com']);
    expect(await node.resolveSoa('example.com')).toMatchObject({ nsname: 'ns-1.example.com', minttl: 86_400 });
  });

  it('tells NODATA from NXDOMAIN, with its SOA beside either', async () => {
    await expect(node.resolveTxt('a.example.com')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(node.resolve4('none.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const query = dnsPacket.encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'none.example.com' }] });
    const reply = dnsPacket.decode(await rawUdp(server, query));
    expect(reply.authorities).toMatchObject([{ type: 'SOA', name: 'example.com' }]);
    expect(reply.flag_aa).toBe(true);
  });

  it('cuts a long answer short over UDP and gives the whole one over TCP', async () => {
    const query = dnsPacket.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'many.example.com' }] });
    const datagram = await rawUdp(server, query);
    expect(datagram.length).toBeLessThanOrEqual(512);
    expect(dnsPacket.decode(datagram)).toMatchObject({ flag_tc: true, answers: [] });
    expect(await node.resolve4('many.example.com')).toHaveLength(200);
    expect(await resolver.ask(server.address, 'many.example.com', 'A')).toHaveLength(200);
  });

  it('leaves garbage without an answer and goes on', async () => {
    const [host = '', port = ''] = server.address.split(':');
    const socket = createSocket('udp4');
    await new Promise<void>((sent) => socket.send(Buffer.from('not dns at all'), Number(port), host, () => sent()));
    socket.close();
    expect(await resolver.ask(server.address, 'a.example.com', 'A')).toHaveLength(2);
  });

  it('answers by the network that the client’s resolver names, and says that it did', async () => {
    const from = (subnet: string | null) => createResolver({ chance, timeoutSeconds: 2, tries: 2, subnet });
    const data = async (subnet: string | null) =>
      (await from(subnet).ask(server.address, 'geo.example.com', 'A')).map((answer) => answer.data);
    expect(await data('203.0.113.0')).toEqual(['192.0.2.33']);
    expect(await data('198.51.100.0')).toEqual(['192.0.2.44']);
    expect(await data(null)).toEqual(['192.0.2.44']);
  });

  it('keeps the newest zone, whatever arrives late', async () => {
    expect(await push(server, 4, [])).toEqual({ serial: 5 });
    expect(await resolver.ask(server.address, 'a.example.com', 'A')).toHaveLength(2);
  });

  it('has no answer before the first push', async () => {
    const fresh = await start();
    await expect(resolver.ask(fresh.address, 'a.example.com', 'A')).rejects.toThrow(/SERVFAIL/);
    await fresh.close();
  });
});

describe('our resolver', () => {
  let server: NameServer;
  beforeAll(async () => {
    server = await start();
    await push(server, 1, SETS);
  });
  afterAll(() => server.close());

  it('gives names, types and TTLs of a whole chain', async () => {
    expect(await resolver.ask(server.address, 'Chain.example.com', 'A')).toEqual([
      { name: 'chain.example.com', type: 'CNAME', ttlSeconds: 20, data: 'a.example.com' },
      { name: 'a.example.com', type: 'A', ttlSeconds: 30, data: '192.0.2.1' },
      { name: 'a.example.com', type: 'A', ttlSeconds: 30, data: '192.0.2.2' },
    ]);
    expect(await resolver.ask(server.address, 'text.example.com', 'TXT')).toMatchObject([
      { data: 'onetwo' },
      { data: 'say "so"' },
    ]);
  });

  it('answers an empty list for what is not there', async () => {
    expect(await resolver.ask(server.address, 'none.example.com', 'A')).toEqual([]);
    expect(await resolver.ask(server.address, 'a.example.com', 'TXT')).toEqual([]);
  });

  it('never takes silence or a refusal for an empty answer', async () => {
    const impatient = createResolver({ chance, timeoutSeconds: 0.05, tries: 2 });
    server.setSilent(true);
    await expect(impatient.ask(server.address, 'a.example.com', 'A')).rejects.toMatchObject({
      name: 'TrafficUnavailable',
      message: expect.stringMatching(/did not answer a\.example\.com A in 2 tries of 0\.05 s/),
    });
    server.setSilent(false);
    await expect(resolver.ask(server.address, 'elsewhere.org', 'A')).rejects.toThrow(/REFUSED/);
    await expect(resolver.ask(server.address, 'outside.example.com', 'A')).rejects.toThrow(/REFUSED/);
    const gone = await start();
    await gone.close();
    await expect(resolver.ask(gone.address, 'a.example.com', 'A')).rejects.toMatchObject({
      name: 'TrafficUnavailable',
    });
  });
});

describe('the stub resolver', () => {
  it('keeps an answer for as long as the shortest TTL of its chain, for each client, and asks the next server', async () => {
    const [dead, server] = [await start(), await start()];
    await dead.close();
    await push(server, 1, SETS);
    const clock = createManualClock();
    const stub = createStubResolver({
      servers: [dead.address, server.address],
      subnetOf: () => null,
      timeoutSeconds: 1,
      clock,
      chance,
    });
    expect(await stub.resolve('chain.example.com', 'one')).toEqual(['192.0.2.1', '192.0.2.2']);
    const moved = SETS.map((set) => (set.Name === 'a.example.com' ? { ...set, ...values('192.0.2.9') } : set));
    await push(server, 2, moved);
    clock.advance(19.9);
    expect(await stub.resolve('chain.example.com', 'one')).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await stub.resolve('chain.example.com', 'two')).toEqual(['192.0.2.9']);
    clock.advance(0.1);
    expect(await stub.resolve('chain.example.com', 'one')).toEqual(['192.0.2.9']);
    await server.close();
    expect(await stub.resolve('chain.example.com', 'one')).toEqual(['192.0.2.9']);
    clock.advance(20);
    await expect(stub.resolve('chain.example.com', 'one')).rejects.toThrow(/none of .* answered for chain/);
  });
});
