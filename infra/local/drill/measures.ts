// What a scenario asks of the records: who wrote when, who was refused when, and who was told. Pure.
import type { DirectWrite, DnsRequest } from '../load/records.ts';
import type { Heard } from './story.ts';

/** read_only_sql_transaction: what the lease guard refuses with. */
const guardState = '25006';

/** Writes through DNS that ended in that time and were not acknowledged. */
export function unacknowledged(requests: readonly DnsRequest[], fromSeconds: number, toSeconds: number): DnsRequest[] {
  return requests.filter(
    ({ kind, outcome, startedAtSeconds, endedAtSeconds }) =>
      kind === 'write' && outcome !== 'acknowledged' && startedAtSeconds >= fromSeconds && endedAtSeconds <= toSeconds,
  );
}

/** Null: there was none, which for a moment that is waited for is no answer. */
type Moment = number | null;

/** When the guard of a site's database first refused a write, at or after that time. */
export function firstRefusal(direct: readonly DirectWrite[], site: string, fromSeconds: number): Moment {
  return earliest(
    direct.filter((one) => one.site === site && one.sqlState === guardState),
    fromSeconds,
  );
}

export function firstAcceptance(direct: readonly DirectWrite[], site: string, fromSeconds: number): Moment {
  return earliest(
    direct.filter((one) => one.site === site && one.outcome === 'acknowledged'),
    fromSeconds,
  );
}

export function lastAcceptance(direct: readonly DirectWrite[], site: string): Moment {
  const times = direct
    .filter((one) => one.site === site && one.outcome === 'acknowledged')
    .map((one) => one.endedAtSeconds);
  return times.length === 0 ? null : Math.max(...times);
}

function earliest(writes: readonly DirectWrite[], fromSeconds: number): Moment {
  const times = writes.map((one) => one.endedAtSeconds).filter((at) => at >= fromSeconds);
  return times.length === 0 ? null : Math.min(...times);
}

/** When people were first told something that reads so, at or after that time. */
export function firstTold(heard: readonly Heard[], pattern: RegExp, fromSeconds: number): Moment {
  return (
    heard.find((one) => one.kind === 'told' && one.atSeconds >= fromSeconds && pattern.test(one.text))?.atSeconds ??
    null
  );
}

export type RoleTaken = { site: string; epoch: number; fromSeconds: number; because: string };

/**
 * Who took the role and when, the earliest that says so of each epoch. Who took it may not have heard that it did: then the step that found
 * it taken says so, or the run when it is over.
 */
export function rolesTaken(heard: readonly Heard[]): RoleTaken[] {
  const taken = new Map<number, RoleTaken>();
  const epochsBefore = new Map<string, number>();
  const note = (role: RoleTaken): void => {
    const known = taken.get(role.epoch);
    const because = known?.because || role.because;
    if (!known || role.fromSeconds < known.fromSeconds) taken.set(role.epoch, { ...role, because });
  };
  for (const one of heard) {
    if (one.kind !== 'event') continue;
    const { event, atSeconds } = one;
    if (event.kind === 'run-opened') epochsBefore.set(event.run.id, event.run.epochBefore);
    if (event.kind === 'authority-taken')
      note({ site: event.writer, epoch: event.epoch, fromSeconds: atSeconds, because: event.because });
    const steps = event.kind === 'step-changed' ? [event.step] : event.kind === 'run-ended' ? event.run.steps : [];
    const run = event.kind === 'step-changed' ? event.run : event.kind === 'run-ended' ? event.run.id : '';
    const before = epochsBefore.get(run);
    for (const { action, status, endedAt } of steps) {
      if (action.kind !== 'take_authority' || status !== 'done' || endedAt === null || before === undefined) continue;
      const earlierSeconds = (Date.parse(one.at) - Date.parse(endedAt)) / 1000;
      note({ site: action.site, epoch: before + 1, fromSeconds: atSeconds - earlierSeconds, because: '' });
    }
  }
  return [...taken.values()].sort((one, other) => one.epoch - other.epoch);
}

export function hasFenced(heard: readonly Heard[], site: string, epoch: number): boolean {
  return heard.some(
    (one) =>
      one.kind === 'event' &&
      one.event.kind === 'writer-fenced' &&
      one.event.site === site &&
      one.event.epoch === epoch,
  );
}

/** All clients have been acknowledged without a break for `forSeconds`, and since `sinceSeconds`. */
export function areServed(
  requests: readonly DnsRequest[],
  clients: readonly string[],
  window: { nowSeconds: number; sinceSeconds: number; forSeconds: number },
): boolean {
  const from = window.nowSeconds - window.forSeconds;
  if (from < window.sinceSeconds) return false;
  const recent = requests.filter((one) => one.kind === 'write' && one.endedAtSeconds >= from);
  const heard = new Set(recent.map((one) => one.client));
  return heard.size === clients.length && recent.every((one) => one.outcome === 'acknowledged');
}
