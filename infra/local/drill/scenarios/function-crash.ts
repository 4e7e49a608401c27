// Whoever carries out a step is killed as soon as it is done: the other side, or the next process of the same, finishes the run.
import type { Step } from '../../../../shared/model/run.ts';
import { judgeObjective } from '../../report/report.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { untilDeposed, untilRecovered } from './acts.ts';

export const functionCrash: DrillScenario = {
  name: 'function-crash',
  summary: 'the primary database dies, and after each step of the run every keeper of the site that did it is killed',
  proves: 'any keeper of either cloud finishes what another began, and nothing is done twice',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    await stage.fail('aws', 'the aws database is killed, and stays down', () =>
      stage.world.order('aws', { kind: 'kill-database' }),
    );
    const over = new AbortController();
    const killing = killAfterEachStep(stage, over.signal);
    await untilRecovered(stage).finally(() => over.abort());
    const killed = await killing;
    const steps = stage.story.runs().flatMap((run) => run.steps);
    // Who was killed for one step may have done another in that moment, and not have come to say so.
    for (const step of steps.filter(({ id, status }) => status === 'done' && !killed.has(id))) {
      killed.set(step.id, await killFor(stage, step));
    }
    stage.note('who was killed after which step', [...killed.values()].join('; '));
    stage.demand(
      judgeObjective('steps of the run after which nobody was killed', 'count', 0, steps.length - killed.size),
    );
    const hands = new Set(steps.flatMap(({ by }) => (by ? [by] : [])));
    stage.demand(judgeObjective('runs that one keeper alone could finish', 'count', 0, hands.size > 1 ? 0 : 1));
    await stage.mend('aws', 'the aws database is started again', () =>
      stage.world.order('aws', { kind: 'start-database' }),
    );
    await untilDeposed(stage, 'aws', 1);
    // The last to be killed may have been the new writer's own: its lease must not have run out for longer than a start takes.
    await stage.untilServed(60);
  },
};

/** Answers what was done, by step. The last step ends the run: it is killed for like the others. */
async function killAfterEachStep(stage: Stage, signal: AbortSignal): Promise<Map<string, string>> {
  const killed = new Map<string, string>();
  for (let next = 0; !signal.aborted || next < stage.story.heard().length; ) {
    const one = stage.story.heard()[next];
    if (!one) {
      await stage.pass(0.05);
      continue;
    }
    next += 1;
    if (one.kind !== 'event' || one.event.kind !== 'step-changed' || one.event.step.status !== 'done') continue;
    const { step } = one.event;
    if (!killed.has(step.id)) killed.set(step.id, await killFor(stage, step));
  }
  return killed;
}

async function killFor(stage: Stage, { written, by }: Step): Promise<string> {
  const site = by?.startsWith('aws') ? 'aws' : 'gcp';
  await stage.act(site, `${written} is done by ${by}: every keeper of ${site} is killed`, () =>
    stage.world.order(site, { kind: 'kill-keepers' }),
  );
  return `${written}: ${by}`;
}
