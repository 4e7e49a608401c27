// The witness is lost, which nobody notices; then the writer's region too: nobody may decide any more, and that is said.
import { judgeObjective } from '../../report/report.ts';
import type { DrillScenario } from '../scenario.ts';
import { acknowledgedBy, hopeless, staysPut, staysServed, untilRecovered } from './acts.ts';

export const witnessLost: DrillScenario = {
  name: 'witness-lost',
  summary:
    'the witness is lost and nothing happens; then AWS is lost too, and there is no majority until the witness is back',
  proves: 'without a majority nobody takes the role, the refusal is plain, and the way out works',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    const { ttlSeconds, marginSeconds, confirmWindowSeconds } = stage.world.strategy.authority;
    const longEnoughSeconds = ttlSeconds + marginSeconds + confirmWindowSeconds;
    await stage.act('witness', 'the witness is lost: its store and its lookout', async () => {
      await stage.world.order('witness', { kind: 'break', api: 'store' });
      await stage.world.order('witness', { kind: 'end-lookout' });
    });
    await Promise.all([
      staysServed(stage, 'without the witness', longEnoughSeconds),
      staysPut(stage, 'without the witness', longEnoughSeconds),
    ]);
    await stage.fail('aws', 'the aws region is lost too (SIGKILL)', () => stage.world.lose('aws'));
    const lostAtSeconds = stage.nowSeconds();
    await stage.pass(longEnoughSeconds);
    stage.demand(
      judgeObjective(
        'writes accepted at gcp without a majority',
        'count',
        0,
        acknowledgedBy(stage, 'gcp', lostAtSeconds),
      ),
    );
    await hopeless(stage);
    await stage.mend('witness', 'the operator brings the witness back, as was said', async () => {
      await stage.world.order('witness', { kind: 'mend', api: 'store' });
      await stage.world.order('witness', { kind: 'start-functions' });
    });
    await untilRecovered(stage);
  },
};
