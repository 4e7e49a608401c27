// Perform: runs the steps that this side may run. Observe -> nothing to do, or claim -> apply -> verify by observing again.
import type { Register } from '../authority/register.ts';
import type { Run, Step } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import type { Override, Situation } from '../model/situation.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import { type BoundExecutor, type Executors, executorOf, type Observed } from './executor.ts';
import { createHandOverWatch } from './hand-over-watch.ts';
import { type ClaimWatch, readySteps, watchClaims } from './ready-steps.ts';
import type { Recorder } from './recorder.ts';
import { claimStep, endOf, handOn, isOver, type StepRecord } from './run-changes.ts';

export type PerformerDeps = {
  site: SiteName;
  by: string;
  register: Register<Situation>;
  recorder: Recorder;
  executors: Executors;
  clock: Clock;
  chance: Chance;
  onCommitted: (situation: Situation) => void;
  /** The situation as the register has it now; the last one known when it does not answer. */
  read: () => Promise<Situation | null>;
  /** Errors that are not an answer of the world but of our own code: said aloud, and the step is tried again. */
  onTrouble: (where: string, error: unknown) => void;
};

export type Performer = {
  /**
   * Watches what others have claimed, without working on anything. A keeper whose turn it is not watches too: a claim must be seen for its
   * whole deadline by one process, and a keeper's turn may be shorter than that.
   */
  watch(situation: Situation): void;
  /** Starts work on every step that is ready and not yet being worked on here. Returns at once. */
  tick(situation: Situation): void;
  /** Resolves when nothing is being worked on here. */
  idle(): Promise<void>;
};

/** The longest rest between two attempts at a step; the first is a second, and each is twice the one before. */
const longestRestSeconds = 30;
/** How much longer than its own keeper the others wait for a step that is bound to a site. */
const foreignPatienceSeconds = 60;

type Claimed = { situation: Situation; run: Run; step: Step };

type Worked = Pick<StepRecord, 'status' | 'detail' | 'blocker'> & Partial<Pick<StepRecord, 'traffic' | 'overrideUsed'>>;

export function createPerformer(deps: PerformerDeps): Performer {
  const { clock } = deps;
  const working = new Map<string, Promise<void>>();
  /** What this process has last said of a step that waits: two that see different blockers must not overwrite each other in turn. */
  const said = new Map<string, string>();
  const rests = new Map<string, { attempts: number; sinceSeconds: number }>();
  let watch: ClaimWatch = new Map();
  const handOverSeconds = createHandOverWatch(clock);

  function record(run: Run, step: Step, worked: Worked): Promise<void> {
    const at = clock.now().toISOString();
    return deps.recorder.record(run.id, {
      traffic: null,
      overrideUsed: null,
      ...worked,
      stepId: step.id,
      by: deps.by,
      attempts: step.attempts,
      at,
    });
  }

  async function work(situation: Situation, run: Run, step: Step): Promise<void> {
    const executor = executorOf(deps.executors, step.action);
    const job = { situation, run, step };
    const patienceSeconds = patienceOf(run, step, executor);
    const looked = await attempt(() => executor.observe(job));
    if (looked.kind === 'failed') return giveUpOrBlock(run, step, patienceSeconds, looked.because);
    const settled = settledBy(looked.value);
    if (settled) return record(run, step, settled);
    if (looked.value.kind === 'waiting') return giveUpOrBlock(run, step, patienceSeconds, looked.value.blocker);
    if (waitedSeconds(run) > patienceSeconds) {
      const last = `${step.attempts} attempts; the last: ${step.detail ?? 'no answer'}`;
      return giveUpOrBlock(run, step, patienceSeconds, last);
    }
    if (!hasRested(run, step)) return;
    if (!executor.claims) return swap(job, executor);
    const claim = await deps.register.change(
      deps.chance.id(),
      claimStep(run.id, step.id, deps.by, step.attempts, executor.attemptSeconds, clock.now().toISOString()),
    );
    if (claim.kind !== 'committed') return;
    deps.onCommitted(claim.value);
    const claimed = claim.value.run?.steps.find((one) => one.id === step.id) ?? step;
    await carryOut({ situation: claim.value, run: claim.value.run ?? run, step: claimed });
  }

  /** A step that this process has claimed: done, looked at again, and recorded. */
  async function carryOut(job: Claimed): Promise<void> {
    const executor = executorOf(deps.executors, job.step.action);
    if (!executor.claims) return;
    const applied = await attempt(() => executor.apply(job));
    await record(job.run, job.step, await verify(job, executor, applied));
  }

  /** A step whose doing is a swap: the same swap says that it is done, and claims what this process goes on with at once. */
  async function swap(job: Claimed, executor: Extract<BoundExecutor, { claims: false }>): Promise<void> {
    const { run, step } = job;
    const at = clock.now().toISOString();
    let overrideUsed: Override | null = null;
    const swapped = await attempt(() =>
      executor.swap(job, (made, found) => {
        overrideUsed = found.overrideUsed ?? null;
        const claimSeconds = (one: Step) => (one.onlyAt === deps.site ? attemptSecondsOf(one) : null);
        return handOn(made, run.id, step.id, { ...found, overrideUsed, by: deps.by, at, claimSeconds });
      }),
    );
    if (swapped.kind === 'failed') return record(run, step, await verify(job, executor, swapped));
    deps.onCommitted(swapped.value);
    goOn(swapped.value, run.id);
    const after = swapped.value.run?.steps.find(({ id }) => id === step.id);
    if (after && isOver(after)) return deps.recorder.swapped(swapped.value, run.id, step.id, overrideUsed);
    return record(run, step, await verify(job, executor, swapped));
  }

  function attemptSecondsOf(step: Step): number {
    return executorOf(deps.executors, step.action).attemptSeconds;
  }

  /** Begins with the steps that a swap of this process has just claimed. */
  function goOn(situation: Situation, runId: string): void {
    const { run } = situation;
    if (run?.id !== runId) return;
    for (const step of run.steps) {
      if (step.status === 'claimed' && step.claim?.by === deps.by)
        begin(`${run.id}/${step.id}`, () => carryOut({ situation, run, step }));
    }
  }

  async function verify(job: Claimed, executor: BoundExecutor, applied: Attempt<unknown>): Promise<Worked> {
    const until = clock.elapsedSeconds() + executor.attemptSeconds;
    const trouble = applied.kind === 'failed' ? ` On the way: ${applied.because}` : '';
    let last = applied.kind === 'failed' ? applied.because : 'applied, and not yet seen in force';
    do {
      // What was done may have changed the situation itself: verified is what is so now, not what was so when it was begun.
      const situation = (await deps.read()) ?? job.situation;
      const looked = await attempt(() => executor.observe({ ...job, situation }));
      if (looked.kind === 'failed') last = looked.because;
      else if (looked.value.kind === 'waiting') last = looked.value.blocker;
      else {
        const settled = settledBy(looked.value);
        if (settled) return { ...settled, detail: `${settled.detail}${trouble}` };
        if (applied.kind === 'failed') break;
      }
      await clock.sleep(Math.min(1, executor.attemptSeconds / 4));
    } while (clock.elapsedSeconds() < until);
    return { status: 'unknown', detail: last, blocker: last };
  }

  function waitedSeconds(run: Run): number {
    return (clock.now().getTime() - Date.parse(run.patientSince)) / 1000;
  }

  /** True when the last attempt that this process knows of is long enough ago. */
  function hasRested(run: Run, step: Step): boolean {
    const key = `${run.id}/${step.id}`;
    const now = clock.elapsedSeconds();
    const known = rests.get(key);
    if (known?.attempts !== step.attempts) rests.set(key, { attempts: step.attempts, sinceSeconds: now });
    const restSeconds = step.attempts === 0 ? 0 : Math.min(2 ** (step.attempts - 1), longestRestSeconds);
    return now - (rests.get(key)?.sinceSeconds ?? now) >= restSeconds;
  }

  /** In a planned move the two steps around the pause in writing have one deadline together, counted from when it may begin. */
  function patienceOf(run: Run, { action }: Step, { patienceSeconds }: BoundExecutor): number {
    const pausing = action.kind === 'hand_over' || action.kind === 'take_authority';
    return run.handOver && pausing ? Number.POSITIVE_INFINITY : patienceSeconds;
  }

  /** A step that only another site's keeper can do ends too when that keeper does not come. */
  async function giveUpForeign(run: Run, step: Step): Promise<void> {
    const patienceSeconds = patienceOf(run, step, executorOf(deps.executors, step.action));
    if (waitedSeconds(run) <= patienceSeconds + foreignPatienceSeconds) return;
    await giveUpOrBlock(run, step, patienceSeconds, `the keeper of ${step.onlyAt} has not done it`);
  }

  /**
   * A planned move whose deadline has passed gives the role up, so that the writer takes it back. Any keeper of either side says so; when
   * the role was taken in the same moment, it was taken.
   */
  async function abort(run: Run, waited: number): Promise<void> {
    const given = run.steps.filter(
      (step) => !isOver(step) && (step.action.kind === 'hand_over' || step.action.kind === 'take_authority'),
    );
    const because = given.find(({ blocker }) => blocker !== null)?.blocker ?? 'nobody said what it waited for';
    const detail = `gave up after ${Math.round(waited)} s, and ${run.handOver?.from} takes its role back: ${because}`;
    await Promise.all(given.map((step) => record(run, step, { status: 'failed', detail, blocker: because })));
  }

  /** Waiting has an end, and until then names what is waited for. The register is written only when the sentence changes. */
  async function giveUpOrBlock(run: Run, step: Step, patienceSeconds: number, blocker: string): Promise<void> {
    const waited = waitedSeconds(run);
    if (waited > patienceSeconds) {
      return record(run, step, {
        status: 'failed',
        detail: `gave up after ${Math.round(waited)} s: ${blocker}`,
        blocker,
      });
    }
    const key = `${run.id}/${step.id}`;
    if (step.status === 'blocked' && (step.blocker === blocker || said.get(key) === blocker)) return;
    said.set(key, blocker);
    // Beside the work on the step: what it waits for may come while that is still being written down.
    begin(`${key}: what it waits for`, () => record(run, step, { status: 'blocked', detail: null, blocker }));
  }

  /** At most one piece of work under each key at a time. */
  function begin(key: string, job: () => Promise<void>): void {
    if (working.has(key)) return;
    const done = job()
      .catch((error) => deps.onTrouble(key, error))
      .finally(() => working.delete(key));
    working.set(key, done);
  }

  function watchRun(situation: Situation): void {
    const { run } = situation;
    handOverSeconds(situation);
    if (run) watch = watchClaims(watch, run, clock.elapsedSeconds());
  }

  return {
    watch: watchRun,
    tick(situation) {
      watchRun(situation);
      const { run } = situation;
      const waited = handOverSeconds(situation);
      if (!run) return;
      if (run.handOver && waited !== null && waited > run.handOver.deadlineSeconds)
        begin(`${run.id}/its deadline`, () => abort(run, waited));
      const ended = endOf(run);
      // Giving a planned move up undoes what it had begun: a pause must not keep the writer fenced for longer than was promised.
      if (ended && (!situation.paused || ended.outcome === 'aborted'))
        begin(`${run.id}/its end`, () => deps.recorder.close(ended));
      if (situation.paused) return;
      const nowSeconds = clock.elapsedSeconds();
      for (const step of readySteps(run, deps.site, deps.by, watch, nowSeconds)) {
        begin(`${run.id}/${step.id}`, () => work(situation, run, step));
      }
      for (const step of run.steps) {
        if (!isOver(step) && step.onlyAt !== null && step.onlyAt !== deps.site)
          begin(`${run.id}/${step.id}`, () => giveUpForeign(run, step));
      }
    },
    async idle() {
      while (working.size > 0) await Promise.all(working.values());
    },
  };
}

function settledBy(observed: Observed): Worked | null {
  if (observed.kind === 'done') {
    return {
      status: 'done',
      detail: observed.detail,
      blocker: null,
      traffic: observed.traffic ?? null,
      overrideUsed: observed.overrideUsed ?? null,
    };
  }
  return observed.kind === 'refused'
    ? { status: 'refused', detail: observed.because, blocker: observed.because }
    : null;
}

type Attempt<R> = { kind: 'answered'; value: R } | { kind: 'failed'; because: string };

/** An error while looking or doing is not an answer: it comes back as a sentence, and the step stays open. */
async function attempt<R>(work: () => Promise<R>): Promise<Attempt<R>> {
  try {
    return { kind: 'answered', value: await work() };
  } catch (error) {
    return { kind: 'failed', because: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
