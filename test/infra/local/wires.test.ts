// Wires between groups: cuts hold what travels, one way or both, and a mend lets it go on.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWire, type Wire } from '../../../infra/local/wires.ts';
import { machineClock } from './machine-clock.ts';

let server: Server;
let wire: Wire;
const heard: string[] = [];
const clients: Socket[] = [];
const slept: number[] = [];

beforeEach(async () => {
  heard.length = 0;
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (data) => {
      heard.push(String(data));
      socket.write(`echo ${data}`);
    });
    socket.on('end', () => socket.end('bye'));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  wire = await openWire({
    name: 'aws to gcp',
    host: '127.0.0.1',
    port: 0,
    target: { host: '127.0.0.1', port: address.port },
    clock: {
      ...machineClock,
      sleep: (seconds) => {
        slept.push(seconds);
        return machineClock.sleep(seconds);
      },
    },
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await wire.close();
  await new Promise((resolve) => server.close(resolve));
});

function dial(): { socket: Socket; got: string[]; errors: string[] } {
  const got: string[] = [];
  const errors: string[] = [];
  const socket = connect({ host: wire.host, port: wire.port, allowHalfOpen: true });
  socket.on('data', (data) => got.push(String(data)));
  socket.on('error', (error) => errors.push('code' in error ? String(error.code) : error.message));
  clients.push(socket);
  return { socket, got, errors };
}

test('a whole wire carries both ways, and the end of the stream too', async () => {
  const client = dial();
  client.socket.end('hello');
  await expect.poll(() => client.got.join('')).toBe('echo hellobye');
});

test('a cut on the way back lets the request through and holds the answer until the mend', async () => {
  const client = dial();
  client.socket.write('one');
  await expect.poll(() => client.got).toEqual(['echo one']);
  wire.cut(['back']);
  client.socket.write('two');
  await expect.poll(() => heard).toEqual(['one', 'two']);
  expect(client.got).toEqual(['echo one']);
  wire.mend();
  await expect.poll(() => client.got.join('|')).toBe('echo one|echo two');
});

test('a cut on the way there holds requests of old and new connections, unrefused and unanswered', async () => {
  const old = dial();
  old.socket.write('one');
  await expect.poll(() => old.got).toEqual(['echo one']);
  wire.cut(['there']);
  old.socket.write('two');
  const fresh = dial();
  fresh.socket.write('three');
  // The wire has taken both (they are its connections) and the server has heard neither.
  await expect.poll(() => wire.state().connections).toBe(3);
  expect(heard).toEqual(['one']);
  expect(fresh.errors).toEqual([]);
  wire.mend();
  await expect.poll(() => [...heard].sort()).toEqual(['one', 'three', 'two']);
  await expect.poll(() => fresh.got).toEqual(['echo three']);
});

test('refusing resets what stands and what comes', async () => {
  const client = dial();
  client.socket.write('one');
  await expect.poll(() => client.got).toEqual(['echo one']);
  wire.refuse();
  await expect.poll(() => client.errors).toEqual(['ECONNRESET']);
  const fresh = dial();
  await expect.poll(() => fresh.errors).toEqual(['ECONNRESET']);
  wire.mend();
  const after = dial();
  after.socket.write('two');
  await expect.poll(() => after.got).toEqual(['echo two']);
});

test('a delay is waited out on the given clock, and keeps the order', async () => {
  wire.delay(['there'], 0.05);
  const client = dial();
  for (const word of ['a', 'b', 'c']) client.socket.write(word);
  await expect.poll(() => heard.join('')).toBe('abc');
  expect(slept.length).toBeGreaterThan(0);
  expect(Math.max(...slept)).toBeLessThanOrEqual(0.05);
  expect(wire.state().delaySeconds).toEqual({ there: 0.05, back: 0 });
});

test('a target that is gone resets the client', async () => {
  await new Promise((resolve) => server.close(resolve));
  const client = dial();
  client.socket.write('one');
  await expect.poll(() => client.errors).toEqual(['ECONNRESET']);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
