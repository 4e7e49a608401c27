// A peer's site: its programs on a machine of the bench's network, as an ordinary user, killed, frozen and cut off together.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killAll, type ProcessGroup, spawnGroup } from '../../../infra/local/process-group.ts';
import type { Machine } from './site-net.ts';

/** Where Debian puts PostgreSQL 15. */
export const postgresHome = '/usr/lib/postgresql/15';

export type PeerSite = {
  readonly machine: Machine;
  /** A directory of its own, which the programs may write to. */
  readonly dir: string;
  /** Starts a program that stays. */
  launch(name: string, command: string[]): Promise<void>;
  /** Runs a program to its end and answers what it printed. Throws with what it said when it fails. */
  exec(command: string[]): Promise<string>;
  kill(): Promise<void>;
  /** Kills all but PostgreSQL. */
  killManager(): Promise<void>;
  freeze(): void;
  thaw(): void;
  groups(): ProcessGroup[];
};

const execFileLater = promisify(execFile);
const userName = 'postgres';

/** The user that Debian's packages make for PostgreSQL, which refuses to run as root; null when there is none. */
export function postgresUser(): { uid: number; gid: number } | null {
  const found = spawnSync('getent', ['passwd', userName], { encoding: 'utf8' });
  const [, , uid, gid] = found.stdout?.split(':') ?? [];
  return found.status === 0 && uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** A directory for a whole pair; removed on exit and by the function that comes with it. */
export function openPeerDirectory(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  chmodSync(dir, 0o755);
  // A dying database may still make a file in a directory that is being removed.
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    process.off('exit', remove);
  };
  process.on('exit', remove);
  return { dir, remove };
}

/** `onLine` is told what its programs print. */
export function openPeerSite(
  machine: Machine,
  dir: string,
  env: Record<string, string>,
  onLine: (line: string) => void,
): PeerSite {
  const user = postgresUser();
  if (user === null) throw new Error(`there is no user ${userName}`);
  for (const path of [dir, join(dir, 'run')]) {
    mkdirSync(path, { mode: 0o755 });
    chownSync(path, user.uid, user.gid);
  }
  // Servers of one machine would fight for the directory of sockets: each command line sees its site's own there.
  const privately = ['sh', '-c', `mount --bind ${join(dir, 'run')} /var/run/postgresql && exec "$@"`, 'sh'];
  const environment = {
    PATH: `${postgresHome}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: dir,
    LC_ALL: 'C.UTF-8',
    ...env,
  };
  const asUser = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--'];
  const groups: ProcessGroup[] = [];
  /** The leader does nothing but stay, so that what it started can be killed without it. */
  const leader = ['sh', '-c', '"$@" & read -r _', 'sh'];
  const leaders = (): number[] => groups.map(({ pid }) => pid);
  return {
    machine,
    dir,
    groups: () => groups,
    async launch(name, command) {
      const [program = '', ...args] = [...machine.prefix, ...privately, ...leader, ...asUser, ...command];
      groups.push(await spawnGroup({ name, command: program, args, env: environment, onLine }));
    },
    async exec(command) {
      const [program = '', ...args] = [...machine.prefix, ...privately, ...asUser, ...command];
      const done = await execFileLater(program, args, { env: environment, cwd: dir, timeout: 60_000 });
      return done.stdout;
    },
    async kill() {
      // Stopped first, all of them, so that none sees another die.
      for (const group of groups) group.pause();
      await killAll(groups);
    },
    async killManager() {
      const managers = () =>
        groups
          .flatMap((group) => group.members())
          .filter((pid) => !leaders().includes(pid) && !['postgres', ''].includes(commandOf(pid)));
      // One that is started in between is killed in the next round.
      for (let found = managers(); found.length > 0; found = managers()) {
        for (const pid of found) killNow(pid);
      }
    },
    freeze: () => {
      for (const group of groups) group.pause();
    },
    thaw: () => {
      for (const group of groups) group.resume();
    },
  };
}

/** Programs among those that cannot be found: what is missing before a peer can run. */
export function absent(programs: readonly string[]): string[] {
  return programs.filter((program) =>
    program.startsWith('/')
      ? !existsSync(program)
      : spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status !== 0,
  );
}

/** Empty when it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
