// What becomes of each key, as lines of the log: what a person must act on louder than what goes well.
import type { Note, Noted } from '../objects/noted.ts';
import type { Log, Severity } from './log.ts';

export function createNoteLog(log: Log): Noted {
  return (note) => log(severityOf(note), sentenceOf(note), { object: note });
}

function severityOf(note: Note): Severity {
  switch (note.kind) {
    case 'buried':
      return 'ERROR';
    case 'trouble':
    case 'put-off':
      return 'WARNING';
    case 'settled':
      return note.keptAside > 0 || note.left.length > 0 || note.did === 'left' ? 'WARNING' : 'DEBUG';
    case 'ignored':
    case 'collected':
    case 'unfinished':
      return 'DEBUG';
  }
}

function sentenceOf(note: Note): string {
  switch (note.kind) {
    case 'ignored':
    case 'trouble':
      return note.because;
    case 'collected':
      return `${note.keys} keys wait for the window of ${note.pair}/${note.tier}`;
    case 'unfinished':
      return `${note.key} is to be gone on with: its copy was stopped before the time limit`;
    case 'put-off':
      return `${note.key} is to be tried again: ${note.because}`;
    case 'buried':
      return `${note.what} is given to the dead letters: ${note.because}`;
    case 'settled':
      return `${note.key}: ${note.did}, because ${note.because}`;
  }
}
