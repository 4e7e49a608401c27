// The keepers of the writer's site fail, and the site itself is well: they stand still and go on later, or they are gone.
import { judgeObjective } from '../../report/report.ts';
import { firstAcceptance, firstRefusal } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { staysPut, staysServed, untilDeposed, untilLeaseAlarm, untilRecovered } from './acts.ts';

export const keeperFrozen: DrillScenario = {
  name: 'keeper-frozen',
  summary: 'every keeper of AWS stands still in the middle of its work, and goes on after GCP has taken over',
  proves: 'a keeper that slept through its own deposition finds it out and does nothing but shut its own database',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: true },
  async story(stage) {
    await stage.fail('aws', 'every keeper of aws is frozen (SIGSTOP)', () =>
      stage.world.order('aws', { kind: 'freeze-keepers' }),
    );
    await untilTakenOver(stage);
    await stage.mend('aws', 'the keepers of aws go on (SIGCONT)', () =>
      stage.world.order('aws', { kind: 'thaw-keepers' }),
    );
    await untilDeposed(stage, 'aws', 1);
    await staysPut(stage, 'by keepers that were frozen', 5 * stage.world.strategy.authority.beatSeconds);
    await stage.untilServed(30);
  },
};

export const keeperDead: DrillScenario = {
  name: 'keeper-dead',
  summary: 'the scheduled keeper of AWS is gone, and later the one beside the application too',
  proves: 'the second renewer carries the lease alone; without it people are told in time, and GCP takes over',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: true },
  async story(stage) {
    const { ttlSeconds, marginSeconds, confirmWindowSeconds } = stage.world.strategy.authority;
    await stage.act('aws', 'the functions of aws are gone, and their schedule with them', () =>
      stage.world.order('aws', { kind: 'end-functions' }),
    );
    const renewed = stage.situation().lease.renewal;
    const longEnoughSeconds = ttlSeconds + marginSeconds + confirmWindowSeconds;
    await Promise.all([
      staysServed(stage, 'while one renewer is left', longEnoughSeconds),
      staysPut(stage, 'while one renewer is left', longEnoughSeconds),
    ]);
    stage.demand(
      judgeObjective(
        'leases that the second renewer let stand',
        'count',
        0,
        Number(stage.situation().lease.renewal <= renewed),
      ),
    );
    await stage.fail('aws', 'the keeper beside the application is gone too', () =>
      stage.world.order('aws', { kind: 'end-renewer' }),
    );
    await untilTakenOver(stage);
  },
};

/** Nobody renews: people are told, the old side shuts by itself, and then the other takes the role. */
async function untilTakenOver(stage: Stage): Promise<void> {
  const sinceSeconds = stage.nowSeconds();
  await untilLeaseAlarm(stage, sinceSeconds, 'others');
  await untilRecovered(stage);
  const refused = firstRefusal(stage.direct(), 'aws', sinceSeconds);
  const accepted = firstAcceptance(stage.direct(), 'gcp', sinceSeconds);
  stage.demand(
    judgeObjective(
      'first refusal of the old side, from the first acceptance of the new one',
      'seconds',
      0,
      refused === null || accepted === null ? null : refused - accepted,
    ),
  );
}
