// What a failover was made of, from its own records: what the settings demanded, and what the controller added to that, stretch by stretch. Pure.
import type { Heard } from '../../../infra/local/drill/story.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';

/** What was recorded of one failover. `after` is the situation when the role had been taken. */
export type FailoverRecords = {
  authority: Pick<Strategy['authority'], 'ttlSeconds' | 'marginSeconds' | 'confirmWindowSeconds'>;
  run: Run | null;
  after: Situation | null;
  heard: readonly Heard[];
};

export type FailoverPart = { name: string; seconds: number };

export type FailoverParts =
  /** `added` is in the order of events, and sums up with `demandedSeconds` to the takeover. */
  { kind: 'parts'; demandedSeconds: number; added: FailoverPart[] } | { kind: 'unknown'; because: string };

type Milestone = { name: string; atSeconds: number | null };

/** Dates are cut to milliseconds, and a process is told of its time a little later than it passed. */
const tolerance = 0.1;

/** What a promotion says of its progress, and what had been done by then. */
const promotion = [
  { said: 'drained', name: 'claim seen and drained' },
  { said: 'detached', name: 'detached' },
  { said: 'sequences moved', name: 'sequences moved' },
  { said: 'the way back was prepared', name: 'way back prepared' },
  { said: 'open', name: 'guard opened' },
];

export const demanded = 'demanded by the settings';

/**
 * Only for a site that does nothing any more after the strike: then the window begins with it, and the lease's last renewal came before it.
 * Throws when the takeover came before the settings allow one: then a clock or a record is wrong, or the product is.
 */
export function partsOf(records: FailoverRecords, failedAt: Date, takeoverSeconds: number): FailoverParts {
  const { authority, run, after, heard } = records;
  const since = (at: string): number => (Date.parse(at) - failedAt.getTime()) / 1000;
  const take = run?.steps.find(({ action }) => action.kind === 'take_authority');
  if (!run || !take?.endedAt) return unknown('no run was heard of that took the role');
  const epoch = run.epochBefore + 1;
  const renewed = after?.epoch === epoch ? after.previous?.heartbeat : null;
  if (!renewed || renewed.epoch !== run.epochBefore) return unknown('the register does not tell the last renewal');
  const taken = heard.find(
    (one) => one.kind === 'event' && one.event.kind === 'authority-taken' && one.event.epoch === epoch,
  );
  const stoodSeconds = taken ? stillness(taken) : null;
  if (!taken || stoodSeconds === null) return unknown('nobody told for how long the lease had stood still');
  const leaseSeconds = authority.ttlSeconds + authority.marginSeconds;
  const swappedSeconds = since(take.endedAt);
  const demandedSeconds = Math.max(authority.confirmWindowSeconds, since(renewed.writtenAt) + leaseSeconds);
  if (takeoverSeconds < demandedSeconds - tolerance) {
    throw new Error(
      `the takeover came ${takeoverSeconds.toFixed(1)} s after the strike, and the settings allow none before ${demandedSeconds.toFixed(1)} s`,
    );
  }
  const milestones: Milestone[] = [
    { name: 'run opened', atSeconds: since(run.openedAt) },
    { name: 'last renewal seen late', atSeconds: swappedSeconds - (stoodSeconds - leaseSeconds) },
    { name: 'lease found takeable', atSeconds: swappedSeconds },
    { name: 'role and claim committed', atSeconds: since(taken.at) },
    ...promotion.map(({ said, name }) => ({ name, atSeconds: saidAt(heard, said, taken.region, failedAt) })),
    { name: 'first write acknowledged', atSeconds: takeoverSeconds },
  ];
  const silent = milestones.find(({ atSeconds }) => atSeconds === null);
  if (silent) return unknown(`nobody told of "${silent.name}"`);
  return { kind: 'parts', demandedSeconds, added: stretches(milestones, demandedSeconds, takeoverSeconds) };
}

/** What went on beside something that took longer adds nothing. */
function stretches(milestones: readonly Milestone[], fromSeconds: number, toSeconds: number): FailoverPart[] {
  let reached = Math.min(fromSeconds, toSeconds);
  return milestones.map(({ name, atSeconds }) => {
    const until = Math.min(Math.max(reached, atSeconds ?? reached), toSeconds);
    const seconds = until - reached;
    reached = until;
    return { name, seconds };
  });
}

/** What the taker says of the lease: its own watch is nowhere else. */
function stillness(heard: Heard): number | null {
  if (heard.kind !== 'event' || heard.event.kind !== 'authority-taken') return null;
  const stood = /stood still for ([\d.]+) s/.exec(heard.event.because)?.[1];
  return stood === undefined ? null : Number(stood);
}

/** When the new writer's side first said so after the strike, in seconds after it. */
function saidAt(heard: readonly Heard[], what: string, region: Heard['region'], failedAt: Date): number | null {
  const one = heard.find(
    (candidate) =>
      candidate.kind === 'said' &&
      candidate.region === region &&
      Date.parse(candidate.at) >= failedAt.getTime() &&
      candidate.text.startsWith(`promotion: ${what} after `),
  );
  return one ? (Date.parse(one.at) - failedAt.getTime()) / 1000 : null;
}

function unknown(because: string): FailoverParts {
  return { kind: 'unknown', because };
}
