// `causeway keeper` as a process beside the application, as a container platform runs it: started again a moment after it has ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';

export type KeeperProcess = {
  /** SIGSTOP where it stands, and SIGCONT. One that is started while frozen stands still from its first moment. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL; it is started again. */
  kill(): void;
  /** SIGKILL, for good. */
  end(): Promise<void>;
};

export type KeeperProcessOptions = {
  site: string;
  /** The whole environment. */
  env: Record<string, string>;
  restartSeconds: number;
  clock: Clock;
  onLog(line: string): void;
  onTrouble(because: string): void;
};

/** The program that operators run. */
const program = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));

/** Starts at once. */
export function startKeeperProcess(options: KeeperProcessOptions): KeeperProcess {
  const closing = createClosing();
  let child: ChildProcess | null = null;
  let frozen = false;
  const live = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      child = launch(options);
      if (frozen) child.kill('SIGSTOP');
      const how = await endOf(child);
      if (closing.signal.aborted) return;
      options.onTrouble(
        `the keeper beside the application of ${options.site} has ended (${how}), and is started again`,
      );
      await options.clock.sleep(options.restartSeconds, closing.signal);
    }
  };
  const living = live();
  return {
    freeze: () => {
      frozen = true;
      child?.kill('SIGSTOP');
    },
    thaw: () => {
      frozen = false;
      child?.kill('SIGCONT');
    },
    kill: () => void child?.kill('SIGKILL'),
    end: async () => {
      closing.abort();
      child?.kill('SIGKILL');
      await living;
    },
  };
}

function launch({ site, env, onLog }: KeeperProcessOptions): ChildProcess {
  const child = spawn(process.execPath, ['--no-warnings', program, 'keeper', '--site', site], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLog);
  return child;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`));
  });
}
