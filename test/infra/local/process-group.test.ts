// Losing a region: the whole tree dies, also members with sessions of their own, orphans, and stopped ones.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { guardExit, killAll, type ProcessGroup, spawnGroup } from '../../../infra/local/process-group.ts';
import { listProcesses } from '../../../infra/local/process-tree.ts';

const groups: ProcessGroup[] = [];
afterEach(async () => {
  await killAll(groups.splice(0));
});

/** Starts a script and waits for the pids that it prints, one a line. */
async function start(script: string, lines: number): Promise<{ group: ProcessGroup; pids: number[] }> {
  const pids: number[] = [];
  let complain = '';
  let ready: () => void = () => undefined;
  const printed = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const group = await spawnGroup({
    name: 'region',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    onLine: (line, stream) => {
      if (stream === 'stderr') complain += line;
      else if (pids.push(Number(line)) === lines) ready();
    },
  });
  groups.push(group);
  await Promise.race([
    printed,
    group.exited.then((ending) => {
      if (pids.length < lines) throw new Error(`ended early: ${JSON.stringify(ending)} ${complain}`);
    }),
  ]);
  return { group, pids };
}

const alive = (pids: readonly number[]): number[] => {
  const living = new Set(
    listProcesses()
      .filter((row) => row.state !== 'Z')
      .map((row) => row.pid),
  );
  return pids.filter((pid) => living.has(pid));
};

const idle = 'setInterval(() => {}, 1000)';
/** A child in a session of its own, as PostgreSQL makes for every backend, with a child in yet another. */
const nested = `
  const { spawn } = require('node:child_process');
  const own = { detached: true, stdio: ['ignore', 'inherit', 'inherit'] };
  spawn(process.execPath, ['-e', ${JSON.stringify(`
    const { spawn } = require('node:child_process');
    console.log(process.pid);
    spawn(process.execPath, ['-e', 'console.log(process.pid); ${idle}'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
    ${idle}`)}], own);
  console.log(process.pid);
  ${idle}`;

test('killing a group ends members that made sessions of their own', async () => {
  const { group, pids } = await start(nested, 3);
  expect(new Set(group.members())).toEqual(new Set(pids));
  await group.kill();
  expect(alive(pids)).toEqual([]);
  expect(await group.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await group.kill();
});

test('an orphan with its own session is found by the mark that it inherited, and is gone with its leader', async () => {
  const { group, pids } = await start(
    `const { spawn } = require('node:child_process');
     const child = spawn(process.execPath, ['-e', 'console.log(process.pid); ${idle}'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
     child.once('spawn', () => process.stdin.once('data', () => process.exit(7)));
     `,
    1,
  );
  group.send('end');
  expect(await group.exited).toEqual({ code: 7, signal: null });
  await group.kill();
  expect(alive(pids)).toEqual([]);
});

test('a paused group stands still and can be resumed, or killed as it stands', async () => {
  const { group, pids } = await start(nested, 3);
  group.pause();
  const states = (): string[] =>
    listProcesses()
      .filter((row) => pids.includes(row.pid))
      .map((row) => row.state);
  await expect.poll(states).toEqual(['T', 'T', 'T']);
  group.resume();
  await expect.poll(() => states().includes('T')).toBe(false);
  group.pause();
  await group.kill();
  expect(alive(pids)).toEqual([]);
});

test('members that fork all the time do not outrun the kill', async () => {
  const { group } = await start(
    `const { spawn } = require('node:child_process');
     const go = () => { const c = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' }); c.on('error', () => {}); };
     setInterval(go, 2);
     setTimeout(() => console.log(process.pid), 150);`,
    1,
  );
  const before = group.members();
  expect(before.length).toBeGreaterThan(5);
  await group.kill();
  expect(group.members()).toEqual([]);
  expect(alive(before)).toEqual([]);
});

test('Ctrl-C kills every group before the process exits with 130', async () => {
  const one = await start(nested, 3);
  const two = await start(nested, 3);
  const codes: number[] = [];
  const hooks = Object.assign(new EventEmitter(), { exit: (code: number) => codes.push(code) });
  const release = guardExit(hooks, () => [one.group, two.group]);
  hooks.emit('SIGINT');
  expect(codes).toEqual([130]);
  await expect.poll(() => alive([...one.pids, ...two.pids])).toEqual([]);
  release();
  expect(hooks.listenerCount('SIGINT') + hooks.listenerCount('exit')).toBe(0);
});

test('a leader whose starter is killed ends itself and its members', async () => {
  const starter = fileURLToPath(new URL('./starter.ts', import.meta.url));
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const child = spawn(process.execPath, ['--import', pathToFileURL(tsx).href, starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pids: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => pids.push(Number(line)));
  await expect.poll(() => pids.length, { timeout: 15_000 }).toBe(2);
  child.kill('SIGKILL');
  await expect.poll(() => alive(pids), { timeout: 15_000 }).toEqual([]);
});

test('a command that cannot be started says so', async () => {
  await expect(
    spawnGroup({ name: 'region', command: '/nonexistent/postgres', args: [], env: {}, onLine: () => undefined }),
  ).rejects.toThrow('group region: could not start /nonexistent/postgres');
});
