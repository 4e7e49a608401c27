// DNS on the wire: what a query asks and from where, and answers that fit into a datagram.
import dnsPacket, { type Answer, type DecodedPacket, type PacketOpt } from 'dns-packet';
import type { ZoneAnswer } from './resolution.ts';

export type Query = {
  id: number;
  recursionDesired: boolean;
  name: string;
  type: string;
  /** The client's network as its resolver told it (RFC 7871); null when it did not. */
  subnet: { ip: string; prefixLength: number } | null;
  /** The largest datagram that the asker takes; null without EDNS. */
  payloadBytes: number | null;
  packet: DecodedPacket;
};

export type Reply = { code: number; answers: ZoneAnswer[]; authorities: ZoneAnswer[]; authoritative: boolean };

export const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** Larger datagrams are cut up on the way and get lost (DNS flag day 2020). */
const LARGEST_DATAGRAM_BYTES = 1232;

/** Null for what is no query: it is not worth an answer. */
export function readQuery(message: Buffer): Query | null {
  const packet = decode(message);
  const [question] = packet?.questions ?? [];
  if (!packet || packet.flag_qr || !question) return null;
  const opt = packet.additionals?.find((one) => one.type === 'OPT');
  const options = opt?.type === 'OPT' ? opt.options : [];
  return {
    id: packet.id ?? 0,
    recursionDesired: packet.flag_rd,
    name: question.name.toLowerCase(),
    type: question.type,
    subnet: options.flatMap(subnetOf)[0] ?? null,
    payloadBytes: opt?.type === 'OPT' ? opt.udpPayloadSize : null,
    packet,
  };
}

function decode(message: Buffer): DecodedPacket | null {
  try {
    return dnsPacket.decode(message);
  } catch {
    // Garbage from the network; a name server that answered it would be a mirror.
    return null;
  }
}

function subnetOf(option: PacketOpt): { ip: string; prefixLength: number }[] {
  return 'ip' in option && option.ip !== undefined
    ? [{ ip: option.ip, prefixLength: option.sourcePrefixLength ?? 0 }]
    : [];
}

export function writeReply(query: Query, reply: Reply): Buffer {
  return encode(query, reply, reply.answers, 0);
}

/** Cut short, with the flag that sends the asker to TCP, when it does not fit. */
export function writeDatagram(query: Query, reply: Reply): Buffer {
  const whole = writeReply(query, reply);
  const limit = query.payloadBytes === null ? 512 : Math.min(Math.max(query.payloadBytes, 512), LARGEST_DATAGRAM_BYTES);
  return whole.length <= limit ? whole : encode(query, reply, [], dnsPacket.TRUNCATED_RESPONSE);
}

function encode(query: Query, reply: Reply, answers: ZoneAnswer[], flags: number): Buffer {
  return dnsPacket.encode({
    type: 'response',
    id: query.id,
    flags:
      flags |
      reply.code |
      (reply.authoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) |
      (query.recursionDesired ? dnsPacket.RECURSION_DESIRED : 0),
    questions: query.packet.questions?.slice(0, 1) ?? [],
    answers: answers.map(toWire),
    authorities: flags === 0 ? reply.authorities.map(toWire) : [],
    additionals: query.payloadBytes === null ? [] : [optOf(query)],
  });
}

function optOf({ subnet }: Query): Answer {
  // Answers depend on the whole prefix that was told, so they hold for that prefix and no other.
  const echoed: PacketOpt[] = subnet
    ? [
        {
          code: 8,
          family: 1,
          ip: subnet.ip,
          sourcePrefixLength: subnet.prefixLength,
          scopePrefixLength: subnet.prefixLength,
        },
      ]
    : [];
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: LARGEST_DATAGRAM_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: echoed,
  };
}

/** Types whose data is written here; a question for another type of record is NOTIMP. */
export const WRITTEN_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SOA', 'TXT'];

function toWire({ name, type, ttlSeconds: ttl, data }: ZoneAnswer): Answer {
  const bare = data.replace(/\.$/, '');
  switch (type) {
    case 'A':
    case 'AAAA':
      return { name, type, ttl, data };
    case 'CNAME':
    case 'NS':
      return { name, type, ttl, data: bare };
    case 'TXT':
      return { name, type, ttl, data: unquoted(data) };
    case 'MX': {
      const [preference = '0', exchange = ''] = bare.split(' ');
      return { name, type, ttl, data: { preference: Number(preference), exchange } };
    }
    case 'SOA':
      return { name, type, ttl, data: soaOf(data) };
    default:
      throw new Error(`no wire format for ${type} records here; written are ${WRITTEN_TYPES.join(', ')}`);
  }
}

/** Zone files quote each string of a TXT record. */
function unquoted(data: string): string[] {
  const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
  return strings.length > 0 ? strings : [data];
}

function soaOf(data: string) {
  const [mname = '', rname = '', ...numbers] = data.split(' ');
  const [serial, refresh, retry, expire, minimum] = numbers.map(Number);
  const bare = (name: string) => name.replace(/\.$/, '');
  return { mname: bare(mname), rname: bare(rname), serial, refresh, retry, expire, minimum };
}
