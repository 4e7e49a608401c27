// notify, escalate and create_incident: people are told, once for each run and step, whoever sends it.
import type { Severity } from '../../model/notification.ts';
import type { Run, Step } from '../../model/run.ts';
import type { Situation } from '../../model/situation.ts';
import type { Channel, Strategy } from '../../model/strategy.ts';
import type { Executor, Job, Observed } from '../executor.ts';
import type { Tell } from '../tell.ts';

type Deps = { strategy: Strategy; tell: Tell };

/** What one of the three kinds of step sends. */
type Telling = { channel: string; kind: 'message' | 'incident-opened'; severity: Severity };

export function createNotify(deps: Deps): Executor<'notify'> {
  return telling(deps, ({ action }) => ({ channel: action.channel, kind: 'message', severity: 'high' }));
}

export function createEscalate(deps: Deps): Executor<'escalate'> {
  return telling(deps, ({ action }) => ({ channel: action.channel, kind: 'message', severity: 'critical' }));
}

/** Incidents go to the channel that keeps incidents; without one, to the first that there is. */
export function incidentDesk({ channels }: Strategy): Channel | undefined {
  return channels.find((channel) => channel.kind === 'pagerduty') ?? channels[0];
}

export function createIncident(deps: Deps): Executor<'create_incident'> {
  const desk = incidentDesk(deps.strategy);
  return telling(deps, ({ action }) => ({
    channel: desk?.name ?? '',
    kind: 'incident-opened',
    severity: action.severity,
  }));
}

function telling<K extends 'notify' | 'escalate' | 'create_incident'>(
  { strategy, tell }: Deps,
  what: (job: Job<K>) => Telling,
): Executor<K> {
  return {
    attemptSeconds: 30,
    patienceSeconds: 900,
    claims: true,
    async observe(job): Promise<Observed> {
      const { channel } = what(job);
      const state = tell.state(channel, dedupKey(job.run, job.step));
      switch (state.kind) {
        case 'sent':
          return { kind: 'done', detail: `${state.channel} was told: ${state.detail}` };
        case 'failed':
          return { kind: 'refused', because: `could not be told: ${state.because}` };
        case 'waiting':
          return { kind: 'waiting', blocker: `kept in the outbox and tried again: ${state.because}` };
        case 'untried':
          return { kind: 'to-do' };
      }
    },
    async apply(job) {
      const { channel, kind, severity } = what(job);
      await tell.send(channel, {
        dedupKey: dedupKey(job.run, job.step),
        kind,
        severity,
        title: titleOf(strategy, job.run),
        text: textOf(job.situation, job.run),
        source: job.run.target,
      });
    },
  };
}

/** The run's id carries the epoch; both clouds sending it is one message. */
function dedupKey(run: Run, step: Step): string {
  return `${run.id}/${step.id}`;
}

function titleOf(strategy: Strategy, run: Run): string {
  return `${strategy.application}: ${run.scenario}, going to ${run.target}`;
}

function textOf(situation: Situation, run: Run): string {
  const evidence = run.evidence.map((one) => `- ${one.vantage} (${one.ground}): ${one.says}`);
  const steps = run.steps.map((step) => `- ${step.written}: ${step.status}`);
  return [
    `Why: ${run.because}.`,
    `The writer is ${situation.writer} at epoch ${situation.epoch}. The run ${run.id} was opened by ${run.openedBy} at ${run.openedAt}.`,
    'What was seen:',
    ...evidence,
    'Steps, when this was sent:',
    ...steps,
    'See `causeway status` for what is happening now, and `causeway pause` to stop everything.',
  ].join('\n');
}
