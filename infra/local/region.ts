// One region of the local world, as a process of its own: `region.ts <aws|gcp|witness> <plan.json>`. Killing its group is losing the region.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ownGroup } from './config.ts';
import { endWithParent, killOwnGroup } from './process-group.ts';
import { startAwsRegion } from './world/aws-region.ts';
import { startGcpRegion } from './world/gcp-region.ts';
import { type Hands, obey } from './world/hands.ts';
import { OrderLine } from './world/orders.ts';
import { Region, WorldPlan } from './world/plan.ts';
import { report } from './world/report-line.ts';
import { startWitnessRegion } from './world/witness-region.ts';

const start = { aws: startAwsRegion, gcp: startGcpRegion, witness: startWitnessRegion };

const [, , name, planFile = ''] = process.argv;
// A broken socket somewhere in a stand-in must not look like a second region lost: it is told, and the region goes on.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    report({
      kind: 'trouble',
      because: `${event}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    });
  });
}
endWithParent(process.stdin, () => killOwnGroup(ownGroup()));
try {
  const plan = WorldPlan.parse(JSON.parse(readFileSync(planFile, 'utf8')));
  const hands = await start[Region.parse(name)](plan);
  report({ kind: 'ready' });
  createInterface({ input: process.stdin }).on('line', (line) => void carryOut(hands, line));
} catch (error) {
  report({ kind: 'failed', because: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
}

async function carryOut(hands: Hands, line: string): Promise<void> {
  const { number, order } = OrderLine.parse(JSON.parse(line));
  try {
    await obey(hands, order);
    report({ kind: 'obeyed', number, because: null });
  } catch (error) {
    report({ kind: 'obeyed', number, because: error instanceof Error ? error.message : String(error) });
  }
}
