// A region as its own tree of processes: losing the region is killing all of it at once, whatever sessions its members made.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { groupVariable, listProcesses, membersOf, type ProcessRow } from './process-tree.ts';

export type GroupOptions = {
  name: string;
  command: string;
  args: string[];
  /** The whole environment of the group; nothing is inherited. */
  env: Record<string, string>;
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
};

type Ending = { code: number | null; signal: string | null };

export type ProcessGroup = {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the leader has ended, by itself or killed. */
  readonly exited: Promise<Ending>;
  /** Pids of the group that are alive now, the leader's among them. */
  members(): number[];
  /** Writes one line to the leader's standard input. */
  send(line: string): void;
  /** SIGKILLs every member, repeating until none is left; throws when some outlive that. Safe to repeat. */
  kill(): Promise<void>;
  /** The same in one go without waiting, for a process that is itself about to end. */
  killNow(): void;
  /** Stops every member where it stands, as a hung hypervisor would, or lets all go on. */
  pause(): void;
  resume(): void;
};

const killDeadlineSeconds = 10;

/**
 * Starts a command as the leader of a new session. Its standard input stays open for as long as we live: a leader that
 * reads its end (see `endWithParent`) knows that we are gone, even by SIGKILL. When the leader ends, what it left is killed.
 */
export async function spawnGroup(options: GroupOptions): Promise<ProcessGroup> {
  // Not an id that anything is decided by: it only has to differ from every other group's on this machine.
  const mark = `${options.name}-${randomUUID()}`;
  const child = spawn(options.command, options.args, {
    detached: true,
    env: { ...options.env, [groupVariable]: mark },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = endingOf(child);
  const pid = await startedPid(child, options);
  createInterface({ input: child.stdout }).on('line', (line) => options.onLine(line, 'stdout'));
  createInterface({ input: child.stderr }).on('line', (line) => options.onLine(line, 'stderr'));
  child.stdin.on('error', (error) => options.onLine(`standard input is closed: ${error.message}`, 'stderr'));
  const members = memberFinder(pid, mark);
  const killNow = (): void => {
    freeze(members);
    signalAll(members(), 'SIGKILL');
  };
  const group: ProcessGroup = {
    name: options.name,
    pid,
    exited,
    members,
    send: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      await killUntilNone(options.name, members, killNow);
      await exited;
    },
    killNow,
    pause: () => freeze(members),
    resume: () => signalAll(members(), 'SIGCONT'),
  };
  void exited.then(() => group.killNow());
  return group;
}

/** Kills all groups at once. Every one is tried; throws an `AggregateError` of those that would not die. */
export async function killAll(groups: readonly ProcessGroup[]): Promise<void> {
  const results = await Promise.allSettled(groups.map((group) => group.kill()));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${groups.length} groups live on`);
}

/** What `guardExit` needs of `process`. */
export type ExitHooks = {
  on(event: 'exit' | 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  off(event: 'exit' | 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(code: number): void;
};

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Makes sure that no group outlives us, on exit and on Ctrl-C. `groups` is asked when it happens. Returns the function that
 * takes the hooks away again.
 */
export function guardExit(hooks: ExitHooks, groups: () => readonly ProcessGroup[]): () => void {
  const onExit = (): void => {
    for (const group of groups()) group.killNow();
  };
  const quit = (code: number) => (): void => {
    onExit();
    hooks.exit(code);
  };
  const listeners = [
    ['exit', onExit],
    ['SIGINT', quit(exitCodes.SIGINT)],
    ['SIGTERM', quit(exitCodes.SIGTERM)],
    ['SIGHUP', quit(exitCodes.SIGHUP)],
  ] as const;
  for (const [event, listener] of listeners) hooks.on(event, listener);
  return () => {
    for (const [event, listener] of listeners) hooks.off(event, listener);
  };
}

/** For a leader: calls `end` once its standard input is over, which means that whoever started it is gone. */
export function endWithParent(input: NodeJS.ReadableStream, end: () => void): void {
  input.once('end', end);
  input.once('error', end);
  input.resume();
}

/** For a leader: SIGKILLs everything that it started, and itself last. `mark` is its own `CAUSEWAY_GROUP`. */
export function killOwnGroup(mark: string): void {
  const members = memberFinder(process.pid, mark);
  const others = (): number[] => members().filter((pid) => pid !== process.pid);
  freeze(others);
  signalAll(others(), 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
}

/**
 * Lists a group's living members. Who was once found is remembered for as long as it lives: a member with a session of its
 * own could not be told from a stranger once its parent is dead and its environment overwritten, as PostgreSQL's are.
 */
function memberFinder(leader: number, mark: string): () => number[] {
  const known = new Set<string>();
  // Once nobody is left the group is over for good: its numbers may be given to strangers from then on.
  let over = false;
  const name = (row: ProcessRow): string => `${row.pid}@${row.started}`;
  return () => {
    if (over) return [];
    const rows = listProcesses();
    const found = new Map(membersOf(leader, mark, rows).map((row) => [name(row), row.pid]));
    for (const row of rows) if (known.has(name(row)) && row.state !== 'Z') found.set(name(row), row.pid);
    known.clear();
    for (const key of found.keys()) known.add(key);
    over = found.size === 0;
    return [...found.values()];
  };
}

/** Stops members until no new one turns up: what is stopped cannot fork, so the next listing is complete. */
function freeze(members: () => number[]): void {
  const stopped = new Set<number>();
  for (;;) {
    const fresh = members().filter((pid) => !stopped.has(pid));
    if (fresh.length === 0) return;
    signalAll(fresh, 'SIGSTOP');
    for (const pid of fresh) stopped.add(pid);
  }
}

async function killUntilNone(name: string, members: () => number[], killNow: () => void): Promise<void> {
  const deadline = performance.now() + killDeadlineSeconds * 1000;
  while (members().length > 0) {
    if (performance.now() > deadline) {
      throw new Error(
        `group ${name}: processes ${members().join(', ')} still live ${killDeadlineSeconds} s after SIGKILL; look for uninterruptible disk waits (ps -o stat,wchan)`,
      );
    }
    killNow();
    await wait(10);
  }
}

function signalAll(pids: readonly number[], signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // Ended in the meantime: what a kill wants, and no matter to a pause.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

function startedPid(child: ChildProcess, options: GroupOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`group ${options.name}: could not start ${options.command}: ${cause.message}`, { cause })),
    );
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}
