// An operator's command line, run as typed: the real program, in a process of its own, at a terminal beside the witness.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorldPlan } from '../world/plan.ts';
import { regionEnvironment } from '../world/region-environment.ts';

export type CommandResult = { code: number | null; out: string; err: string };

const program = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));

/** Resolves when it has ended, whatever its exit code; rejects when it cannot be started. */
export function runOperatorCommand(plan: WorldPlan, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, ['--no-warnings', program, ...args], {
    env: regionEnvironment(plan, 'witness', 'aws', join(plan.dir, 'strategy-witness.yaml')),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
