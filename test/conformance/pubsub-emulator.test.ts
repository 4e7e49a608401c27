// The Pub/Sub notifier against Google's own emulator, where this machine has it.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import { PassThroughClient } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPubSubNotifier, openPublisher } from '../../gcp/adapters/pubsub-notifier.ts';
import { sample } from '../contract/notifier.ts';

const program = ['/usr/lib', '/usr/share', '/opt', '/usr/local', homedir()]
  .map((place) => `${place}/google-cloud-sdk/platform/pubsub-emulator/bin/cloud-pubsub-emulator`)
  .find((path) => existsSync(path));

if (program === undefined) {
  console.log("skipped: Google's Pub/Sub emulator is not on this machine (gcloud components install pubsub-emulator)");
}

describe.skipIf(program === undefined)("Pub/Sub notifier on Google's emulator", () => {
  const topic = 'projects/shop/topics/ops';
  let emulator: ChildProcessByStdio<null, Readable, Readable>;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    emulator = launch(program ?? '', port);
    await untilStarted(emulator);
    await put(port, topic, {});
    await put(port, 'projects/shop/subscriptions/reader', { topic });
  });
  afterAll(() => {
    // The program is a script around Java: the whole group must go.
    if (emulator?.pid !== undefined) process.kill(-emulator.pid, 'SIGKILL');
  });

  const notifierFor = (name: string) =>
    createPubSubNotifier({
      connect: () => openPublisher({ authClient: new PassThroughClient(), at: { host: '127.0.0.1', port } }),
      topic: name,
      timeoutSeconds: 10,
    });

  it('publishes what a subscriber then reads whole, with its attributes', async () => {
    expect(await notifierFor(topic).send(sample)).toMatchObject({ kind: 'sent' });
    const [received] = await pull(port, 'projects/shop/subscriptions/reader');
    expect(received?.message.attributes).toMatchObject({ dedupKey: sample.dedupKey, kind: 'message' });
    expect(JSON.parse(Buffer.from(received?.message.data ?? '', 'base64').toString())).toEqual(sample);
  });

  it('is rejected for good when the topic does not exist', async () => {
    expect(await notifierFor('projects/shop/topics/opps').send(sample)).toMatchObject({
      kind: 'rejected',
      because: expect.stringMatching(/NOT_FOUND/),
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given');
  return address.port;
}

function launch(path: string, port: number): ChildProcessByStdio<null, Readable, Readable> {
  const options = ['--host=127.0.0.1', `--port=${port}`];
  return spawn(path, options, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Resolves when the emulator says that it listens; rejects when it ends before. */
function untilStarted(emulator: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes('Server started')) resolve();
    };
    emulator.stdout.on('data', listen);
    emulator.stderr.on('data', listen);
    emulator.once('exit', (code) => reject(new Error(`the emulator ended with ${code}: ${said}`)));
    emulator.once('error', reject);
  });
}

async function put(port: number, name: string, body: unknown): Promise<void> {
  const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`http://127.0.0.1:${port}/v1/${name}`, init);
  if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
}

type Received = { message: { data?: string; attributes?: Record<string, string> } };

async function pull(port: number, subscription: string): Promise<Received[]> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"maxMessages":10}' };
  const response = await fetch(`http://127.0.0.1:${port}/v1/${subscription}:pull`, init);
  const answer: { receivedMessages?: Received[] } = JSON.parse(await response.text());
  return answer.receivedMessages ?? [];
}
