// Respond: what follows from an event that a cloud has delivered. Signals become evidence, and wake a keeper; rejections are recorded.
import { admit } from '../events/freshness.ts';
import type { AlarmBoard } from '../model/bulletin.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { HealthSignal, LagSignal, Parsed, Signal } from '../model/signal.ts';
import type { Clock } from '../ports/clock.ts';

export type RespondDeps = {
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** Changes this cloud's alarm board by compare-and-swap. */
  updateBoard: (change: (board: AlarmBoard) => AlarmBoard) => Promise<void>;
  /** Beats for the time of a scheduled keeper. */
  keep: () => Promise<void>;
  /** Beats until nothing is suspected and no run is open. */
  wake: () => Promise<void>;
  clock: Clock;
};

export type Response = { received: number; rejected: number; ignored: string[] };

/** Older than this, an alarm's word is history: a delivery that was muted or held up must not cause a failover. */
const signalMaxAgeSeconds = 900;

/** Never throws for what an event holds; throws when the evidence could not be kept, so that the cloud delivers again. */
export async function respond(parsed: Parsed, deps: RespondDeps): Promise<Response> {
  for (const rejection of parsed.rejections) await deps.journal({ kind: 'signal-rejected', rejection }, null);
  const ignored: string[] = [];
  let news = false;
  for (const signal of parsed.signals) {
    if (signal.kind !== 'tick') await deps.journal({ kind: 'signal-received', signal }, null);
    const outcome = await take(signal, deps);
    if (outcome.kind === 'ignored') ignored.push(outcome.because);
    else news ||= outcome.kind === 'news';
  }
  if (parsed.signals.some((signal) => signal.kind === 'tick')) await deps.keep();
  else if (news) await deps.wake();
  return { received: parsed.signals.length, rejected: parsed.rejections.length, ignored };
}

type Taken = { kind: 'news' } | { kind: 'noted' } | { kind: 'ignored'; because: string };

async function take(signal: Signal, deps: RespondDeps): Promise<Taken> {
  switch (signal.kind) {
    case 'health':
    case 'lag':
      return pin(signal, deps);
    case 'alert':
      return refuseAlert(signal.alert, signal.firing, deps);
    case 'context':
    case 'tick':
      return { kind: 'noted' };
  }
}

/** Pins a managed check's word to the board; late, doubled and reordered deliveries leave it as it is. */
async function pin(signal: HealthSignal | LagSignal, deps: RespondDeps): Promise<Taken> {
  let outcome: Taken = { kind: 'news' };
  await deps.updateBoard((board) => {
    const admitted = admit(board, signal, deps.clock.now(), signalMaxAgeSeconds);
    outcome = admitted.kind === 'admitted' ? { kind: 'news' } : { kind: 'ignored', because: admitted.because };
    return admitted.kind === 'admitted' ? admitted.board : board;
  });
  return outcome;
}

/** Metric alerts parse and are known; carrying them out is refused aloud, so that nobody counts on it. */
async function refuseAlert(alert: string, firing: boolean, deps: RespondDeps): Promise<Taken> {
  if (!firing) return { kind: 'noted' };
  await deps.journal(
    {
      kind: 'decided',
      rule: 'alert-not-carried-out',
      because: `the alert ${alert} fired, and this version does not carry out the actions of metric alerts`,
      blockedBy: 'this version of Causeway',
      unblock: 'acting by hand; `causeway plan <scenario>` shows what a failover would do',
      evidence: [],
    },
    null,
  );
  return { kind: 'noted' };
}
