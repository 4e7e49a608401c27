// Run by a test: starts this same file as the leader of a group, which has a member with a session of its own. Prints their pids.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithParent, killOwnGroup, spawnGroup } from '../../../infra/local/process-group.ts';
import { groupVariable } from '../../../infra/local/process-tree.ts';

const mark = process.env[groupVariable];
if (mark === undefined) {
  await spawnGroup({
    name: 'region',
    command: process.execPath,
    args: [...process.execArgv, fileURLToPath(import.meta.url)],
    env: {},
    onLine: (line) => console.log(line),
  });
} else {
  endWithParent(process.stdin, () => killOwnGroup(mark));
  const member = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' });
  console.log(`${process.pid}\n${member.pid}`);
}
