// The writer's site is cut off, and lives: its application, its database and its clients are all there.
import { judgeObjective } from '../../report/report.ts';
import { firstAcceptance, firstRefusal, lastAcceptance } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { cutOff, mendCable, staysPut, untilDeposed, untilRecovered } from './acts.ts';

export const partition: DrillScenario = {
  name: 'partition',
  summary:
    'AWS is cut off from GCP and the witness, but its application and database live and clients still reach them',
  proves:
    'the old side stops accepting writes by itself before the new side accepts its first, and yields when the cable is mended',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    let cutAtSeconds = 0;
    await stage.fail('aws', 'the cable is cut', async () => {
      cutAtSeconds = await cutOff(stage, 'aws');
    });
    await untilRecovered(stage);
    demandOrder(stage, cutAtSeconds);
    await mendCable(stage, 'aws');
    await untilDeposed(stage, 'aws', 1);
    await staysPut(stage, 'once the old writer is back', 5 * stage.world.strategy.authority.beatSeconds);
    await stage.untilServed(30);
  },
};

/** From those who write straight at both databases: the old side's first refusal comes before the new side's first acceptance. */
function demandOrder(stage: Stage, cutAtSeconds: number): void {
  const direct = stage.direct();
  const refused = firstRefusal(direct, 'aws', cutAtSeconds);
  const lastAccepted = lastAcceptance(direct, 'aws');
  const accepted = firstAcceptance(direct, 'gcp', cutAtSeconds);
  const afterCut = (at: number | null) => (at === null ? 'never' : `+${(at - cutAtSeconds).toFixed(1)} s`);
  stage.note(
    'what the direct writers saw',
    [
      `aws accepted its last write at ${afterCut(lastAccepted)} and refused its first at ${afterCut(refused)}`,
      `gcp accepted its first at ${afterCut(accepted)}`,
    ].join('; '),
  );
  const between = (from: number | null, to: number | null) => (from === null || to === null ? null : to - from);
  stage.demand(
    judgeObjective(
      'first refusal of the old side, from the first acceptance of the new one',
      'seconds',
      0,
      between(accepted, refused),
    ),
  );
  stage.demand(
    judgeObjective(
      'last acceptance of the old side, from the first acceptance of the new one',
      'seconds',
      0,
      between(accepted, lastAccepted),
    ),
  );
}
