// One instance of a Cloud Function: the real functions-framework in a child process, on a port of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { callHttp, type HttpReply } from '../http-call.ts';
import { loaderArguments } from './execution-environment.ts';

export type FunctionRequest = { method: string; path: string; headers: Record<string, string>; body: string | null };

export type FunctionInstance = {
  readonly port: number;
  call(request: FunctionRequest, timeoutSeconds: number, signal: AbortSignal): Promise<HttpReply>;
  usable(): boolean;
  /** The machine below it is paused in the middle of its work, and goes on later as if nothing had been. */
  freeze(): void;
  thaw(): void;
  end(): Promise<void>;
};

export type InstanceOptions = {
  name: string;
  /** A file that exports the target: a bundle, or TypeScript below a package of type `module`. */
  source: string;
  target: string;
  signature: 'http' | 'cloudevent';
  env: Record<string, string>;
  onLog(line: string): void;
};

/** The framework's own program, run as `functions-framework` would run it. */
const program = createRequire(import.meta.url)
  .resolve('@google-cloud/functions-framework')
  .replace(/index\.js$/, 'main.js');

const startLimitSeconds = 30;
const startAttempts = 3;

/** Resolves when the framework serves. Rejects, with what it printed, when it does not within 30 s. */
export async function startInstance(options: InstanceOptions): Promise<FunctionInstance> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const started = await tryStart(options, port);
    if (started.kind === 'serving') return instanceOf(started.child, started.ended, port);
    started.child.kill('SIGKILL');
    // The framework cannot choose a port by itself, so somebody else may have taken the one that was free.
    if (attempt < startAttempts && started.printed.includes('EADDRINUSE')) continue;
    throw new Error(
      `function ${options.name}: the functions-framework did not serve on port ${port} (attempt ${attempt} of ${startAttempts}, limit ${startLimitSeconds} s); it printed: ${started.printed.trim() || 'nothing'}`,
    );
  }
}

type Started = { child: ChildProcess; ended: Promise<void> } & (
  | { kind: 'serving' }
  | { kind: 'failed'; printed: string }
);

function tryStart(options: InstanceOptions, port: number): Promise<Started> {
  const child = spawn(
    process.execPath,
    [
      ...loaderArguments(options.source),
      program,
      `--source=${options.source}`,
      `--target=${options.target}`,
      `--signature-type=${options.signature}`,
      `--port=${port}`,
    ],
    {
      env: { K_SERVICE: options.name, K_REVISION: `${options.name}-00001`, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let printed = '';
  return new Promise((resolve) => {
    const fail = (): void => resolve({ kind: 'failed', child, ended, printed });
    const timer = setTimeout(fail, startLimitSeconds * 1000);
    const read = (line: string): void => {
      printed = `${printed}${line}\n`.slice(-4000);
      if (/^(Serving function\.\.\.|Function: |Signature type: |URL: )/.test(line)) {
        if (line.startsWith('Serving')) resolve({ kind: 'serving', child, ended });
      } else options.onLog(line);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', read);
    child.once('error', (error) => {
      printed += error.message;
    });
    void ended.then(fail).finally(() => clearTimeout(timer));
  });
}

function instanceOf(child: ChildProcess, ended: Promise<void>, port: number): FunctionInstance {
  let usable = true;
  void ended.then(() => {
    usable = false;
  });
  return {
    port,
    usable: () => usable,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    call: (request, timeoutSeconds, signal) =>
      callHttp({ ...request, host: '127.0.0.1', port, timeoutSeconds, signal }),
    end: async () => {
      usable = false;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    // All interfaces, as the framework listens.
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port')),
      );
    });
  });
}
