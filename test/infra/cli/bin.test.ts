// The program as it is installed: a process of its own, with real standard output, real signals and real exit codes.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/test-postgres.ts';
import { startEstate, type TestEstate } from './estate.ts';

const bin = fileURLToPath(new URL('../../../infra/cli/bin.mjs', import.meta.url));
let estate: TestEstate;
let directory: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  estate = await startEstate();
  directory = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
});
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
  await estate?.close();
});

function causeway(args: string[], env: Record<string, string | undefined> = {}) {
  const child = spawn(process.execPath, [bin, ...args], { cwd: directory, env: { ...process.env, ...env } });
  running.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    said.out += String(data);
  });
  child.stderr.on('data', (data) => {
    said.err += String(data);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, said, ended };
}

it('runs from any directory, and prints everything before it ends', async () => {
  const { said, ended } = causeway(['validate', '--schema']);
  expect(await ended).toBe(0);
  expect(said.err).toBe('');
  expect(JSON.parse(said.out)).toMatchObject({ title: 'Causeway strategy' });
});

it('exits 2 on wrong usage', async () => {
  const { said, ended } = causeway(['nonsense']);
  expect(await ended).toBe(2);
  expect(said.err).toContain("unknown command 'nonsense'");
});

it('a process that keeps on ends with 0 on SIGTERM, and loads without a warning', async () => {
  const file = join(directory, 'strategy.yaml');
  const { io, env } = estate.terminal();
  writeFileSync(file, io.readFile('/estate/strategy.yaml'));
  const { child, said, ended } = causeway(['watchtower', '--name', 'watchtower'], { ...env, CAUSEWAY_STRATEGY: file });
  await eventually('it watches', async () => said.out.includes('watching aws and gcp'));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(said.err).toBe('');
  expect(said.out).toContain('"message":"ended"');
});
