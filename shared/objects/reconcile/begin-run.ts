// Beginning a comparison, or taking up one that was stopped.
import type { Clock } from '../../ports/clock.ts';
import { findBaseline, speaksOf } from './baseline.ts';
import { type Checkpoint, isSameScope, readState, type Scope } from './checkpoint.ts';
import { noUsage } from './cost.ts';
import { nothingDone } from './done-tally.ts';
import type { Begun, PairWork } from './pair-work.ts';
import { emptyTally } from './tally.ts';

/** Not touched for so long, a run's process is taken for gone. */
const ABANDONED_SECONDS = 180;

/** Takes up an unfinished run of the same scope, unless `fresh`; else begins one. Throws `UnderWay`, and what the store throws. */
export async function beginRun(work: PairWork, scope: Scope, { fresh }: { fresh: boolean }): Promise<Begun> {
  const { store, pair, clock, owner } = work;
  const [found, replaces] = await Promise.all([readState(store, pair.name), findBaseline(store, pair.name)]);
  const { open } = found.state;
  if (open && open.owner !== owner) refuseIfAlive(open, pair.name, clock);
  const baseline = replaces && speaksOf(replaces, pair) ? replaces : null;
  const notes: string[] = [];
  if (replaces && !baseline) {
    notes.push(`what was agreed speaks of other buckets (${replaces.pointer.buckets.join(' and ')}), and is not used`);
  }
  const goesOn = open !== null && !fresh && isSameScope(open.scope, scope);
  if (open && goesOn && open.position !== null) {
    notes.push(`goes on with what was begun at ${open.startedAt} and stopped after ${JSON.stringify(open.position)}`);
  }
  if (open && !goesOn) notes.push(`gives up what was begun at ${open.startedAt}; what it has done stays done`);
  const touchedAt = clock.now().toISOString();
  const checkpoint = open && goesOn ? { ...open, owner, touchedAt } : newCheckpoint(work, scope, touchedAt);
  return { checkpoint, found, baseline, replaces, notes };
}

function newCheckpoint({ chance, owner }: PairWork, scope: Scope, at: string): Checkpoint {
  return {
    run: chance.id(),
    scope,
    owner,
    startedAt: at,
    touchedAt: at,
    forced: false,
    phase: 'survey',
    position: null,
    tally: emptyTally(),
    done: nothingDone(),
    usage: { left: noUsage(), right: noUsage() },
    chunks: [],
  };
}

function refuseIfAlive({ owner, touchedAt }: Checkpoint, pair: string, clock: Clock): void {
  const secondsAgo = (clock.now().getTime() - Date.parse(touchedAt)) / 1000;
  if (secondsAgo < ABANDONED_SECONDS) throw new UnderWay(pair, owner, secondsAgo);
}

/** Somebody else works on this pair now. */
export class UnderWay extends Error {
  override readonly name = 'UnderWay';
  constructor(pair: string, owner: string, secondsAgo: number) {
    super(
      `pair "${pair}" is being compared by ${owner}, which said so ${Math.round(secondsAgo)} s ago: let it end; after ${ABANDONED_SECONDS} s of silence it is taken for gone`,
    );
  }
}
