// The processes of this machine as a tree: who descends from whom, read from /proc or, where there is none, from ps.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessRow = {
  pid: number;
  parent: number;
  group: number;
  session: number;
  state: string;
  /** With the pid it names a process for good: pids are given out again. */
  started: string;
};

/** The variable whose value a group's members inherit, and by which its orphans are found again. */
export const groupVariable = 'CAUSEWAY_GROUP';

/** Every process now. Zombies are among them (state `Z`): they hold nothing and cannot be killed again. */
export function listProcesses(): ProcessRow[] {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

/**
 * Those alive that belong to the leader: its descendants, whoever is in its process group or session, and, on Linux, whoever
 * inherited the group's mark. The last three find orphans, which descend from nobody here any more.
 */
export function membersOf(leader: number, mark: string, rows: readonly ProcessRow[]): ProcessRow[] {
  const living = rows.filter((row) => row.state !== 'Z');
  const found = new Map<number, ProcessRow>();
  for (const row of living) {
    const kin = row.pid === leader || row.group === leader || row.session === leader || isMarked(row.pid, mark);
    if (kin) found.set(row.pid, row);
  }
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const row of living) if (found.has(row.parent)) found.set(row.pid, row);
  }
  return [...found.values()];
}

function fromProc(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readOf(name, 'stat');
      return stat === null ? [] : [parseStat(Number(name), stat)];
    });
}

function isMarked(pid: number, mark: string): boolean {
  if (process.platform !== 'linux' || pid === process.pid) return false;
  return readOf(String(pid), 'environ')?.split('\0').includes(`${groupVariable}=${mark}`) ?? false;
}

const endedMeanwhile = new Set(['ENOENT', 'ESRCH']);
/** Another user's process, which cannot be a member: ours run as us or as somebody that we may look at. */
const notOurs = new Set(['EACCES', 'EPERM']);

function readOf(pid: string, file: 'stat' | 'environ'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (endedMeanwhile.has(code) || notOurs.has(code)) return null;
    throw error;
  }
}

/** The command's name may hold blanks and brackets, so the fields are counted from the last closing bracket. */
function parseStat(pid: number, stat: string): ProcessRow {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '?', parent, group, session] = fields;
  const started = fields[19] ?? '';
  return { pid, state, parent: Number(parent), group: Number(group), session: Number(session), started };
}

function fromPs(): ProcessRow[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,sess=,state=,lstart='], { encoding: 'utf8' });
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 6)
    .map(([pid, parent, group, session, state = '?', ...started]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      state: state.slice(0, 1),
      started: started.join(' '),
    }));
}
