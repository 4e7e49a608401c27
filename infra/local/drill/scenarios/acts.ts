// What several stories have in common: acts done to the world, and what is waited for after them.
import { judgeObjective } from '../../report/report.ts';
import type { Region } from '../../world/plan.ts';
import { firstTold, hasFenced, unacknowledged } from '../measures.ts';
import type { Stage } from '../stage.ts';

/** Far more than a failover takes, and less than the RTO. */
const recoverWithinSeconds = 180;

/** All runs that were opened have ended, and every client is served. */
export async function untilRecovered(stage: Stage): Promise<void> {
  await stage.until('the run is over', recoverWithinSeconds, () => {
    const runs = stage.story.runs();
    return runs.length > 0 && runs.every((run) => run.outcome !== null);
  });
  await stage.untilServed(recoverWithinSeconds);
}

/** Nothing passes between one region and the others, in either direction: nothing is refused, and nothing answered. */
export function cutOff(stage: Stage, region: Region): Promise<number> {
  return stage.act(region, `${region} is cut off from everything outside it: packets are dropped`, async () => {
    for (const wire of wiresOf(stage, region)) wire.cut(['there', 'back']);
  });
}

export function mendCable(stage: Stage, region: Region): Promise<number> {
  return stage.mend(region, `the cable of ${region} is mended`, async () => {
    for (const wire of wiresOf(stage, region)) wire.mend();
  });
}

function wiresOf({ world }: Stage, region: Region) {
  return world.wires.filter(({ name }) => name.startsWith(`${region}>`) || name.includes(`>${region}:`));
}

/** A site that was the writer finds that it is so no longer, and shuts its own database, within a few beats. */
export function untilDeposed(stage: Stage, site: Region, epoch: number): Promise<void> {
  const { beatSeconds } = stage.world.strategy.authority;
  const what = `${site} finds itself deposed, and has fenced its database of epoch ${epoch}`;
  return stage.until(what, 10 * beatSeconds, () => hasFenced(stage.story.heard(), site, epoch));
}

/**
 * People are told that the lease is not renewed while there is time: by the writer's own keepers at half of it, by others a little later, and
 * always before the database shuts.
 */
export function untilLeaseAlarm(stage: Stage, sinceSeconds: number, by: 'its own keepers' | 'others'): Promise<void> {
  const { ttlSeconds, beatSeconds } = stage.world.strategy.authority;
  const told = () =>
    firstTold(stage.story.heard(), /lease of the writer \w+ is not being renewed/, sinceSeconds) !== null;
  const withinSeconds = by === 'others' ? ttlSeconds : ttlSeconds / 2 + 2 * beatSeconds;
  return stage.until(`people are told by ${by} that the lease is not renewed`, withinSeconds, told);
}

/** For that long no client notices anything: not one write through DNS goes without its acknowledgement. */
export async function staysServed(stage: Stage, what: string, seconds: number): Promise<void> {
  const fromSeconds = stage.nowSeconds();
  await stage.pass(seconds);
  const unserved = unacknowledged(stage.requests(), fromSeconds, stage.nowSeconds());
  stage.demand(judgeObjective(`writes not acknowledged ${what}`, 'count', 0, unserved.length));
}

/** For that long nothing is decided that moves the role: no run is opened beyond those that were. */
export async function staysPut(stage: Stage, what: string, seconds: number): Promise<void> {
  const { epoch } = stage.situation();
  const runs = stage.story.runs().length;
  await stage.pass(seconds);
  const moved = stage.situation().epoch !== epoch || stage.story.runs().length !== runs;
  stage.demand(judgeObjective(`runs opened or epochs begun ${what}`, 'count', 0, moved ? 1 : 0));
}

/** Writes that a site's database has accepted since then, from those who write straight at it. */
export function acknowledgedBy(stage: Stage, site: Region, sinceSeconds: number): number {
  return stage
    .direct()
    .filter((one) => one.site === site && one.outcome === 'acknowledged' && one.endedAtSeconds >= sinceSeconds).length;
}

/** Without a majority of the register `causeway status` does not answer, says why, and names the way out. */
export async function hopeless(stage: Stage): Promise<void> {
  const status = await stage.operator('status', '--once');
  const says = status.out.split('\n').filter((line) => /register|majority/.test(line));
  stage.note(
    'what `causeway status` says without a majority',
    `exit code ${status.code}; ${says.slice(0, 2).join(' ').trim()}`,
  );
  const plain = status.code === 2 && /could not be read/.test(status.out) && /break-glass explain/.test(status.out);
  stage.demand(judgeObjective('`causeway status` that hides a lost majority', 'count', 0, plain ? 0 : 1));
}
