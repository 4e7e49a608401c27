// One contestant's run: its time, the memory at its peak, and the requests that it made.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod';

export type Measured = { tookSeconds: number; cpuSeconds: number; peakBytes: number; seconds: number[] };

const Told = z.object({ tookSeconds: z.number(), cpuSeconds: z.number(), seconds: z.array(z.number()) });

/** Rejects with what the program printed when it ends with an error. */
export function measureRun(
  [program, ...args]: readonly [string, ...string[]],
  env: Record<string, string>,
  timesItself: boolean,
): Promise<Measured> {
  const began = performance.now();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peakBytes = 0;
  let cpuSeconds = 0;
  const looking = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid));
  }, 20);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(looking);
      const tookSeconds = (performance.now() - began) / 1000;
      if (code !== 0) reject(new Error(`${program} ended with ${code}: ${err.slice(-1500)}`));
      else
        resolve({
          tookSeconds,
          cpuSeconds,
          seconds: [],
          ...(timesItself ? Told.parse(JSON.parse(out)) : {}),
          peakBytes,
        });
    });
  });
}

/** Linux tells the highest that it ever was; elsewhere it stays unknown, as 0. */
function peakOf(pid: number | undefined): number {
  try {
    const told = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(told ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** User and system time, which Linux tells in hundredths of a second; elsewhere 0. */
function cpuOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
