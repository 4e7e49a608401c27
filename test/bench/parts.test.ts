// A failover's own records, split into what the settings demanded and what the controller added.
import { describe, expect, it } from 'vitest';
import type { Heard } from '../../infra/local/drill/story.ts';
import { Run } from '../../shared/model/run.ts';
import { aHeartbeat, aSituation } from '../support/situation.ts';
import { cases } from './failover/cases.ts';
import { demanded, type FailoverRecords, partsOf } from './failover/parts.ts';
import { partsTable } from './failover/parts-table.ts';

describe('the parts of a failover', () => {
  const failedAt = new Date('2026-11-20T03:00:10.000Z');
  const afterStrike = (seconds: number): string => new Date(failedAt.getTime() + seconds * 1000).toISOString();
  const step = { id: '1', written: 'take', action: { kind: 'take_authority', site: 'gcp' }, after: [], onlyAt: 'gcp' };
  const run = Run.parse({
    id: 'run-1',
    scenario: 'lost',
    target: 'gcp',
    epochBefore: 1,
    because: 'a test',
    evidence: [],
    openedAt: afterStrike(9),
    openedBy: 'gcp',
    patientSince: afterStrike(9),
    steps: [
      {
        ...step,
        status: 'done',
        attempts: 0,
        claim: null,
        by: 'gcp',
        startedAt: afterStrike(15),
        endedAt: afterStrike(15),
        detail: null,
        blocker: null,
      },
    ],
    outcome: null,
    endedAt: null,
  });
  const heard = (seconds: number, news: Pick<Heard & { kind: 'said' }, 'kind' | 'from' | 'text'>): Heard => ({
    atSeconds: seconds,
    at: afterStrike(seconds),
    region: 'gcp',
    ...news,
  });
  const said = (seconds: number, what: string): Heard =>
    heard(seconds, { kind: 'said', from: 'gcp', text: `promotion: ${what} after 0.1 s` });
  const records: FailoverRecords = {
    authority: { ttlSeconds: 12, marginSeconds: 3, confirmWindowSeconds: 8 },
    run,
    after: aSituation({
      writer: 'gcp',
      epoch: 2,
      previous: {
        writer: 'aws',
        epoch: 1,
        renewal: 10,
        heartbeat: aHeartbeat({ writtenAt: afterStrike(-1) }),
        fenced: null,
        handedOver: false,
      },
    }),
    heard: [
      said(-30, 'open'),
      {
        atSeconds: 15.1,
        at: afterStrike(15.1),
        region: 'gcp',
        kind: 'event',
        event: {
          kind: 'authority-taken',
          writer: 'gcp',
          epoch: 2,
          because: 'renewal 10 of epoch 1 stood still for 15.4 s (12 s and 3 s margin)',
        },
      },
      said(15.5, 'drained'),
      said(15.6, 'detached'),
      said(15.6, 'sequences moved'),
      said(15.8, 'the way back was prepared'),
      said(16, 'open'),
    ],
  };
  const secondsOf = (takeoverSeconds: number, changes: Partial<FailoverRecords> = {}) => {
    const parts = partsOf({ ...records, ...changes }, failedAt, takeoverSeconds);
    if (parts.kind === 'unknown') throw new Error(parts.because);
    const added = parts.added.map(({ name, seconds }): [string, number] => [name, Math.round(seconds * 1000) / 1000]);
    return { demandedSeconds: parts.demandedSeconds, added: Object.fromEntries(added) };
  };

  it('are what the settings demand, and what held the takeover up beyond that', () => {
    expect(secondsOf(16.1)).toEqual({
      demandedSeconds: 14,
      added: {
        'run opened': 0,
        'last renewal seen late': 0.6,
        'lease found takeable': 0.4,
        'role and claim committed': 0.1,
        'claim seen and drained': 0.4,
        detached: 0.1,
        'sequences moved': 0,
        'way back prepared': 0.2,
        'guard opened': 0.2,
        'first write acknowledged': 0.1,
      },
    });
  });

  it('count the run as late only from when the lease was void, and sum up to the takeover', () => {
    const late = secondsOf(16.1, { run: { ...run, openedAt: afterStrike(14.8) } });
    expect(late.added).toMatchObject({ 'run opened': 0.8, 'last renewal seen late': 0, 'lease found takeable': 0.2 });
    expect(late.demandedSeconds + Object.values(late.added).reduce((sum, one) => sum + one, 0)).toBeCloseTo(16.1);
    const early = secondsOf(15.9);
    expect(early.added).toMatchObject({ 'guard opened': 0.1, 'first write acknowledged': 0 });
  });

  it('wait for the confirm window where that ends after the lease', () => {
    const authority = { ...records.authority, confirmWindowSeconds: 15 };
    expect(secondsOf(16.1, { authority }).demandedSeconds).toBe(15);
  });

  it('are unknown where a record is missing, and impossible before the settings allow a takeover', () => {
    const without = (text: string) => records.heard.filter((one) => one.kind !== 'said' || !one.text.includes(text));
    expect(() => secondsOf(16.1, { run: null })).toThrow('no run was heard of that took the role');
    expect(() => secondsOf(16.1, { after: null })).toThrow('does not tell the last renewal');
    expect(() => secondsOf(16.1, { heard: [] })).toThrow('how long the lease had stood still');
    expect(() => secondsOf(16.1, { heard: without('detached') })).toThrow('nobody told of "detached"');
    expect(() => secondsOf(13)).toThrow('came 13.0 s after the strike, and the settings allow none before 14.0 s');
  });

  it('are told in rows of their own, and a round without them by name', () => {
    const round = {
      contestant: 'Causeway',
      case: 'kill',
      story: [],
      writer: 'second' as const,
      acknowledged: 9,
      pauseSeconds: 16,
      takeoverSeconds: 16.1,
      lost: 0,
      overlapSeconds: 0,
      divergent: 0,
    };
    const table = partsTable([
      { ...round, parts: partsOf(records, failedAt, 16.1) },
      { ...round, parts: { kind: 'unknown', because: 'nobody told' } },
    ]);
    expect(table?.rows.slice(0, 4)).toEqual([
      [cases[0]?.summary, 'Causeway', demanded, '1', '14.00', '14.00 to 14.00'],
      [cases[0]?.summary, 'Causeway', 'added in all', '1', '2.10', '2.10 to 2.10'],
      [cases[0]?.summary, 'Causeway', '- run opened', '1', '0.00', '0.00 to 0.00'],
      [cases[0]?.summary, 'Causeway', '- last renewal seen late', '1', '0.60', '0.60 to 0.60'],
    ]);
    expect(table?.notes.at(-1)).toBe('A round of Causeway, kill, is left out: nobody told.');
    expect(partsTable([{ ...round, parts: null }])).toBe(null);
  });
});
