// One seed: its world from beginning to end, with the invariants looked at after every event.
import type { Strategy } from '../../shared/model/strategy.ts';
import { seededChance } from '../support/virtual-time.ts';
import type { Coverage } from './coverage.ts';
import { faults } from './faults/faults.ts';
import { boundedLoss } from './invariants/bounded-loss.ts';
import { convergesWithinSeconds, whatIsMissing } from './invariants/convergence.ts';
import { namesAnswer } from './invariants/names-answer.ts';
import { nothingLostInMoves } from './invariants/nothing-lost-in-moves.ts';
import { oneWriter } from './invariants/one-writer.ts';
import { roleGiven } from './invariants/role-given.ts';
import { beOnCall } from './person.ts';
import type { Plan } from './plan.ts';
import { type Breaking, createWorld, type World } from './world.ts';

export type Verdict = {
  seed: number;
  violation: World['violation'];
  /** Of every call and every sentence: equal for equal seeds. */
  hash: string;
  coverage: Coverage;
  trace: () => string[];
};

/** It has stayed well for more than a beat. */
const staysWellSeconds = 6;

export async function simulate(plan: Plan, strategy: Strategy, breaking: Breaking = {}): Promise<Verdict> {
  const world = await createWorld(plan, strategy, breaking);
  const { estate, trace, coverage, history } = world;
  roleGiven(world, history);
  nothingLostInMoves(world, history);
  const looks = [history.look, oneWriter(world, history), namesAnswer(world), boundedLoss(world, history)];
  const look = () => {
    for (const one of looks) one();
    return world.violation !== null;
  };
  look();
  void beOnCall(world);
  storm(world);
  await estate.time.runUntil(plan.stormSeconds, look);
  if (!world.violation) await converge(world, look);
  coverage.virtualSeconds = world.now();
  return { seed: plan.seed, violation: world.violation, hash: trace.hash(), coverage, trace: trace.lines };
}

/** Every episode ends with the storm at the latest. */
function storm(world: World): void {
  const { estate, coverage, trace, plan, now } = world;
  for (const { fault, fromSeconds, forSeconds, seed } of plan.episodes) {
    estate.time.after(fromSeconds - now(), () => {
      const begun = faults[fault](world, seededChance(seed));
      coverage.faults[fault] = (coverage.faults[fault] ?? 0) + 1;
      trace.say(begun.says);
      estate.time.after(Math.min(forSeconds, plan.stormSeconds - now()), () => {
        begun.end();
        trace.say(`it is over that ${begun.says}`);
      });
    });
  }
}

async function converge(world: World, look: () => boolean): Promise<void> {
  const { estate, trace, coverage, now } = world;
  world.isCalm = true;
  for (const running of world.schedules.processes) running.mortal.thaw();
  trace.say('all faults are over');
  const began = now();
  let wellSince: number | null = null;
  for (;;) {
    await estate.time.runUntil(now() + 2, look);
    if (world.violation) return;
    const missing = await whatIsMissing(world);
    if (missing) wellSince = null;
    else wellSince ??= now();
    if (wellSince !== null && now() - wellSince >= staysWellSeconds) {
      coverage.convergedAfterSeconds = wellSince - began;
      trace.say(`all is well again, ${(wellSince - began).toFixed(0)} s after the last fault`);
      return;
    }
    if (now() - began > convergesWithinSeconds) {
      world.fail('the system converges when faults stop', `after ${convergesWithinSeconds} s: ${missing}`);
      return;
    }
  }
}
