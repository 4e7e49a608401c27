// The writer's database dies and its site lives: it stays down, and the lease is waited out; or it is back in seconds, and nothing fails over.
import { judgeObjective } from '../../report/report.ts';
import { rolesTaken } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import { staysPut, untilDeposed, untilRecovered } from './acts.ts';

export const databaseCrash: DrillScenario = {
  name: 'database-crash',
  summary: 'the primary database dies and stays down while its site lives',
  proves: 'a database that does not answer is not taken for dead: its lease is waited out before GCP writes',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    const { ttlSeconds, marginSeconds, beatSeconds } = stage.world.strategy.authority;
    await stage.fail('aws', 'the aws database is killed, and stays down', () =>
      stage.world.order('aws', { kind: 'kill-database' }),
    );
    const failedAtSeconds = stage.nowSeconds();
    await untilRecovered(stage);
    const taken = rolesTaken(stage.story.heard()).find(({ epoch }) => epoch === 2);
    // The last renewal may be a beat older than the failure.
    const waitSeconds = ttlSeconds + marginSeconds - beatSeconds;
    stage.demand(
      judgeObjective(
        'how much earlier than the lease allows the role was taken',
        'seconds',
        0,
        taken ? waitSeconds - (taken.fromSeconds - failedAtSeconds) : null,
      ),
    );
    stage.demand(
      judgeObjective(
        'roles taken for another reason than a lease that stood still',
        'count',
        0,
        taken ? Number(/fenced|stopped/.test(taken.because)) : null,
      ),
    );
    await stage.mend('aws', 'the aws database is started again', () =>
      stage.world.order('aws', { kind: 'start-database' }),
    );
    await untilDeposed(stage, 'aws', 1);
    await staysPut(stage, 'once the old database is back', 5 * beatSeconds);
  },
};

export const databaseRestart: DrillScenario = {
  name: 'database-restart',
  summary: 'the primary database crashes and is back within seconds',
  proves: 'an outage that ends by itself is left to end by itself: no run, no epoch, nothing lost',
  expects: { writerAfter: 'aws', epochs: 0, runs: [], service: 'stays', losesNothing: true },
  async story(stage) {
    const { ttlSeconds, confirmWindowSeconds } = stage.world.strategy.authority;
    await stage.fail('aws', 'the aws database crashes, and is started again', async () => {
      await stage.world.order('aws', { kind: 'kill-database' });
      await stage.world.order('aws', { kind: 'start-database' });
    });
    // Its guard is shut until its keeper has renewed the lease, which it does at its next beat.
    await stage.untilServed(confirmWindowSeconds);
    await staysPut(stage, 'after the crash', ttlSeconds + confirmWindowSeconds);
  },
};
