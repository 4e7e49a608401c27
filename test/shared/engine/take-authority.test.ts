// Taking the role when the answer of the swap is lost: what this process finds done later is told in the journal, once, and by nobody else.
import { expect, it } from 'vitest';
import type { Register } from '../../../shared/authority/register.ts';
import { compileRun } from '../../../shared/decision/compile-run.ts';
import { handOn } from '../../../shared/engine/run-changes.ts';
import { createTakeAuthority } from '../../../shared/engine/steps/take-authority.ts';
import type { JournalEvent } from '../../../shared/model/journal.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const at = '2026-11-23T12:00:00.000Z';
const because = 'renewal 1 of epoch 1 stood still for 18.0 s';

/** The swap is committed as done by `by`, and its answer is lost. */
async function takeInDoubt(by: string) {
  const empty = aSituation({ lease: { renewal: 1, fenced: null } });
  const promote = { written: 'promote_gcp_db', action: { kind: 'promote_db' as const, site: 'gcp' } };
  const scenario = { name: 'aws_lost', trigger: { kind: 'site_down', site: 'aws' }, actions: [promote] } as never;
  const run = compileRun(empty, {
    id: 'run-1',
    target: 'gcp',
    because: '',
    evidence: [],
    by: 'gcp keeper 1',
    at,
    scenario,
  });
  const situation: Situation = { ...empty, run };
  const step = run.steps[0]!;
  const told: JournalEvent[] = [];
  let committed = situation;
  const never = () => Promise.reject(new Error('nothing is read here'));
  const register: Register<Situation> = {
    read: never,
    finish: never,
    change: async (_, apply) => {
      const change = apply(situation);
      if (change.kind === 'to') committed = change.value;
      return { kind: 'unknown', because: 'no answer came in time' };
    },
  };
  const executor = createTakeAuthority({
    strategy: theStrategy(),
    by: 'gcp keeper 1',
    register,
    chance: { id: () => 'change-1', fraction: () => 0.5 },
    clock: createManualClock(),
    mayTake: () => ({ kind: 'yes', seen: { epoch: 1, renewal: 1 }, because }),
    journal: async (event) => void told.push(event),
    taker: null,
  });
  if (executor.claims) throw new Error('the role is taken by a swap');
  const job = { situation, run, step, action: { kind: 'take_authority' as const, site: 'gcp' } };
  const swapping = executor.swap(job, (made, found) =>
    handOn(made, run.id, step.id, { ...found, overrideUsed: null, by, at, claimSeconds: () => null }),
  );
  await expect(swapping).rejects.toThrow('no answer came in time');
  const look = async () => (await executor.observe({ ...job, situation: committed })).kind;
  return { told, look };
}

it('is told by the process that finds its own swap committed, and only once', async () => {
  const { told, look } = await takeInDoubt('gcp keeper 1');
  expect(told).toEqual([]);
  expect([await look(), await look()]).toEqual(['done', 'done']);
  expect(told).toEqual([{ kind: 'authority-taken', writer: 'gcp', epoch: 2, because }]);
});

it('is not told by a process that finds that another of its site was faster', async () => {
  const { told, look } = await takeInDoubt('gcp keeper 2');
  expect(await look()).toBe('done');
  expect(told).toEqual([]);
});
