// A renewer that is stopped between any two of its awaits, and goes on after another site has taken the role: its database stays shut.
import { describe, expect, it } from 'vitest';
import type { Register } from '../../../shared/authority/register.ts';
import { initialise, takeAuthority } from '../../../shared/authority/situation-changes.ts';
import { createRenewer } from '../../../shared/engine/renewer.ts';
import { createSituationView } from '../../../shared/engine/situation-view.ts';
import { createYieldRole } from '../../../shared/engine/yield-role.ts';
import { Situation } from '../../../shared/model/situation.ts';
import { createFakeDatabase } from '../../support/fake-database.ts';
import { createPacingWorld } from '../../support/pacing-world.ts';
import { theStrategy } from '../../support/strategy.ts';
import { seededChance } from '../../support/virtual-time.ts';

/** Calls of a port pass one gate after another; the test may hold any one of them, before or after its effect. */
function createGate() {
  let passed = 0;
  let held: { at: number; release: Promise<void> } | null = null;
  const wait = async () => {
    passed += 1;
    if (held?.at === passed) await held.release;
  };
  return {
    passed: () => passed,
    holdAt: (at: number, release: Promise<void>) => {
      passed = 0;
      held = { at, release };
    },
    bind: <P extends object>(port: P): P =>
      new Proxy(port, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            await wait();
            const answer: unknown = await Reflect.apply(value, target, args);
            await wait();
            return answer;
          };
        },
      }),
  };
}

async function aWriter() {
  const world = createPacingWorld(1, [{}, {}, {}]);
  const { clock } = world.time;
  const parse = (value: unknown) => Situation.parse(value);
  const operator = world.client('operator', parse);
  await world.within(operator.change('init', initialise('aws', { aws: 100, gcp: 0 })));
  const database = createFakeDatabase({ name: 'aws', clock });
  database.arm();
  const gate = createGate();
  const renewerOver = (register: Register<Situation>, gated: boolean) => {
    const strategy = theStrategy();
    const view = createSituationView({ strategy, register, clock, mayFinish: () => true });
    const common = {
      site: 'aws',
      by: 'aws keeper',
      register: gated ? gate.bind(register) : register,
      fencing: database.fencing,
      clock,
      chance: seededChance(gated ? 9 : 10),
      journal: async () => undefined,
    };
    return createRenewer({
      ...common,
      strategy,
      view,
      guard: gated ? gate.bind(database.guard) : database.guard,
      yieldRole: createYieldRole({ ...common, onCommitted: view.note }),
      isOurTurn: () => true,
    });
  };
  const renewer = renewerOver(world.client('aws', parse), true);
  return { world, clock, operator, database, gate, renewer, another: renewerOver(world.client('aws-2', parse), false) };
}

function writes(database: ReturnType<typeof createFakeDatabase>): boolean {
  try {
    const transaction = database.begin();
    transaction.write('a row');
    transaction.commit();
    return true;
  } catch {
    return false;
  }
}

describe('a frozen renewer', () => {
  it.each([{ beats: 0 }, { beats: 2 }])('opens nothing when it goes on, after $beats beats', async ({ beats }) => {
    const dry = await aWriter();
    for (let beat = 0; beat < beats; beat++) await dry.world.within(dry.renewer.beat());
    dry.gate.holdAt(0, Promise.resolve());
    expect((await dry.world.within(dry.renewer.beat())).kind).toBe('renewed');
    const points = dry.gate.passed();
    expect(points).toBeGreaterThan(6);

    for (let at = 1; at <= points; at++) {
      const { world, clock, operator, database, gate, renewer } = await aWriter();
      for (let beat = 0; beat < beats; beat++) await world.within(renewer.beat());
      let release = () => {};
      gate.holdAt(at, new Promise<void>((resolve) => (release = resolve)));
      const frozen = renewer.beat().catch((error) => error);
      await world.time.runUntil(clock.elapsedSeconds() + 5);
      const seen = await world.within(operator.read());
      if (seen.kind !== 'value') throw new Error('the register must answer');
      // As the slowest clock that is trusted would have it: TTL and margin after the number was seen.
      await world.time.runUntil(clock.elapsedSeconds() + 23);
      const { epoch, lease } = seen.value;
      const taken = await world.within(
        operator.change(`take-${at}`, takeAuthority('gcp', { epoch, renewal: lease.renewal }, false)),
      );
      expect(taken.kind).toBe('committed');
      expect(writes(database)).toBe(false);
      release();
      await world.within(frozen);
      expect(writes(database), `held at ${at} of ${points}`).toBe(false);
      await world.within(renewer.beat());
      expect(writes(database), `a beat after it was held at ${at} of ${points}`).toBe(false);
    }
  });

  it('says for a dead one that the epoch was fenced, and the site takes its role back', async () => {
    const { world, database, renewer, another, operator } = await aWriter();
    await world.within(renewer.beat());
    expect(writes(database)).toBe(true);
    await database.fencing.fence(1, 5);
    expect(writes(database)).toBe(false);
    expect((await world.within(another.beat())).kind).toBe('fenced');
    expect(await world.within(another.beat())).toMatchObject({ kind: 'renewed' });
    expect(writes(database)).toBe(true);
    expect(await world.within(operator.read())).toMatchObject({ kind: 'value', value: { epoch: 2, writer: 'aws' } });
  });
});
