// One execution environment of a Lambda function: a child process that is started cold, used warm, and frozen in between.
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Clock } from '../../../shared/ports/clock.ts';
import { EnvironmentMessage, type FunctionError, type InvokeMessage } from './lambda-protocol.ts';

type InvocationResult = { kind: 'returned'; payload: unknown } | { kind: 'failed'; error: FunctionError };

export type ExecutionEnvironment = {
  /** One event at a time. Never throws: what the function or its process does wrong is the result. */
  invoke(message: InvokeMessage): Promise<InvocationResult>;
  /** False once its process has ended or was given up; it is then of no more use. */
  usable(): boolean;
  /** The machine below it is paused in the middle of its work, and goes on later as if nothing had been. */
  freeze(): void;
  thaw(): void;
  end(): Promise<void>;
};

export type EnvironmentOptions = {
  /** What the child process runs: `environmentProgram`, or a bundle of it, which starts faster. */
  program: string;
  functionName: string;
  /** A file that exports the handler: a bundle, or TypeScript. */
  entry: string;
  handlerExport: string;
  env: Record<string, string>;
  clock: Clock;
  onLog(line: string): void;
};

/** Loading does not count against the function's own time. Lambda allows 10 s; a laptop with two busy cores gets more. */
const initLimitSeconds = 30;

/** The program of the child process. */
export const environmentProgram = fileURLToPath(new URL('./lambda-environment.ts', import.meta.url));

/** What Node needs beside its arguments to run these files: tsx when one of them is TypeScript. */
export function loaderArguments(...files: string[]): string[] {
  if (!files.some((file) => file.endsWith('.ts'))) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}

/** Starts a cold environment. What goes wrong in its start is the result of the first event, as with Lambda. */
export function startEnvironment(options: EnvironmentOptions): ExecutionEnvironment {
  const child = fork(options.program, [options.entry, options.handlerExport], {
    env: options.env,
    execArgv: loaderArguments(options.program, options.entry),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', options.onLog);
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal: ${signal}`));
  });
  let usable = true;
  let frozen = false;
  let atWork = false;
  void ended.then(() => {
    usable = false;
  });
  const started = firstMessage(child, ended);
  const giveUp = (): void => {
    usable = false;
    child.kill('SIGKILL');
  };
  return {
    usable: () => usable,
    freeze: () => {
      frozen = true;
      child.kill('SIGSTOP');
    },
    thaw: () => {
      frozen = false;
      if (atWork) child.kill('SIGCONT');
    },
    invoke: async (message) => {
      // Nothing runs between two events: the process stands still from its answer to its next event.
      atWork = true;
      if (!frozen) child.kill('SIGCONT');
      const result =
        (await within(options.clock, initLimitSeconds, started, initTimedOut)) ??
        (await within(options.clock, message.timeoutSeconds, answerOf(child, ended, message), () => timedOut(message)));
      atWork = false;
      if (result.kind === 'failed' && result.error.errorType.startsWith('Sandbox.')) giveUp();
      else if (usable) child.kill('SIGSTOP');
      return result;
    },
    end: async () => {
      giveUp();
      await ended;
    },
  };
}

/** Null when the environment is ready. */
function firstMessage(child: ChildProcess, ended: Promise<string>): Promise<InvocationResult | null> {
  const ready = new Promise<InvocationResult | null>((resolve) => {
    child.once('message', (raw) => {
      const message = EnvironmentMessage.parse(raw);
      resolve(message.kind === 'init-failed' ? { kind: 'failed', error: message.error } : null);
    });
  });
  return Promise.race([ready, ended.then((how) => exited('before it was ready', how))]);
}

async function answerOf(child: ChildProcess, ended: Promise<string>, sent: InvokeMessage): Promise<InvocationResult> {
  let stop: () => void = () => undefined;
  const answered = new Promise<InvocationResult>((resolve) => {
    const listen = (raw: unknown): void => {
      const message = EnvironmentMessage.parse(raw);
      if (message.kind === 'returned' && message.requestId === sent.requestId)
        resolve({ kind: 'returned', payload: message.payload });
      if (message.kind === 'threw' && message.requestId === sent.requestId)
        resolve({ kind: 'failed', error: message.error });
    };
    child.on('message', listen);
    stop = () => child.off('message', listen);
  });
  if (child.connected) child.send(sent, ignoreEnded);
  const died = ended.then((how) => exited(`RequestId: ${sent.requestId}`, how));
  return await Promise.race([answered, died]).finally(() => stop());
}

/** The channel broke while we wrote: the end of the process, which is watched, says more. */
function ignoreEnded(): void {}

async function within<T>(clock: Clock, seconds: number, work: Promise<T>, late: () => T): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(seconds, done.signal).then(late)]);
  } finally {
    done.abort();
  }
}

function exited(when: string, how: string): InvocationResult {
  const errorMessage = `${when} Error: Runtime exited with error: ${how}`;
  return { kind: 'failed', error: { errorType: 'Runtime.ExitError', errorMessage, trace: [] } };
}

function initTimedOut(): InvocationResult {
  const errorMessage = `Error: the function was not loaded within ${initLimitSeconds} seconds`;
  return { kind: 'failed', error: { errorType: 'Sandbox.InitTimedout', errorMessage, trace: [] } };
}

function timedOut(message: InvokeMessage): InvocationResult {
  const errorMessage = `RequestId: ${message.requestId} Error: Task timed out after ${message.timeoutSeconds.toFixed(2)} seconds`;
  return { kind: 'failed', error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } };
}
