// The control planes are lost and the data planes live: Route 53's API and the cluster's do not answer when AWS is lost.
import { judgeObjective } from '../../report/report.ts';
import { firstTold } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { untilDeposed, untilRecovered } from './acts.ts';

export const controlPlaneLost: DrillScenario = {
  name: 'control-plane-lost',
  summary: 'the API of Route 53 and those of the GCP cluster fail, and then AWS is lost',
  proves:
    'traffic moves by the beacon, without any control plane; what could not be done is named, told, and done later',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    await stage.act('dns', 'the API of Route 53 fails', () => stage.world.order('aws', { kind: 'break', api: 'dns' }));
    await stage.act('gcp', 'the API of the gcp cluster fails', async () => {
      await stage.world.order('gcp', { kind: 'break', api: 'cluster' });
      await stage.world.order('gcp', { kind: 'break', api: 'kubernetes' });
    });
    await stage.fail('aws', 'the aws region is lost (SIGKILL)', () => stage.world.lose('aws'));
    const lostAtSeconds = stage.nowSeconds();
    await stage.untilServed(120);
    demandNames(stage);
    await stage.until(
      'people are told that the records are still to follow',
      180,
      () => firstTold(stage.story.heard(), /DNS records are still to follow/, lostAtSeconds) !== null,
    );
    await stage.mend('gcp', 'the API of the gcp cluster answers again', async () => {
      await stage.world.order('gcp', { kind: 'mend', api: 'cluster' });
      await stage.world.order('gcp', { kind: 'mend', api: 'kubernetes' });
    });
    await untilRecovered(stage);
    const backAtSeconds = await stage.mend('aws', 'the aws region is back, and Route 53 with it', () =>
      stage.world.revive('aws'),
    );
    await untilDeposed(stage, 'aws', 1);
    await stage.until(
      'the records follow by themselves, and people are told so',
      180,
      () => firstTold(stage.story.heard(), /resolved.*records are still to follow/, backAtSeconds) !== null,
    );
  },
};

/** While the run is open its capacity step names what it waits for; the DNS step is done, and names what is still to follow. */
function demandNames(stage: Stage): void {
  const steps = stage.story.runs().at(-1)?.steps ?? [];
  const capacity = steps.find(({ action }) => action.kind === 'scale_cluster');
  const dns = steps.find(({ action }) => action.kind === 'update_dns');
  stage.note('what the open run says of the capacity', `${capacity?.status}: ${capacity?.blocker ?? capacity?.detail}`);
  stage.note('what it says of the records', dns?.detail ?? 'nothing');
  const named = capacity?.status !== 'done' && (capacity?.blocker ?? capacity?.detail ?? '') !== '';
  stage.demand(
    judgeObjective(
      'things that could not be done and are not named',
      'count',
      0,
      Number(!named) + Number(dns?.status !== 'done' || !/Still to follow/.test(dns.detail ?? '')),
    ),
  );
}
