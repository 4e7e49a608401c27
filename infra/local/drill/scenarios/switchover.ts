// The writer is moved as planned, under load: nothing is lost, and nobody is kept from writing for long.
import { judgeObjective } from '../../report/report.ts';
import { firstAcceptance, lastAcceptance } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { untilRecovered } from './acts.ts';

/** Of writes that are refused, on one machine. */
const pauseLimitSeconds = 5;

export const switchover: DrillScenario = {
  name: 'switchover',
  summary: 'the writer is moved from AWS to GCP as planned, while clients write',
  proves: 'a planned move loses nothing, keeps nobody from writing for long, and leaves a standby behind',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['switchover'], service: 'recovers', losesNothing: true },
  async story(stage) {
    const dry = await stage.operator('switchover', '--to', 'gcp');
    stage.note('what `causeway switchover` shows beforehand', dry.out.trim().split('\n').at(-1) ?? '');
    stage.demand(judgeObjective('exit code of the dry run', 'count', 0, dry.code));
    await stage.fail('authority', 'an operator moves the writer to gcp (`causeway switchover --yes`)', () =>
      moveTo(stage, 'gcp'),
    );
    await untilRecovered(stage);
    demandPause(stage, 'aws', 'gcp');
  },
};

/** Follows the move to its end, and demands that it ends well. */
export async function moveTo(stage: Stage, site: 'aws' | 'gcp'): Promise<void> {
  const moved = await stage.operator('switchover', '--to', site, '--yes', '--reason', 'a rehearsal of a planned move');
  stage.note(
    `what \`causeway switchover --to ${site}\` answers`,
    (moved.out.trim() || moved.err.trim()).replaceAll('\n', '; '),
  );
  stage.demand(judgeObjective(`exit code of the switchover to ${site}`, 'count', 0, moved.code));
}

/** From those who write straight at both databases: how long none of them was acknowledged by either. */
export function demandPause(stage: Stage, from: 'aws' | 'gcp', to: 'aws' | 'gcp'): void {
  const last = lastAcceptance(stage.direct(), from);
  const first = last === null ? null : firstAcceptance(stage.direct(), to, last);
  const pauseSeconds = last === null || first === null ? null : first - last;
  stage.demand(
    judgeObjective(
      `write pause: from the last write that ${from} took to the first that ${to} took`,
      'seconds',
      pauseLimitSeconds,
      pauseSeconds,
    ),
  );
}
