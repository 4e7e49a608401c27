// What a scenario asks of the records: who took the role and when, who refused and accepted first, and who was told.
import { describe, expect, it } from 'vitest';
import {
  areServed,
  firstAcceptance,
  firstRefusal,
  firstTold,
  lastAcceptance,
  rolesTaken,
  unacknowledged,
} from '../../../../infra/local/drill/measures.ts';
import type { Heard } from '../../../../infra/local/drill/story.ts';
import type { DirectWrite, DnsRequest } from '../../../../infra/local/load/records.ts';
import { compileRun } from '../../../../shared/decision/compile-run.ts';
import { aSituation } from '../../../support/situation.ts';
import { theStrategy } from '../../../support/strategy.ts';

const run = compileRun(aSituation(), {
  id: 'r1',
  scenario: theStrategy().scenarios[0]!,
  target: 'gcp',
  because: 'it was down',
  evidence: [],
  by: 'gcp',
  at: '2026-11-20T03:00:00.000Z',
});
const taking = { ...run.steps[0]!, status: 'done' as const, endedAt: '2026-11-20T03:00:19.000Z' };
const at = (atSeconds: number) => new Date(Date.parse('2026-11-20T03:00:00.000Z') + atSeconds * 1000).toISOString();
const opened: Heard = { atSeconds: 10, at: at(10), region: 'gcp', kind: 'event', event: { kind: 'run-opened', run } };
const found: Heard = {
  atSeconds: 21,
  at: at(21),
  region: 'gcp',
  kind: 'event',
  event: { kind: 'step-changed', run: 'r1', step: taking },
};
const said: Heard = {
  atSeconds: 20,
  at: at(20),
  region: 'gcp',
  kind: 'event',
  event: { kind: 'authority-taken', writer: 'gcp', epoch: 2, because: 'renewal 4 stood still' },
};

function direct(site: string, endedAtSeconds: number, changes: Partial<DirectWrite> = {}): DirectWrite {
  return {
    site,
    marker: `${site}/${endedAtSeconds}`,
    startedAtSeconds: endedAtSeconds - 0.1,
    commitSentAtSeconds: endedAtSeconds,
    endedAtSeconds,
    outcome: 'acknowledged',
    sqlState: null,
    because: '',
    ...changes,
  };
}

function order(client: string, endedAtSeconds: number, outcome: DnsRequest['outcome'] = 'acknowledged'): DnsRequest {
  return {
    client,
    kind: 'write',
    sequence: endedAtSeconds,
    startedAtSeconds: endedAtSeconds - 0.1,
    endedAtSeconds,
    outcome,
    address: null,
    site: null,
    acceptedBy: null,
    found: null,
    because: '',
  };
}

describe('who took the role', () => {
  it('is who says so, from the earliest that it can have been', () => {
    const because = 'renewal 4 stood still';
    expect(rolesTaken([opened, said])).toEqual([{ site: 'gcp', epoch: 2, fromSeconds: 20, because }]);
    // The step is recorded with the swap itself, before who made it knows that it was committed.
    expect(rolesTaken([opened, said, found])).toEqual([{ site: 'gcp', epoch: 2, fromSeconds: 19, because }]);
  });

  it('is found by the step, or by the run when it is over, when who took it never heard that it did', () => {
    const ended: Heard = {
      ...opened,
      atSeconds: 40,
      at: at(40),
      event: { kind: 'run-ended', run: { ...run, steps: [taking, ...run.steps.slice(1)] } },
    };
    expect(rolesTaken([opened, found])).toMatchObject([{ site: 'gcp', epoch: 2, fromSeconds: 19 }]);
    expect(rolesTaken([opened, ended])).toMatchObject([{ site: 'gcp', epoch: 2, fromSeconds: 19 }]);
    expect(rolesTaken([opened])).toEqual([]);
  });
});

describe('who writes straight at the databases', () => {
  const refusal = { outcome: 'refused' as const, sqlState: '25006' };
  const writes = [
    direct('aws', 9),
    direct('aws', 11),
    direct('aws', 12, { outcome: 'refused' }),
    direct('aws', 13, refusal),
    direct('aws', 14, refusal),
    direct('gcp', 12.5, refusal),
    direct('gcp', 20),
  ];

  it('is refused when the guard says so, and not when nothing answers', () => {
    expect(firstRefusal(writes, 'aws', 10)).toBe(13);
    expect(firstRefusal(writes, 'aws', 13.5)).toBe(14);
  });

  it('is accepted by one side last and by the other first; never is no moment', () => {
    expect([lastAcceptance(writes, 'aws'), firstAcceptance(writes, 'gcp', 10)]).toEqual([11, 20]);
    expect([lastAcceptance([], 'aws'), firstAcceptance(writes, 'gcp', 21)]).toEqual([null, null]);
  });
});

describe('clients that follow DNS', () => {
  it('are served when every one of them was acknowledged, and nobody was not, for the whole time', () => {
    const at = (nowSeconds: number, sinceSeconds = 0) => ({ nowSeconds, sinceSeconds, forSeconds: 5 });
    const writes = [order('ann', 8), order('bob', 8), order('ann', 9, 'refused'), order('ann', 12), order('bob', 13)];
    expect(areServed(writes, ['ann', 'bob'], at(13))).toBe(false);
    expect(areServed(writes, ['ann', 'bob'], at(15))).toBe(true);
    expect(areServed(writes, ['ann', 'bob'], at(15, 11))).toBe(false);
    expect(areServed(writes, ['ann', 'bob', 'cyd'], at(15))).toBe(false);
  });

  it('count as not acknowledged only for what they began and ended in that time', () => {
    const writes = [
      order('ann', 10, 'unknown'),
      order('ann', 11),
      order('bob', 12, 'refused'),
      order('bob', 20, 'refused'),
    ];
    expect(unacknowledged(writes, 11, 15).map(({ client }) => client)).toEqual(['bob']);
  });
});

it('people are told at the first message that reads so, and not by what was said before', () => {
  const told = (atSeconds: number, text: string): Heard => ({
    atSeconds,
    at: at(atSeconds),
    region: 'witness',
    kind: 'told',
    where: 'Slack',
    text,
  });
  const heard = [told(5, 'the lease is low'), said, told(12, 'the lease is low')];
  expect([firstTold(heard, /lease/, 6), firstTold(heard, /dns/i, 0)]).toEqual([12, null]);
});
