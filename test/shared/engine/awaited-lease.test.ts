// The wait for a lease: when it ends, and that nothing but the swap that takes the role is written in its last moments.
import { describe, expect, it } from 'vitest';
import type { Takeable } from '../../../shared/authority/lease-watch.ts';
import type { Register } from '../../../shared/authority/register.ts';
import { compileRun } from '../../../shared/decision/compile-run.ts';
import { createAwaitedLease } from '../../../shared/engine/awaited-lease.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { aSituation } from '../../support/situation.ts';

function asking(): Situation {
  const situation = aSituation();
  const scenario = {
    name: 'aws_lost',
    trigger: { kind: 'site_failure' as const, site: 'aws' },
    actions: [{ written: 'promote_gcp_db', action: { kind: 'promote_db' as const, site: 'gcp' } }],
  };
  const opening = {
    id: 'run-1',
    target: 'gcp',
    because: 'lost',
    evidence: [],
    by: 'test',
    at: '2026-11-23T12:00:00.000Z',
  };
  // The compiler looks at the actions alone.
  return { ...situation, run: compileRun(situation, { ...opening, scenario: scenario as never }) };
}

/** A lease that is void at `voidSeconds`, and a role that is taken at `takenSeconds`. */
function world({ site = 'gcp', situation = asking(), voidSeconds = 10, takenSeconds = Number.POSITIVE_INFINITY }) {
  const clock = createManualClock();
  const written: number[] = [];
  const never = () => Promise.reject(new Error('nothing is read here'));
  const register: Register<Situation> = {
    read: never,
    finish: never,
    change: async () => {
      written.push(clock.elapsedSeconds());
      return { kind: 'refused', because: 'only when it was asked matters' };
    },
  };
  const latest = (): Situation =>
    clock.elapsedSeconds() >= takenSeconds ? { ...situation, writer: 'gcp', epoch: situation.epoch + 1 } : situation;
  const mayTake = (): Takeable => {
    const waitSeconds = voidSeconds - clock.elapsedSeconds();
    return waitSeconds > 0
      ? { kind: 'not-yet', waitSeconds, because: 'it stands' }
      : { kind: 'yes', seen: { epoch: 1, renewal: 1 }, because: 'it is void' };
  };
  const awaited = createAwaitedLease({ site, clock, latest, mayTake });
  const write = async (atSeconds: number) => {
    clock.advance(atSeconds - clock.elapsedSeconds());
    await awaited.patient(register).change('some', () => ({ kind: 'refuse', because: 'never run' }));
    return written.at(-1);
  };
  return { clock, awaited, latest, write };
}

describe('what can wait', () => {
  it('is written at once while the lease has long to go', async () => {
    expect(await world({}).write(5)).toBe(5);
  });

  it('waits in the last moments of the lease until the role is taken', async () => {
    expect(await world({ takenSeconds: 10.2 }).write(8.5)).toBeCloseTo(10.2, 1);
  });

  it('lets the swap go first also where the run was opened when the lease was void already', async () => {
    expect(await world({ takenSeconds: 30.4 }).write(30)).toBeCloseTo(30.4, 1);
  });

  it('does not wait for ever for a swap that does not come, and not again', async () => {
    const { write } = world({});
    expect(await write(8.5)).toBeCloseTo(12, 1);
    expect(await write(13)).toBe(13);
  });

  it('does not wait at a site that the run does not give the role to, nor where no run is open', async () => {
    expect(await world({ site: 'aws' }).write(9.5)).toBe(9.5);
    expect(await world({ situation: aSituation() }).write(9.5)).toBe(9.5);
  });

  it('does not wait in a planned move, which never waits a lease out, nor while automation is paused', async () => {
    const situation = asking();
    const handOver = { from: 'aws', deadlineSeconds: 20 };
    const planned = { ...situation, run: situation.run && { ...situation.run, handOver } } as Situation;
    expect(await world({ situation: planned }).write(9.5)).toBe(9.5);
    const paused = { ...situation, paused: { by: 'ada', reason: 'looking', at: '2026-11-23T12:00:00.000Z' } };
    expect(await world({ situation: paused }).write(9.5)).toBe(9.5);
  });
});

it('tells for how long the lease is still waited for, and nothing once it is void', () => {
  const { clock, awaited, latest } = world({});
  clock.advance(7);
  expect(awaited.untilTakeable(latest())).toBe(3);
  clock.advance(4);
  expect(awaited.untilTakeable(latest())).toBeNull();
});
