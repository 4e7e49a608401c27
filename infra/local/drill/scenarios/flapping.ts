// The writer's health goes up and down faster than anybody can be sure of it, and then down for good; and once more at the old writer, after.
import { systemClock } from '../../../../shared/engine/system.ts';
import { judgeObjective } from '../../report/report.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { staysPut, untilDeposed, untilRecovered } from './acts.ts';

const flaps = 4;

export const flapping: DrillScenario = {
  name: 'flapping',
  summary: 'the primary database goes down and up faster than the window, four times, and then down for good',
  proves: 'flapping moves nothing, the real failure moves the application once, and the cool-down keeps it there',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    const { confirmWindowSeconds, coolDownSeconds } = stage.world.strategy.authority;
    await flap(stage, 'aws', confirmWindowSeconds);
    stage.demand(judgeObjective('runs opened while the writer flapped', 'count', 0, stage.story.runs().length));
    await stage.fail('aws', 'the aws database is killed, and stays down', () =>
      stage.world.order('aws', { kind: 'kill-database' }),
    );
    await untilRecovered(stage);
    await stage.mend('aws', 'the aws database is started again', () =>
      stage.world.order('aws', { kind: 'start-database' }),
    );
    await untilDeposed(stage, 'aws', 1);
    await Promise.all([
      flap(stage, 'aws', confirmWindowSeconds),
      staysPut(stage, 'while the old writer flapped', flaps * confirmWindowSeconds),
    ]);
    const { lastRun } = stage.situation();
    const endedSecondsAgo = lastRun ? (systemClock.now().getTime() - Date.parse(lastRun.endedAt)) / 1000 : null;
    stage.note(
      'the cool-down',
      `the run ended ${endedSecondsAgo?.toFixed(0)} s ago; for ${coolDownSeconds} s none but the new writer's own loss opens another`,
    );
  },
};

/** Down for less than half of the window, and up for as long. */
async function flap(stage: Stage, site: 'aws' | 'gcp', windowSeconds: number): Promise<void> {
  for (let time = 1; time <= flaps; time += 1) {
    await stage.act(site, `the ${site} database is down (${time} of ${flaps})`, () =>
      stage.world.order(site, { kind: 'kill-database' }),
    );
    await stage.pass(windowSeconds / 3);
    await stage.mend(site, `the ${site} database is up (${time} of ${flaps})`, () =>
      stage.world.order(site, { kind: 'start-database' }),
    );
    await stage.pass(windowSeconds / 2);
  }
}
