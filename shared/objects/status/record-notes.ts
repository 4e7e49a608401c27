// What is told of each key that goes through, as figures of its tier.
import type { Clock } from '../../ports/clock.ts';
import type { Note, Noted } from '../noted.ts';
import type { StatusRecorder } from './status-recorder.ts';

export function createStatusNotes(recorder: StatusRecorder, clock: Clock): Noted {
  return (note) => recordNote(recorder, note, clock.now());
}

function recordNote(recorder: StatusRecorder, note: Note, now: Date): void {
  switch (note.kind) {
    case 'settled': {
      const { pair, tier, did, sizeBytes, lagSeconds, keptAside } = note;
      if (did === 'nothing') recorder.note(pair, tier, { kind: 'alike' });
      else if (did === 'left') recorder.note(pair, tier, { kind: 'failed', reason: 'origin-lost' });
      else recorder.note(pair, tier, { kind: 'replicated', bytes: did === 'copied' ? sizeBytes : 0, lagSeconds });
      if (keptAside > 0) recorder.note(pair, tier, { kind: 'conflict' });
      return;
    }
    case 'put-off': {
      const { pair, tier, reason, waitedSeconds } = note;
      recorder.note(pair, tier, { kind: 'failed', reason });
      recorder.note(pair, tier, { kind: 'retried' });
      recorder.note(pair, tier, { kind: 'waiting', sinceMillis: Math.round(now.getTime() - waitedSeconds * 1000) });
      return;
    }
    case 'buried': {
      const { pair, tier, reason } = note;
      if (pair !== null && tier !== null) recorder.note(pair, tier, { kind: 'dead-letter', reason });
      return;
    }
    case 'ignored':
    case 'collected':
    case 'unfinished':
    case 'trouble':
      return;
  }
}
