// The lag of the replicas: heartbeats first, alarms where no keeper can tell, and never zero for what is not known.
import { describe, expect, it } from 'vitest';
import { worstLag } from '../../../shared/decision/lag.ts';
import type { AlarmBoard, DatabaseView } from '../../../shared/model/bulletin.ts';

const now = new Date('2026-11-20T03:00:00.000Z');

const view = (site: string, lagSeconds: number | null): DatabaseView => ({
  site,
  applied: null,
  lagSeconds,
  ready: lagSeconds !== null,
  because: lagSeconds === null ? 'its database did not answer' : `${lagSeconds} s behind`,
});

function board(site: string, lagSeconds: number | null, secondsAgo: number, name = 'replica-lag'): AlarmBoard {
  const observedAt = new Date(now.getTime() - secondsAgo * 1000).toISOString();
  const vantage = { kind: 'managed-check' as const, name, ground: 'gcp' as const };
  const signal = {
    kind: 'lag' as const,
    id: `${name}-${secondsAgo}`,
    vantage,
    observedAt,
    because: 'it alarmed',
    site,
  };
  return { schema: 1, health: [], lag: [{ ...signal, lagSeconds, breached: lagSeconds === null ? null : true }] };
}

const lag = (standbys: DatabaseView[], boards: AlarmBoard[] = [], replicas = ['gcp']) =>
  worstLag({ replicas, standbys, boards, now, maxAgeSeconds: 900 });

describe('the lag of the replicas', () => {
  it('is what the heartbeats say, whatever an alarm says', () => {
    expect(lag([view('gcp', 2)], [board('gcp', 45, 10)])).toEqual({ seconds: 2, because: 'gcp: 2 s behind' });
  });

  it('is what a fresh alarm says when the keeper cannot tell, or is silent', () => {
    const heard = { seconds: 45, because: 'gcp: replica-lag said so at 2026-11-20T02:59:50.000Z' };
    expect(lag([view('gcp', null)], [board('gcp', 45, 10)])).toEqual(heard);
    expect(lag([], [board('gcp', 45, 10)])).toEqual(heard);
  });

  it('is unknown when the alarm is old, has no data, or speaks of another site', () => {
    expect(lag([], [board('gcp', 45, 901)])).toBeNull();
    expect(lag([], [board('gcp', null, 10)])).toBeNull();
    expect(lag([], [board('aws', 45, 10)])).toBeNull();
    expect(lag([])).toBeNull();
  });

  it('takes the last word of several checks: the newest one without data leaves it unknown', () => {
    const boards = [board('gcp', 45, 60, 'cloudwatch'), board('gcp', 3, 10, 'cloud-monitoring')];
    expect(lag([], boards)?.seconds).toBe(3);
    expect(lag([], [...boards, board('gcp', null, 5, 'third')])).toBeNull();
  });

  it('is that of the replica that is furthest behind, and unknown when one of them is', () => {
    expect(lag([view('gcp', 2), view('eu', 7)], [], ['gcp', 'eu'])?.seconds).toBe(7);
    expect(lag([view('gcp', 2)], [board('eu', 30, 5)], ['gcp', 'eu'])?.seconds).toBe(30);
    expect(lag([view('gcp', 200)], [], ['gcp', 'eu'])).toBeNull();
    expect(lag([], [], [])).toBeNull();
  });
});
