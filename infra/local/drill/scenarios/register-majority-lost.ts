// The register has lost its majority while the writer's site is well: our own failure. Writes stop when the lease ends, which is said in time,
// and a person opens the database by hand until the stores are back.
import { judgeObjective } from '../../report/report.ts';
import { database, roles } from '../../world/database-setup.ts';
import { ports, secrets, seenFrom } from '../../world/plan.ts';
import { firstRefusal } from '../measures.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { hopeless, staysPut, staysServed, untilLeaseAlarm } from './acts.ts';

export const registerMajorityLost: DrillScenario = {
  name: 'register-majority-lost',
  summary: 'the stores at GCP and at the witness are lost, and with them the majority of the register',
  proves:
    'people are told before writes stop, break-glass lets them go on, and the keeper goes on by itself when the stores are back',
  expects: { writerAfter: 'aws', epochs: 0, runs: [], service: 'recovers', losesNothing: true },
  async story(stage) {
    const { ttlSeconds, beatSeconds } = stage.world.strategy.authority;
    await stage.fail('witness', 'the stores of gcp and of the witness are lost', () =>
      Promise.all(losers.map((region) => stage.world.order(region, { kind: 'break', api: 'store' }))),
    );
    const lostAtSeconds = stage.nowSeconds();
    await untilLeaseAlarm(stage, lostAtSeconds, 'its own keepers');
    await stage.until(
      'the database refuses writes when its lease has ended',
      ttlSeconds + beatSeconds,
      () => firstRefusal(stage.direct(), 'aws', lostAtSeconds) !== null,
    );
    await hopeless(stage);
    await openByHand(stage);
    await stage.untilServed(2 * ttlSeconds);
    await stage.mend('witness', 'the stores are back', () =>
      Promise.all(losers.map((region) => stage.world.order(region, { kind: 'mend', api: 'store' }))),
    );
    const { renewal } = stage.situation().lease;
    await stage.until(
      'the keeper of aws renews the lease again by itself',
      10 * beatSeconds,
      () => stage.situation().lease.renewal > renewal,
    );
    await Promise.all([
      staysPut(stage, 'once the stores are back', 2 * ttlSeconds),
      staysServed(stage, 'once the stores are back', 2 * ttlSeconds),
    ]);
    const status = await stage.operator('status', '--json');
    stage.demand(judgeObjective('exit code of `causeway status` afterwards', 'count', 0, status.code));
  },
};

const losers = ['gcp', 'witness'] as const;

/** As `causeway break-glass explain` has it: the epoch that the database is at, for a bounded time, with a reason. */
async function openByHand(stage: Stage): Promise<void> {
  const { net } = stage.world.plan;
  const host = `${seenFrom(net, 'witness', 'aws', 'site')}:${ports.postgres}`;
  const url = `postgres://${roles.keeper}:${secrets.keeperPassword}@${host}/${database}`;
  await stage.mend('aws', 'an operator opens the database of aws by hand (break-glass)', async () => {
    const explained = await stage.operator('break-glass', 'explain', '--site', 'aws');
    stage.demand(
      judgeObjective(
        'break-glass explanations that do not say how to go back',
        'count',
        0,
        Number(!/How to go back/.test(explained.out)),
      ),
    );
    const args = [
      '--database-url',
      url,
      '--epoch',
      String(stage.situation().epoch),
      '--for',
      '10m',
      '--confirm',
      'aws',
    ];
    const reason = 'drill: two stores of the register are lost, gcp was never opened';
    const refused = await stage.operator('break-glass', 'open', ...args, '--reason', reason);
    stage.demand(
      judgeObjective('break-glass without having checked, and not refused', 'count', 0, Number(refused.code !== 1)),
    );
    const opened = await stage.operator('break-glass', 'open', ...args, '--reason', reason, '--i-have-checked');
    stage.note('break-glass', (opened.out.trim() || opened.err.trim()).replaceAll('\n', '; '));
    stage.demand(judgeObjective('exit code of `causeway break-glass open`', 'count', 0, opened.code));
    stage.demand(
      judgeObjective(
        'break-glass answers that do not say what to do afterwards',
        'count',
        0,
        Number(!/shuts by itself after/.test(opened.out)),
      ),
    );
  });
}
