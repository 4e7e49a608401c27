// Wires: TCP forwarders between process groups, whose network can be cut, in one direction too, and slowed.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../shared/ports/clock.ts';

/** `there`: from who connects to the target. `back`: the target's answers. */
type Direction = 'there' | 'back';

export type Wire = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /**
   * Holds everything that travels in these directions, new connections among it: nothing is refused and nothing answered, as
   * with packets dropped on the way. What was held goes on after `mend`, as TCP sends again.
   */
  cut(directions: readonly Direction[]): void;
  /** Resets every connection and refuses new ones: a firewall that rejects. */
  refuse(): void;
  /** Undoes `cut`, `refuse` and `delay`. */
  mend(): void;
  /** Adds that many seconds to each byte's way in these directions. */
  delay(directions: readonly Direction[], seconds: number): void;
  state(): { held: Direction[]; refusing: boolean; delaySeconds: Record<Direction, number>; connections: number };
  close(): Promise<void>;
};

export type WireOptions = {
  name: string;
  /** Where to listen; port 0 takes a free one. */
  host: string;
  port: number;
  target: { host: string; port: number };
  clock: Clock;
};

/** The most that one direction of a connection holds back before its sender is made to wait. */
const heldBytesLimit = 1024 * 1024;

type Lane = { held: boolean; delaySeconds: number; waiting: Set<() => void> };

/** Opens a forwarder. Throws when the address cannot be listened on. */
export async function openWire(options: WireOptions): Promise<Wire> {
  const lanes: Record<Direction, Lane> = { there: newLane(), back: newLane() };
  const sockets = new Set<Socket>();
  let refusing = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    track(sockets, near);
    if (refusing) near.resetAndDestroy();
    else void carry(near, options, lanes, sockets);
  });
  const port = await listen(server, options.host, options.port);
  return {
    name: options.name,
    host: options.host,
    port,
    cut: (directions) => {
      for (const direction of directions) lanes[direction].held = true;
    },
    refuse: () => {
      refusing = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    mend: () => {
      refusing = false;
      for (const lane of [lanes.there, lanes.back]) {
        lane.held = false;
        lane.delaySeconds = 0;
        for (const go of lane.waiting) go();
        lane.waiting.clear();
      }
    },
    delay: (directions, seconds) => {
      for (const direction of directions) lanes[direction].delaySeconds = seconds;
    },
    state: () => ({
      held: (['there', 'back'] as const).filter((direction) => lanes[direction].held),
      refusing,
      delaySeconds: { there: lanes.there.delaySeconds, back: lanes.back.delaySeconds },
      connections: sockets.size,
    }),
    close: () => closeAll(server, sockets, lanes),
  };
}

function newLane(): Lane {
  return { held: false, delaySeconds: 0, waiting: new Set() };
}

/** One connection. While a cut holds the way there, the onward connection is not made either: its SYN would be lost. */
async function carry(
  near: Socket,
  options: WireOptions,
  lanes: Record<Direction, Lane>,
  sockets: Set<Socket>,
): Promise<void> {
  near.pause();
  await opened(lanes.there);
  if (near.destroyed) return;
  const far = connect({ ...options.target, allowHalfOpen: true, noDelay: true });
  track(sockets, far);
  // Either end's reset travels on, held or not: a reset is all that a dead peer's machine would send.
  far.once('error', () => near.resetAndDestroy());
  near.once('error', () => far.destroy());
  far.once('close', () => near.destroy());
  near.once('close', () => far.destroy());
  pump(near, far, lanes.there, options.clock);
  pump(far, near, lanes.back, options.clock);
}

/** Moves bytes one way in order, each not before its arrival plus the delay, and the end of the stream like a byte. */
function pump(source: Socket, sink: Socket, lane: Lane, clock: Clock): void {
  const queue: { chunk: Buffer | null; dueSeconds: number }[] = [];
  let queuedBytes = 0;
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (let item = queue[0]; item !== undefined && !sink.destroyed; item = queue[0]) {
      const earlySeconds = item.dueSeconds - clock.elapsedSeconds();
      if (earlySeconds > 0) await clock.sleep(earlySeconds);
      await opened(lane);
      queue.shift();
      if (item.chunk === null) sink.end();
      else {
        queuedBytes -= item.chunk.length;
        if (!sink.destroyed && !sink.write(item.chunk)) await drained(sink);
        if (source.isPaused() && queuedBytes < heldBytesLimit) source.resume();
      }
    }
    running = false;
  };
  const take = (chunk: Buffer | null): void => {
    queue.push({ chunk, dueSeconds: clock.elapsedSeconds() + lane.delaySeconds });
    void run();
  };
  source.on('data', (chunk: Buffer) => {
    queuedBytes += chunk.length;
    if (queuedBytes >= heldBytesLimit) source.pause();
    take(chunk);
  });
  source.once('end', () => take(null));
  source.resume();
}

function opened(lane: Lane): Promise<void> {
  return lane.held ? new Promise((resolve) => lane.waiting.add(resolve)) : Promise.resolve();
}

function drained(sink: Socket): Promise<void> {
  return new Promise((resolve) => {
    sink.once('drain', resolve);
    sink.once('close', resolve);
  });
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  // A wire has no opinion on broken connections: both ends see them.
  socket.on('error', () => undefined);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error(`the forwarder on ${host}:${port} listens on no port: ${String(address)}`));
    });
  });
}

async function closeAll(server: Server, sockets: Set<Socket>, lanes: Record<Direction, Lane>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  for (const lane of [lanes.there, lanes.back]) {
    lane.held = false;
    for (const go of lane.waiting) go();
    lane.waiting.clear();
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
