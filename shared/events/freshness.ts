// Which deliveries count: late, doubled and out-of-order ones never change the alarm board.
import type { AlarmBoard } from '../model/bulletin.ts';
import type { HealthSignal, LagSignal } from '../model/signal.ts';

export type Admission = { kind: 'admitted'; board: AlarmBoard } | { kind: 'ignored'; because: string };

/**
 * Puts a signal on the board, unless it is older than `maxAgeSeconds` (or as far ahead of `now`: a wrong clock would shut out all that
 * follow), a duplicate, or older than what its vantage said last about that site. The order of deliveries does not matter: of
 * two signals with the same time the greater id stands, and entries are kept sorted. The board given is not changed.
 */
export function admit(
  board: AlarmBoard,
  signal: HealthSignal | LagSignal,
  now: Date,
  maxAgeSeconds: number,
): Admission {
  const untimely = timeliness(signal, now, maxAgeSeconds);
  if (untimely) return { kind: 'ignored', because: untimely };
  const seen = signal.kind === 'health' ? standing(board.health, signal) : standing(board.lag, signal);
  const superseded = seen ? supersededBy(seen, signal) : null;
  if (superseded) return { kind: 'ignored', because: superseded };
  return {
    kind: 'admitted',
    board:
      signal.kind === 'health'
        ? { ...board, health: replaced(board.health, signal) }
        : { ...board, lag: replaced(board.lag, signal) },
  };
}

type Entry = { id: string; observedAt: string; site: string; vantage: { name: string } };

function timeliness(signal: Entry, now: Date, maxAgeSeconds: number): string | null {
  const ageSeconds = (now.getTime() - Date.parse(signal.observedAt)) / 1000;
  const told = `${signal.vantage.name} says what was so at ${signal.observedAt}`;
  if (ageSeconds > maxAgeSeconds) {
    return `late: ${told}, ${ageSeconds.toFixed(1)} s ago; at most ${maxAgeSeconds} s are accepted`;
  }
  if (-ageSeconds > maxAgeSeconds) {
    return `from the future: ${told}, ${(-ageSeconds).toFixed(1)} s ahead of our clock; at most ${maxAgeSeconds} s are accepted, look at the clocks`;
  }
  return null;
}

function supersededBy(seen: Entry, signal: Entry): string | null {
  if (seen.id === signal.id) return `duplicate: ${signal.id} is on the board already`;
  if (compare(seen, signal) < 0) return null;
  return `out of order: ${signal.vantage.name} has already told of ${seen.observedAt} for ${signal.site}, and this is of ${signal.observedAt}`;
}

function standing<E extends Entry>(entries: E[], signal: Entry): E | undefined {
  return entries.find((each) => sameWitness(each, signal));
}

function replaced<E extends Entry>(entries: E[], signal: E): E[] {
  const others = entries.filter((each) => !sameWitness(each, signal));
  return [...others, signal].sort(
    (one, other) => byText(one.vantage.name, other.vantage.name) || byText(one.site, other.site),
  );
}

function sameWitness(one: Entry, other: Entry): boolean {
  return one.vantage.name === other.vantage.name && one.site === other.site;
}

/** By what time it was, then by id, so that any order of arrival ends in the same board. */
function compare(one: Entry, other: Entry): number {
  return Date.parse(one.observedAt) - Date.parse(other.observedAt) || byText(one.id, other.id);
}

/** By code unit: a locale would make two machines sort differently. */
function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
