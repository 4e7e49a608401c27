// One journal entry in one line: when, who, at which epoch, and what happened, in a sentence.
import type { JournalEntry, JournalEvent } from '../../shared/model/journal.ts';
import type { Colors } from './strategy-issues.ts';

export function entryText({ at, appender, epoch, event }: JournalEntry, colors: Colors): string {
  const stamp = at.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
  // A chain's name begins with the time that it was begun at: the name of who appends is what a person knows.
  const who = appender.replace(/^\d{8}T\d{9}Z-/, '');
  const when = epoch === null ? 'e-' : `e${epoch}`;
  return `${colors.dim(stamp)}  ${who.padEnd(20)}  ${when.padEnd(4)} ${paint(event, colors)(event.kind)}: ${sentenceOf(event)}`;
}

function paint(event: JournalEvent, colors: Colors): (text: string) => string {
  switch (event.kind) {
    case 'trouble-met':
    case 'signal-rejected':
      return colors.yellow;
    case 'authority-taken':
    case 'writer-fenced':
    case 'run-opened':
    case 'run-ended':
      return colors.bold;
    case 'readiness-lost':
      return colors.yellow;
    case 'readiness-regained':
      return colors.green;
    case 'operator-commanded':
    case 'override-used':
      return colors.magenta;
    case 'signal-received':
    case 'decided':
    case 'step-changed':
    case 'notified':
      return colors.cyan;
  }
}

function sentenceOf(event: JournalEvent): string {
  switch (event.kind) {
    case 'signal-received': {
      const { kind, vantage, because } = event.signal;
      return `${kind} from ${vantage.name} (${vantage.ground}): ${because}`;
    }
    case 'signal-rejected':
      return `${event.rejection.source}: ${event.rejection.reason}, ${event.rejection.explanation}`;
    case 'decided': {
      const blocked = event.blockedBy ? `. Blocked by ${event.blockedBy}; unblocked by ${event.unblock}` : '';
      return `${event.rule}: ${event.because}${blocked}`;
    }
    case 'run-opened':
      return `${event.run.id}, going to ${event.run.target}: ${event.run.because}`;
    case 'run-ended':
      return `${event.run.id}: ${event.run.outcome ?? 'no outcome'}`;
    case 'step-changed': {
      const { id, status, attempts, by, detail, blocker } = event.step;
      const found = blocker ?? detail;
      return `${id} is ${status}${attempts > 1 ? `, attempt ${attempts}` : ''}${by ? `, by ${by}` : ''}${found ? `: ${found}` : ''}`;
    }
    case 'authority-taken':
      return `${event.writer} is the writer at epoch ${event.epoch}: ${event.because}`;
    case 'writer-fenced':
      return `${event.site} at epoch ${event.epoch}: ${event.because}`;
    case 'operator-commanded':
      return `${event.by}: ${event.command}, because ${event.reason}`;
    case 'override-used':
      return `${event.override.what}, given by ${event.override.by} (${event.override.reason}), used by ${event.usedBy}`;
    case 'notified':
      return `${event.channel}: ${event.outcome} (${event.dedupKey})`;
    case 'readiness-lost':
      return `${event.site} is not ready: ${event.findings.join('; ')}`;
    case 'readiness-regained':
      return `${event.site}, what was not ready is: ${event.about.join(', ')}`;
    case 'trouble-met':
      return `${event.where}: ${event.message}`;
  }
}
