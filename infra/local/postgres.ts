// A real PostgreSQL server on this machine: initialised once, copied, started, stopped, killed and frozen.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory, moveOnce, othersMayEnter, postgresHome, SERVER_USER } from './postgres-binaries.ts';
import { listProcesses } from './process-tree.ts';

/** The superuser that initdb makes, let in without a password from this machine. The product never connects as it. */
export const BOOTSTRAP_USER = 'bootstrap';

export type LocalPostgres = {
  host: string;
  port: number;
  /** The postmaster's process id. */
  pid: number;
  dataDir: string;
  /** Resolves when the postmaster is gone, whoever ended it. */
  exited: Promise<void>;
  /** Fast shutdown: sessions are ended, a checkpoint is written. */
  stop(): Promise<void>;
  /** The machine is lost: SIGKILL for the postmaster and every backend. */
  kill(): Promise<void>;
  /** SIGSTOP for all of them: the server is there and answers nothing. */
  pause(): void;
  resume(): void;
};

export type PostgresOptions = {
  /** Made when missing; used again as it is when it holds a cluster. Its log is `<dataDir>/server.log`. */
  dataDir: string;
  host: string;
  /** 0: a free port. */
  port: number;
  /** Server settings, by their names in postgresql.conf; these win over the defaults below. */
  settings: Record<string, string>;
  /** The folder that holds `bin/initdb` and `bin/postgres`; npm's when left out. */
  home?: string | undefined;
};

// fsync off: a killed process loses nothing that it wrote, only a power cut would. The rest is what a replicating pair needs.
const DEFAULTS: Record<string, string> = {
  fsync: 'off',
  wal_level: 'logical',
  track_commit_timestamp: 'on',
  max_connections: '80',
  max_wal_senders: '10',
  max_replication_slots: '20',
  max_logical_replication_workers: '16',
  max_worker_processes: '24',
  max_slot_wal_keep_size: '1GB',
  wal_retrieve_retry_interval: '500ms',
  shared_buffers: '32MB',
  dynamic_shared_memory_type: 'mmap',
  unix_socket_directories: '',
  log_min_messages: 'warning',
};

/** Starts a server and answers when it accepts connections. Throws with the tail of its log when it does not within 30 s. */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const home = options.home ?? postgresHome();
  initialise(options.dataDir, home);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await freePort(options.host) : options.port;
    const child = launch(options, home, port);
    try {
      await untilReady(child, options.dataDir);
      return handle(child, options, port);
    } catch (error) {
      // A free port may be taken by somebody else before the server has it.
      if (options.port !== 0 || attempt === 5) throw error;
    }
  }
}

/** Makes an empty cluster at `dataDir`, or leaves the one that is there. */
function initialise(dataDir: string, home: string): void {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  if (SERVER_USER && !othersMayEnter(dirname(dataDir))) {
    throw new Error(
      `the server runs as nobody and cannot enter ${dirname(dataDir)}: give the directories above it mode 0711`,
    );
  }
  own(dataDir);
  run('cp', ['-R', `${template(home)}/.`, dataDir]);
  run('chmod', ['0700', dataDir]);
}

function template(home: string): string {
  const server = statSync(join(home, 'bin', 'postgres'));
  const place = join(cacheDirectory(), `template-1-${server.size}-${Math.floor(server.mtimeMs)}`);
  if (existsSync(place)) return place;
  const draft = `${place}.${randomUUID()}`;
  mkdirSync(draft);
  own(draft);
  const flags = ['-N', '--locale=C', '-E', 'UTF8', '--wal-segsize=1', '-A', 'trust', '-U', BOOTSTRAP_USER];
  run(join(home, 'bin', 'initdb'), ['-D', draft, ...flags]);
  // Everybody but the bootstrap user needs a password, as on a managed server: PostgreSQL asks it of subscriptions.
  const hosts = [`host all ${BOOTSTRAP_USER} 127.0.0.0/8 trust`, 'host all all 127.0.0.0/8 scram-sha-256'];
  writeFileSync(join(draft, 'pg_hba.conf'), `${hosts.join('\n')}\n`);
  moveOnce(draft, place);
  return place;
}

function own(path: string): void {
  if (SERVER_USER) chownSync(path, SERVER_USER.uid, SERVER_USER.gid);
}

function run(command: string, args: string[]): void {
  const result = spawnSync(command, args, {
    ...SERVER_USER,
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  });
  if (result.status === 0) return;
  throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`, {
    cause: result.error,
  });
}

function launch({ dataDir, host, settings }: PostgresOptions, home: string, port: number): ChildProcess {
  const all = { ...DEFAULTS, ...settings, listen_addresses: host, port: String(port) };
  const args = ['-D', dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const log = openSync(join(dataDir, 'server.log'), 'a');
  const child = spawn(join(home, 'bin', 'postgres'), args, {
    ...SERVER_USER,
    cwd: '/',
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

/** The postmaster writes `ready` into the eighth line of its pid file. */
async function untilReady(child: ChildProcess, dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 10) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL ended with ${child.exitCode ?? child.signalCode} at its start:\n${logTail(dataDir)}`);
    }
    const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return;
    await sleep(10);
  }
  child.kill('SIGKILL');
  throw new Error(`PostgreSQL was not ready after 30 s:\n${logTail(dataDir)}`);
}

function logTail(dataDir: string): string {
  return readFileSync(join(dataDir, 'server.log'), 'utf8').split('\n').slice(-15).join('\n');
}

function handle(child: ChildProcess, { dataDir, host }: PostgresOptions, port: number): LocalPostgres {
  const pid = child.pid;
  if (pid === undefined) throw new Error(`PostgreSQL has no process id: ${logTail(dataDir)}`);
  const running = () => child.exitCode === null && child.signalCode === null;
  const exited = new Promise<void>((resolve) => (running() ? child.once('exit', () => resolve()) : resolve()));
  const signalAll = (signal: NodeJS.Signals) => {
    if (running()) for (const each of [pid, ...backendsOf(pid)]) send(each, signal);
  };
  return {
    host,
    port,
    pid,
    dataDir,
    exited,
    stop: async () => {
      if (running()) child.kill('SIGINT');
      await exited;
    },
    kill: async () => {
      // Frozen first, so that it can neither start new backends nor take the death of one for a crash to recover from.
      if (running()) child.kill('SIGSTOP');
      const backends = backendsOf(pid);
      signalAll('SIGKILL');
      await exited;
      await untilGone(backends);
    },
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
  };
}

/** PostgreSQL's backends are the postmaster's own children; each has made a session of its own. */
function backendsOf(postmaster: number): number[] {
  return listProcesses()
    .filter((row) => row.parent === postmaster)
    .map((row) => row.pid);
}

/** A killed process takes a moment to leave; its port and its memory are taken until then. */
async function untilGone(pids: number[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 5) {
    const left = listProcesses().filter(({ pid, state }) => state !== 'Z' && pids.includes(pid));
    if (left.length === 0) return;
    await sleep(5);
  }
  throw new Error(`backends ${pids.join(', ')} of PostgreSQL were still there 5 s after SIGKILL`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself between the listing and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error(`no free port on ${host}`)),
      );
    });
  });
}
