// What a process knows of the situation: how long the lease stood still is known up to the last answer, and no further.
import { describe, expect, it } from 'vitest';
import type { ReadResult } from '../../../shared/authority/register.ts';
import { createSituationView } from '../../../shared/engine/situation-view.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

function world() {
  const clock = createManualClock();
  let answer: ReadResult<Situation> = { kind: 'value', value: aSituation() };
  const never = () => Promise.reject(new Error('nothing is changed here'));
  const view = createSituationView({
    strategy: theStrategy(),
    register: { read: async () => answer, change: never, finish: never },
    clock,
    mayFinish: () => false,
  });
  return {
    clock,
    view,
    read: (next: ReadResult<Situation>) => {
      answer = next;
      return view.read();
    },
  };
}

const renewal = (number: number): ReadResult<Situation> => ({
  kind: 'value',
  value: aSituation({ version: number, lease: { renewal: number, fenced: null } }),
});

describe('how long the lease has stood still', () => {
  it('is nothing before the register has answered', () => {
    expect(world().view.silence()).toBeNull();
  });

  it('counts from the answer that first showed the renewal to the last that showed it again', async () => {
    const { clock, view, read } = world();
    await read(renewal(10));
    clock.advance(4);
    await read(renewal(10));
    expect(view.silence()).toEqual({ site: 'aws', epoch: 1, renewal: 10, forSeconds: 4 });
    clock.advance(4);
    await read(renewal(11));
    expect(view.silence()).toMatchObject({ renewal: 11, forSeconds: 0 });
  });

  it('does not grow while nobody answers: the lease may have been renewed all the time', async () => {
    const { clock, view, read } = world();
    await read(renewal(10));
    clock.advance(60);
    await read({ kind: 'unknown', because: '1 of 3 stores answered', split: false });
    expect(view.silence()).toMatchObject({ forSeconds: 0 });
  });

  it('begins anew when the register answers again: its writer could not have renewed either', async () => {
    const { clock, view, read } = world();
    const { beatSeconds, ttlSeconds, marginSeconds } = theStrategy().authority;
    const reread = async (seconds: number) => {
      for (let waited = 0; waited < seconds; waited += beatSeconds) {
        clock.advance(beatSeconds);
        await read(renewal(10));
      }
    };
    await read(renewal(10));
    await reread(2 * beatSeconds);
    expect(view.silence()).toMatchObject({ forSeconds: 2 * beatSeconds });
    clock.advance(10 * beatSeconds);
    await read(renewal(10));
    expect(view.silence()).toMatchObject({ renewal: 10, forSeconds: 0 });
    // What may be taken is another matter: whatever kept the writer from renewing, its lease has ended.
    const needSeconds = ttlSeconds + marginSeconds;
    await reread(needSeconds);
    expect(view.silence()?.forSeconds).toBeGreaterThanOrEqual(needSeconds);
    expect(view.mayTake(aSituation({ lease: { renewal: 10, fenced: null } }), false)).toMatchObject({ kind: 'yes' });
  });
});
