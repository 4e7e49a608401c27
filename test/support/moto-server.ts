// moto_server, an emulator of AWS that is not ours, as a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';

export type MotoServer = { url: string; close(): Promise<void> };

/** Whether this machine has it on the PATH (`pip install "moto[server]"`). */
export function hasMotoServer(): boolean {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not there, or not able to start: either way there is nothing to test against.
    return false;
  }
}

/** Resolves when it answers; rejects when it ends before. `settings` are variables of moto's own. */
export async function startMotoServer(settings: Record<string, string> = {}): Promise<MotoServer> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, ...settings },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null)
      throw new Error(`moto_server ended with ${child.exitCode} before it answered on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given');
  return address.port;
}
