// The second pass of a run: carried out from where it stands, checkpointed on the way, its baseline published at the end.
import { createBaselineWriter, publishBaseline, writesNoBaseline } from './baseline.ts';
import { UnderWay } from './begin-run.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { type Checkpoint, isWhole, type LastRun } from './checkpoint.ts';
import { costOf } from './cost.ts';
import { deleteLimit } from './guards.ts';
import { openStreams } from './listings.ts';
import { type Begun, meteredEnds, type PairWork } from './pair-work.ts';
import { createRunKeeper } from './run-keeper.ts';

export type CarryHow = {
  untilSeconds: number;
  stop: AbortSignal;
  /** The guards were overruled: deletes are not limited. */
  forced: boolean;
  /** Who does it, for the record. */
  by: string;
  progress: (checkpoint: Checkpoint) => void;
};

/** `baseline`: `kept` when the run did not end, or knew only some of the keys. */
export type Carried = CarriedOut & {
  checkpoint: Checkpoint;
  /** What all requests of the run cost, the survey's among them. */
  dollars: number;
  baseline: 'published' | 'lost' | 'kept';
};

/** Throws `UnderWay`, and what the buckets' listings and the store throw: then it is gone on with from the last checkpoint. */
export async function carryRun(work: PairWork, begun: Begun, surveyed: Checkpoint, how: CarryHow): Promise<Carried> {
  const { store, pair, clock } = work;
  const { scope, run, phase } = surveyed;
  const from = phase === 'survey' ? null : surveyed.position;
  const checkpoint: Checkpoint = { ...surveyed, phase: 'work', position: from, forced: how.forced };
  const keeper = createRunKeeper(work, begun.found);
  if (!(await keeper.touch(checkpoint))) throw new UnderWay(pair.name, 'another process', 0);
  const writer =
    scope.prefix === ''
      ? createBaselineWriter(store, pair.name, checkpoint.chunks, () => `${run}/${work.chance.id()}`)
      : writesNoBaseline;
  const ends = meteredEnds(work, scope, checkpoint.usage);
  const limit = how.forced ? Number.POSITIVE_INFINITY : deleteLimit(checkpoint.tally.agreed, work.limits);
  const streams = openStreams(ends, store, begun.baseline, { prefix: scope.prefix, startAfter: from });
  const carried = await carryOut(streams, from, {
    writesTo: scope.writesTo,
    sync: work.makeSync(ends),
    deleteLimits: { left: limit, right: limit },
    concurrency: work.concurrency,
    clock,
    untilSeconds: how.untilSeconds,
    stop: how.stop,
    done: checkpoint.done,
    baseline: writer,
    async recorded(key) {
      checkpoint.position = key;
      how.progress(checkpoint);
      if (!keeper.isDue()) return true;
      checkpoint.chunks = await writer.flush();
      return keeper.touch(checkpoint);
    },
  });
  checkpoint.position = carried.position;
  checkpoint.chunks = await writer.flush();
  const dollars = costOf(checkpoint.usage, work.providers).total;
  const baseline = carried.ended ? await publish(work, begun, checkpoint) : 'kept';
  if (!carried.ended) await keeper.touch(checkpoint);
  else await keeper.end(lastRun(checkpoint, how.by, clock.now(), dollars), completeAt(checkpoint, clock.now()));
  return { ...carried, checkpoint, dollars, baseline };
}

async function publish(work: PairWork, begun: Begun, { scope, run, chunks }: Checkpoint): Promise<Carried['baseline']> {
  if (scope.prefix !== '') return 'kept';
  const { store, pair, clock } = work;
  const [left, right] = pair.buckets;
  return publishBaseline(store, pair.name, begun.replaces, {
    schema: 1,
    buckets: [left.bucket, right.bucket],
    run,
    finishedAt: clock.now().toISOString(),
    rows: chunks.reduce((rows, chunk) => rows + chunk.rows, 0),
    chunks,
  });
}

function completeAt({ scope }: Checkpoint, now: Date): string | null {
  return isWhole(scope) ? now.toISOString() : null;
}

function lastRun(checkpoint: Checkpoint, by: string, now: Date, dollars: number): LastRun {
  const { run, scope, startedAt, tally, done } = checkpoint;
  const ended = { endedAt: now.toISOString(), outcome: 'done' as const, because: null };
  return { run, scope, by, startedAt, ...ended, tally, done, dollars };
}
