// A name server: answers over UDP and TCP from the zone that its control plane has pushed, and runs that zone's health checks.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, jsonAnswer, startHttp } from '../standins/http.ts';
import { type Checkers, createCheckers } from './checkers.ts';
import { cloudDnsRules } from './cloud-dns-rules.ts';
import { ZoneImage } from './image.ts';
import { look } from './look.ts';
import { type PlaceTable, placeOf } from './place.ts';
import { resolve, type ZoneAnswer, type ZoneRules } from './resolution.ts';
import { route53Rules } from './route53-rules.ts';
import { CODES, type Query, type Reply, readQuery, WRITTEN_TYPES, writeDatagram, writeReply } from './wire.ts';

export type NameServerOptions = {
  host: string;
  /** For DNS, UDP and TCP alike; 0 picks a free one. */
  port: number;
  /** For the control plane's pushes; 0 picks a free one. */
  controlPort: number;
  places: PlaceTable;
  checkersPerCheck: number;
  clock: Clock;
  /** Decides between weighted answers. */
  chance: Chance;
};

export type NameServer = {
  /** `host:port`, as resolvers name it. */
  address: string;
  /** Where control planes push zones to: `PUT /zone`; `GET /zone` tells the serial, `GET /checks/<id>` what checkers saw. */
  controlUrl: string;
  /** From now on queries are left without an answer, as on a dead network; false ends it. */
  setSilent(silent: boolean): void;
  close(): Promise<void>;
};

type State = { image: ZoneImage | null; rules: ZoneRules | null; checkers: Checkers; silent: boolean };

/** Throws when a port cannot be bound. */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  const { clock, checkersPerCheck } = options;
  const state: State = {
    image: null,
    rules: null,
    checkers: createCheckers({ checkersPerCheck, look, clock }),
    silent: false,
  };
  const sockets = new Set<Socket>();
  const { udp, tcp, port } = await bindBoth(options);
  udp.on('message', (message, from) => {
    const query = state.silent ? null : readQuery(message);
    if (query) udp.send(writeDatagram(query, answer(query, from.address, state, options)), from.port, from.address);
  });
  tcp.on('connection', (socket) => serveTcp(socket, sockets, state, options));
  const control = await startHttp(async (request) => serveControl(request, state), {
    host: options.host,
    port: options.controlPort,
  });
  return {
    address: `${options.host}:${port}`,
    controlUrl: control.url,
    setSilent: (silent) => {
      state.silent = silent;
    },
    close: () => closeAll(state, udp, tcp, sockets, control),
  };
}

/** One number for both protocols: the port that UDP got may be taken for TCP, and another one is tried then. */
async function bindBoth({
  host,
  port,
}: {
  host: string;
  port: number;
}): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 0; ; attempt += 1) {
    const udp = createSocket('udp4');
    await new Promise<void>((bound, failed) => {
      udp.once('error', failed);
      udp.bind(port, host, bound);
    });
    const tcp = createServer();
    const picked = udp.address().port;
    try {
      await new Promise<void>((bound, failed) => {
        tcp.once('error', failed);
        tcp.listen(picked, host, bound);
      });
      return { udp, tcp, port: picked };
    } catch (error) {
      udp.close();
      if (port !== 0 || attempt === 9) throw error;
    }
  }
}

async function closeAll(
  state: State,
  udp: UdpSocket,
  tcp: Server,
  sockets: Set<Socket>,
  control: HttpServer,
): Promise<void> {
  state.checkers.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all([
    control.close(),
    new Promise<void>((closed) => udp.close(closed)),
    new Promise<void>((closed) => tcp.close(() => closed())),
  ]);
}

function answer(query: Query, from: string, state: State, { places, chance }: NameServerOptions): Reply {
  const refused = (code: number): Reply => ({ code, answers: [], authorities: [], authoritative: false });
  if (((query.packet.flags ?? 0) >> 11) & 0xf || !WRITTEN_TYPES.includes(query.type)) return refused(CODES.NOTIMP);
  // Until the first push this server has authority for nothing that it could know of.
  if (!state.rules) return refused(CODES.SERVFAIL);
  const asker = { place: placeOf(places, query.subnet?.ip ?? from), fraction: () => chance.fraction() };
  const { code, answers } = resolve(state.rules, query.name, query.type, asker);
  if (code === 'REFUSED') return refused(CODES.REFUSED);
  const authorities = answers.length === 0 ? startOfAuthority(state.rules, asker) : [];
  return { code: CODES[code], answers, authorities, authoritative: true };
}

/** Beside an empty answer: it says how long the emptiness may be remembered. */
function startOfAuthority(rules: ZoneRules, asker: Parameters<ZoneRules['choose']>[2]): ZoneAnswer[] {
  const choice = rules.choose(rules.apex, 'SOA', asker);
  return (choice?.values ?? []).map((data) => ({
    name: rules.apex,
    type: 'SOA',
    ttlSeconds: choice?.ttlSeconds ?? 0,
    data,
  }));
}

function serveTcp(socket: Socket, sockets: Set<Socket>, state: State, options: NameServerOptions): void {
  sockets.add(socket);
  let heard = Buffer.alloc(0);
  socket.once('close', () => sockets.delete(socket));
  // A client that hangs up in the middle is its own affair.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk]);
    while (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
      const end = 2 + heard.readUInt16BE(0);
      const query = state.silent ? null : readQuery(heard.subarray(2, end));
      heard = heard.subarray(end);
      if (!query) continue;
      const reply = writeReply(query, answer(query, socket.remoteAddress ?? '', state, options));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}

function serveControl(request: HttpRequest, state: State): HttpAnswer {
  const [, resource, id] = request.path.split('/').map(decodeURIComponent);
  if (request.method === 'PUT' && resource === 'zone') return takeZone(request, state);
  if (request.method === 'GET' && resource === 'zone') return jsonAnswer(200, { serial: state.image?.serial ?? null });
  if (request.method === 'GET' && resource === 'checks') return jsonAnswer(200, state.checkers.observations(id ?? ''));
  return jsonAnswer(404, { message: `${request.method} ${request.path} is not spoken here` });
}

/** An image that is older than the one here arrived late and is not taken. */
function takeZone(request: HttpRequest, state: State): HttpAnswer {
  const parsed = ZoneImage.safeParse(JSON.parse(request.body.toString('utf8')));
  if (!parsed.success) return jsonAnswer(400, { message: parsed.error.message });
  const image = parsed.data;
  if (state.image && state.image.serial > image.serial) return jsonAnswer(200, { serial: state.image.serial });
  state.image = image;
  state.checkers.follow(image.checks);
  state.rules =
    image.provider === 'route53'
      ? route53Rules(image, (id) => state.checkers.isHealthy(id))
      : cloudDnsRules(image, (check, address) => state.checkers.isHealthy(`${check} ${address}`));
  return jsonAnswer(200, { serial: image.serial });
}
