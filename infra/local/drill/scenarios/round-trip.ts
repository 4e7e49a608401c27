// There and back: the writer is cut off with writes that never leave it, its region dies, GCP takes over; then it comes back under load.
import { judgeObjective } from '../../report/report.ts';
import { database, roles } from '../../world/database-setup.ts';
import { ports, secrets, seenFrom } from '../../world/plan.ts';
import type { CommandResult } from '../operator-command.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { cutOff, mendCable, staysServed, untilDeposed, untilRecovered } from './acts.ts';
import { demandPause, moveTo } from './switchover.ts';

const reason = ['--reason', 'a rehearsal of coming back'];

export const roundTrip: DrillScenario = {
  name: 'round-trip',
  summary:
    'AWS is lost with writes that had not left it, GCP takes over, AWS comes back, and the writer with it, while clients write',
  proves: 'every write that was ever acknowledged is there after coming back, those that were stranded too',
  expects: {
    writerAfter: 'aws',
    epochs: 2,
    runs: ['aws_region_lost', 'switchover'],
    service: 'recovers',
    losesNothing: true,
  },
  async story(stage) {
    const { beatSeconds, ttlSeconds } = stage.world.strategy.authority;
    await stage.fail('aws', 'aws is cut off, goes on writing for a beat, and is lost', async () => {
      await cutOff(stage, 'aws');
      await stage.pass(beatSeconds);
      await stage.world.lose('aws');
    });
    await untilRecovered(stage);
    await mendCable(stage, 'aws');
    await stage.mend('aws', 'the aws region is back, with its data', () => stage.world.revive('aws'));
    await untilDeposed(stage, 'aws', 1);
    await comeBack(stage);
    await staysServed(stage, 'while the old writer follows the new one', ttlSeconds);
    await stage.act(
      'authority',
      'an operator allows the move within the cool-down, and moves the writer back to aws',
      async () => {
        const allowed = await stage.operator('override', 'cool-down', ...reason);
        stage.demand(judgeObjective('exit code of `causeway override cool-down`', 'count', 0, allowed.code));
        await moveTo(stage, 'aws');
      },
    );
    await untilRecovered(stage);
    demandPause(stage, 'gcp', 'aws');
  },
};

/** What is stranded is shown, brought to the new writer, and then the old writer follows it. */
async function comeBack(stage: Stage): Promise<void> {
  const shown = await phase(stage, 'divergence');
  stage.demand(
    judgeObjective(
      'exit code of `failback divergence`, beyond 1: something is stranded',
      'count',
      0,
      (shown.code ?? 2) - 1,
    ),
  );
  const reconciled = await phase(stage, 'reconcile', '--yes', ...reason);
  stage.demand(judgeObjective('exit code of `failback reconcile`', 'count', 0, reconciled.code));
  const rejoined = await phase(stage, 'rejoin', '--yes', ...reason, '--new-url-from-old', newWriterFromOld(stage));
  stage.demand(judgeObjective('exit code of `failback rejoin`', 'count', 0, rejoined.code));
}

/** The operator stands elsewhere than the old writer's server, which reaches the new one by another way. */
function newWriterFromOld({ world }: Stage): string {
  const host = `${seenFrom(world.plan.net, 'aws', 'gcp', 'site')}:${ports.postgres}`;
  return `postgres://${roles.keeper}:${secrets.keeperPassword}@${host}/${database}`;
}

async function phase(stage: Stage, name: string, ...flags: string[]): Promise<CommandResult> {
  let result: CommandResult = { code: null, out: '', err: '' };
  await stage.mend('database', `an operator runs \`causeway failback ${name}\``, async () => {
    result = await stage.operator('failback', name, ...flags);
  });
  const lines = (result.out.trim() || result.err.trim()).split('\n');
  stage.note(`what \`failback ${name}\` answers`, lines.slice(0, 3).join('; '));
  return result;
}
