// createResolver: questions to authoritative servers over UDP, and over TCP when the answer was cut short.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dnsPacket, { type Answer, type DecodedPacket, type PacketOpt } from 'dns-packet';
import type { Chance } from '../ports/clock.ts';
import { type DnsAnswer, type Resolver, TrafficUnavailable } from '../ports/traffic.ts';

export type ResolverOptions = {
  chance: Chance;
  /** For each try. */
  timeoutSeconds: number;
  tries: number;
  /** Ask as a client of this IPv4 network would (RFC 7871, /24); null or left out asks as ourselves. */
  subnet?: string | null;
};

type Question = { server: string; name: string; type: 'A' | 'CNAME' | 'TXT' };

/** Longer CNAME chains are a loop. */
const LONGEST_CHAIN = 8;
const UDP_PAYLOAD_BYTES = 1232;

/**
 * No name and no data of that type is an empty list; a server that does not answer, fails, refuses, or does not answer with
 * authority (a cache would say what was true before) is `TrafficUnavailable`. A server is `host` or `host:port`.
 */
export function createResolver(options: ResolverOptions): Resolver {
  return {
    ask: async (server, name, type) => {
      const answers: DnsAnswer[] = [];
      let asked = name;
      for (let link = 0; link < LONGEST_CHAIN; link += 1) {
        const heard = await askOnce({ server, name: asked, type }, options);
        answers.push(...heard);
        const end = heard.at(-1);
        if (!end || end.type === type || end.type !== 'CNAME') return answers;
        asked = end.data;
      }
      throw new TrafficUnavailable(`${server}: ${name} is a chain of more than ${LONGEST_CHAIN} CNAMEs`);
    },
  };
}

async function askOnce(question: Question, options: ResolverOptions): Promise<DnsAnswer[]> {
  const id = Math.floor(options.chance.fraction() * 0x10000);
  const query = dnsPacket.encode({
    type: 'query',
    id,
    questions: [{ type: question.type, name: question.name, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: options.subnet ? [clientSubnet(options.subnet)] : [],
      },
    ],
  });
  const udp = await retried(question, options, () => overUdp(question, query, id, options.timeoutSeconds));
  const packet = udp.flag_tc ? await overTcp(question, query, id, options.timeoutSeconds) : udp;
  return read(question, packet);
}

function clientSubnet(ip: string): PacketOpt {
  return { code: 8, family: 1, ip, sourcePrefixLength: 24, scopePrefixLength: 0 };
}

async function retried<T>(question: Question, options: ResolverOptions, attempt: () => Promise<T>): Promise<T> {
  let last: unknown = null;
  for (let tried = 0; tried < options.tries; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      last = error;
    }
  }
  throw new TrafficUnavailable(
    `${question.server} did not answer ${question.name} ${question.type} in ${options.tries} tries of ${options.timeoutSeconds} s; is it reachable over UDP?`,
    { cause: last },
  );
}

function hostAndPort(server: string): { host: string; port: number } {
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
  return { host: host ?? server, port: Number(port ?? 53) };
}

function overUdp(question: Question, query: Buffer, id: number, timeoutSeconds: number): Promise<DecodedPacket> {
  const { host, port } = hostAndPort(question.server);
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const end = (finish: () => void) => {
      clearTimeout(timer);
      socket.close();
      finish();
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`no answer within ${timeoutSeconds} s`))),
      timeoutSeconds * 1000,
    );
    socket.once('error', (error) => end(() => reject(error)));
    // Connected, so that only this server's datagrams are heard and a closed port is an error at once.
    // Heard as an event: a callback would be called for a name that cannot be resolved too, and sending would then end the process.
    socket.once('connect', () => socket.send(query));
    socket.connect(port, host);
    socket.on('message', (message) => {
      const packet = decode(message);
      // A late answer to another question is not ours; go on listening.
      if (packet && packet.id === id && isFor(packet, question)) end(() => resolve(packet));
    });
  });
}

function overTcp(question: Question, query: Buffer, id: number, timeoutSeconds: number): Promise<DecodedPacket> {
  const { host, port } = hostAndPort(question.server);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      socket.destroy();
      reject(new TrafficUnavailable(`${question.server} did not answer ${question.name} over TCP`, { cause }));
    };
    const socket = connect({ host, port, timeout: timeoutSeconds * 1000 }, () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    let heard = Buffer.alloc(0);
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error(`no answer within ${timeoutSeconds} s`)));
    socket.once('end', () => fail(new Error('the connection was closed before the answer')));
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.length < 2 || heard.length < 2 + heard.readUInt16BE(0)) return;
      const packet = decode(heard.subarray(2, 2 + heard.readUInt16BE(0)));
      if (!packet || packet.id !== id) return fail(new Error('the answer is not to this question'));
      socket.destroy();
      resolve(packet);
    });
  });
}

function decode(message: Buffer): DecodedPacket | null {
  try {
    return dnsPacket.decode(message);
  } catch {
    // Not DNS: the same as no answer, and the time-out says so.
    return null;
  }
}

function isFor(packet: DecodedPacket, question: Question): boolean {
  const [echoed] = packet.questions ?? [];
  return echoed?.name.toLowerCase() === question.name.toLowerCase() && echoed.type === question.type;
}

const RCODES: Record<number, string> = { 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED' };

function read(question: Question, packet: DecodedPacket): DnsAnswer[] {
  const code = (packet.flags ?? 0) & 0xf;
  if (code !== 0 && code !== 3) {
    throw new TrafficUnavailable(
      `${question.server} answered ${RCODES[code] ?? code} for ${question.name} ${question.type}`,
    );
  }
  if (!packet.flag_aa) {
    throw new TrafficUnavailable(
      `${question.server} answered ${question.name} without authority; name the zone's own servers`,
    );
  }
  return (packet.answers ?? []).flatMap(toAnswer);
}

function toAnswer(answer: Answer): DnsAnswer[] {
  if (answer.type !== 'A' && answer.type !== 'CNAME' && answer.type !== 'TXT') return [];
  const data = answer.type === 'TXT' ? textOf(answer.data) : answer.data;
  return [{ name: answer.name.toLowerCase(), type: answer.type, ttlSeconds: answer.ttl ?? 0, data }];
}

function textOf(data: string | Buffer | (string | Buffer)[]): string {
  return [data].flat().map(String).join('');
}
