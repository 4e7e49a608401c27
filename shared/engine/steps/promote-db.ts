// promote_db: makes the site's database the writer's. Authority is taken before; here: drain, measure the loss, detach, sequences, reverse, open.
import type { Register } from '../../authority/register.ts';
import { renewLease } from '../../authority/situation-changes.ts';
import { estimateLoss, type LossEstimate } from '../../decision/loss.ts';
import type { Heartbeat, Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { DatabaseHealth, LeaseGuard, Promotion } from '../../ports/database.ts';
import type { ManagedDatabase } from '../../ports/managed-database.ts';
import type { Executor, Job, Observed } from '../executor.ts';
import type { OpeningNote } from '../opening-note.ts';

export type PromoteDeps = {
  strategy: Strategy;
  register: Register<Situation>;
  chance: Chance;
  clock: Clock;
  guard: LeaseGuard;
  health: DatabaseHealth;
  promotion: Promotion;
  opening: OpeningNote;
  /** Progress, for the log: a promotion is looked at while it runs. */
  say: (sentence: string) => void;
  /** Null for logical replication: the database is a primary of its own already. */
  managed: (() => Promise<ManagedDatabase | null>) | null;
};

/** Reads received and not yet applied are given this long; the source may be gone for good. */
const drainSeconds = 10;
const managedSeconds = 70;
/** Each takes a statement's time-out at the most. */
const plannedReverseTries = 3;
/** The drain, the provider's promotion, and what comes after. */
const managedAttemptSeconds = 90;
/** The drain and what comes after; a lookup of sequences in large tables may take more, and is then found done or begun again. */
const logicalAttemptSeconds = 45;

export function createPromoteDb(deps: PromoteDeps): Executor<'promote_db'> {
  const { strategy, guard, health } = deps;

  async function observe({ situation, action }: Job<'promote_db'>): Promise<Observed> {
    if (situation.writer !== action.site) {
      return {
        kind: 'refused',
        because: `${situation.writer} is the writer at epoch ${situation.epoch}, not ${action.site}`,
      };
    }
    const state = await guard.state();
    if (state.epoch === situation.epoch && state.open) {
      const standby = await health.standby();
      const loss = estimateLoss(situation.previous?.heartbeat ?? null, standby.applied);
      const used = withinRpo(loss) ? undefined : situation.overrides.find((one) => one.what === 'rpo');
      const seconds =
        loss.kind === 'estimated'
          ? `estimated loss ${loss.lossSeconds.toFixed(1)} s of ${strategy.objectives.rpoSeconds} s`
          : loss.because;
      const detail = `open for writes at epoch ${situation.epoch}; ${seconds}: ${loss.because}`;
      return used ? { kind: 'done', detail, overrideUsed: used } : { kind: 'done', detail };
    }
    const standby = await health.standby();
    return gate(situation, standby.applied);
  }

  function withinRpo(loss: LossEstimate): boolean {
    return loss.kind === 'estimated' && loss.lossSeconds <= strategy.objectives.rpoSeconds;
  }

  /** The RPO alone gates promotion; the lag threshold belongs to readiness and alerts. */
  function gate(situation: Situation, applied: Heartbeat | null): Observed {
    const loss = estimateLoss(situation.previous?.heartbeat ?? null, applied);
    const allowed = situation.overrides.some((one) => one.what === 'rpo');
    if (allowed || withinRpo(loss)) return { kind: 'to-do' };
    const found =
      loss.kind === 'estimated'
        ? `an estimated ${Math.round(loss.lossSeconds)} s of writes would be lost (${loss.because})`
        : loss.because;
    return {
      kind: 'waiting',
      blocker: `${found}; the RPO is ${strategy.objectives.rpoSeconds} s. \`causeway override rpo\` allows it once`,
    };
  }

  /**
   * On the renewal that the swap which took the role was, when this process made it lately; else on a new one. A role that was handed over is
   * always renewed first: as long as the register has no heartbeat of this epoch, who handed it over knows that it was never opened.
   */
  async function openGuard(situation: Situation): Promise<void> {
    const { ttlSeconds } = strategy.authority;
    const noted = situation.previous?.handedOver ? null : deps.opening.of(situation.epoch);
    if (noted) {
      const answer = await guard.open(noted.epoch, noted.renewal, noted.clock, ttlSeconds);
      if (answer.kind === 'set') return;
      // Another process of this site has renewed and opened since, or the server has restarted.
      deps.say(`the database did not open on the swap that took the role: ${answer.because}`);
    }
    const { clock, heartbeat } = await guard.beat(situation.epoch);
    const renewed = await deps.register.change(
      deps.chance.id(),
      renewLease(situation.writer, situation.epoch, heartbeat),
    );
    if (renewed.kind !== 'committed') throw new Error(`renewing before opening: ${renewed.because}`);
    const answer = await guard.open(situation.epoch, renewed.value.lease.renewal, clock, ttlSeconds);
    if (answer.kind === 'refused') throw new Error(`the database refused to open: ${answer.because}`);
  }

  /**
   * Never rejects: it is waited for later than it is begun. A role that was handed over is worth more tries: its old writer lives, is to follow
   * from this slot, and can do so from none that is made after the first write.
   */
  async function prepareReverse({
    epoch,
    previous,
  }: Situation): Promise<{ kind: 'made' } | { kind: 'failed'; cause: unknown }> {
    for (let tries = previous?.handedOver ? plannedReverseTries : 1; ; tries -= 1) {
      try {
        await deps.promotion.prepareReverse(epoch);
        return { kind: 'made' };
      } catch (cause) {
        if (tries <= 1) return { kind: 'failed', cause };
        deps.say(`the way back is tried again: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  }

  return {
    // As long as nobody may write, whoever takes a dead promoter's place waits this out: no longer than a promotion needs.
    attemptSeconds: deps.managed ? managedAttemptSeconds : logicalAttemptSeconds,
    // The role is taken: until this is done nobody can write, so that only an operator may give it up.
    patienceSeconds: Number.POSITIVE_INFINITY,
    claims: true,
    observe,
    async apply({ situation }) {
      const from = deps.clock.elapsedSeconds();
      const say = (what: string) =>
        deps.say(`promotion: ${what} after ${(deps.clock.elapsedSeconds() - from).toFixed(1)} s`);
      const managed = deps.managed ? await deps.managed() : null;
      // A slot that is made while rows still arrive carries none of them: they have an origin. So it need not wait for the drain.
      let reverse = managed ? null : prepareReverse(situation);
      const { applied } = await deps.promotion.drain(drainSeconds, situation.previous?.fenced?.heartbeat ?? null);
      say('drained');
      const gated = gate(situation, applied);
      if (gated.kind !== 'to-do') throw new Error(gated.kind === 'waiting' ? gated.blocker : 'promotion was refused');
      if (managed) await promoteManaged(managed, deps.clock);
      reverse ??= prepareReverse(situation);
      await deps.promotion.detach();
      say('detached');
      await deps.promotion.advanceSequences();
      say('sequences moved');
      // Before the first write of the epoch, so that coming back misses none of them. When it fails, service still comes first.
      const prepared = await reverse;
      say('the way back was prepared');
      await openGuard(situation);
      say('open');
      await health.probe();
      if (prepared.kind === 'failed') {
        const { cause } = prepared;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`the way back was not made, and coming back may need a full copy: ${why}`, { cause });
      }
    },
  };
}

/** Starts the provider's promotion or finds the one under way, and polls it; a promotion takes minutes, an attempt is bounded. */
async function promoteManaged(managed: ManagedDatabase, clock: Clock): Promise<void> {
  const state = await managed.state();
  if (state.role === 'primary' && state.status === 'running') return;
  const until = clock.elapsedSeconds() + managedSeconds;
  let operation = await managed.promote();
  while (operation.state === 'running') {
    if (clock.elapsedSeconds() > until) throw new Error(`the provider's promotion ${operation.id} is still running`);
    await clock.sleep(3);
    operation = await managed.operation(operation.id);
  }
  if (operation.state === 'failed')
    throw new Error(`the provider's promotion failed: ${operation.message ?? 'no reason given'}`);
}
