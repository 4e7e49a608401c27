// Waiting until the world is as it is on an ordinary day: lease renewed, standby ready, both sites serving, every lookout heard.
import { systemClock } from '../../../shared/engine/system.ts';
import { callHttp } from '../http-call.ts';
import { ports, siteHost, type WorldPlan } from '../world/plan.ts';
import type { OperatorView } from './operator-view.ts';

const steadyWithinSeconds = 90;
const freshSeconds = 12;

/** Throws with what is still missing when that is not so within 90 s. */
export async function awaitSteady(
  plan: WorldPlan,
  view: OperatorView,
  onWaiting: (because: string) => void,
): Promise<void> {
  const until = systemClock.elapsedSeconds() + steadyWithinSeconds;
  let last = '';
  for (;;) {
    const missing =
      (await missingInAuthority(view)) ?? (await missingInEvidence(view)) ?? (await missingInService(plan));
    if (missing === null) return;
    if (missing !== last) onWaiting(missing);
    last = missing;
    if (systemClock.elapsedSeconds() > until)
      throw new Error(`the world was not steady within ${steadyWithinSeconds} s: ${missing}`);
    await systemClock.sleep(0.5);
  }
}

async function missingInAuthority({ register }: OperatorView): Promise<string | null> {
  const read = await register.read();
  if (read.kind !== 'value') return 'the register does not answer';
  const { lease, heartbeat } = read.value;
  return lease.renewal >= 2 && heartbeat !== null ? null : 'the lease has not been renewed twice';
}

async function missingInEvidence({ board }: OperatorView): Promise<string | null> {
  const { lookouts } = await board.read();
  for (const one of lookouts) {
    if (one.kind !== 'heard') return `lookout ${one.lookout} has not spoken`;
    if (one.risenSecondsAgo === null || one.risenSecondsAgo > freshSeconds)
      return `lookout ${one.lookout} is not fresh`;
    const sick = Object.entries(one.bulletin.sites).find(([, view]) => view.health !== 'healthy');
    if (sick) return `lookout ${one.lookout} sees ${sick[0]} ${sick[1].health}: ${sick[1].because}`;
    const { database } = one.bulletin;
    if (database && !database.ready) return `the database of ${database.site} is not ready: ${database.because}`;
  }
  return null;
}

/** A read and a write through the writer's database, at both sites. */
async function missingInService(plan: WorldPlan): Promise<string | null> {
  for (const site of ['aws', 'gcp'] as const) {
    const reply = await callHttp({
      method: 'GET',
      host: siteHost(plan.net, site),
      port: ports.app,
      path: '/orders',
      headers: {},
      body: null,
      timeoutSeconds: 3,
    });
    if (reply.kind !== 'answered') return `the application of ${site} does not answer: ${reply.because}`;
    if (reply.status !== 200) return `the application of ${site} answers ${reply.status}: ${reply.body.slice(0, 200)}`;
  }
  return null;
}
