// Situations for tests: a healthy first epoch, and what tests change in it.
import type { Heartbeat, Situation } from '../../shared/model/situation.ts';

export function aSituation(changes: Partial<Situation> = {}): Situation {
  return {
    schema: 1,
    version: 1,
    writer: 'aws',
    epoch: 1,
    lease: { renewal: 10, fenced: null },
    heartbeat: aHeartbeat(),
    previous: null,
    run: null,
    lastRun: null,
    traffic: { aws: 70, gcp: 30 },
    paused: null,
    overrides: [],
    episodes: [],
    ...changes,
  };
}

export function aHeartbeat(changes: Partial<Heartbeat> = {}): Heartbeat {
  return { epoch: 1, number: 10, writtenAt: '2026-11-20T03:00:00.000Z', lsn: '0/16B3748', ...changes };
}
