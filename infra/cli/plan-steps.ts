// What each step of a run would meet and change now: the executors' own looking, and for those that cannot look from here, what is known.
import { estimateLoss } from '../../shared/decision/loss.ts';
import { composeEngine } from '../../shared/engine/compose.ts';
import type { Observed } from '../../shared/engine/executor.ts';
import { createScaleCluster, createVerifyCapacity } from '../../shared/engine/steps/capacity.ts';
import { createNotCarriedOut } from '../../shared/engine/steps/not-carried-out.ts';
import { incidentDesk } from '../../shared/engine/steps/tell.ts';
import { sharesAfter, viewAfter } from '../../shared/engine/steps/update-dns.ts';
import { createVerifyService } from '../../shared/engine/steps/verify-service.ts';
import type { DatabaseView } from '../../shared/model/bulletin.ts';
import type { Run, Step } from '../../shared/model/run.ts';
import type { Action } from '../../shared/model/scenario.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Situation } from '../../shared/model/situation.ts';
import type { Channel } from '../../shared/model/strategy.ts';
import type { Estate } from './open.ts';
import { trafficChanges } from './plan-traffic.ts';
import { messageOf, sharesText } from './text.ts';

/** `blocked` and `refused`: the step would not be done now. `unknown`: could not be found out from here. */
export type PlannedStep = {
  id: string;
  written: string;
  who: string;
  after: string[];
  state: 'nothing-to-do' | 'would-do' | 'would-wait' | 'blocked' | 'refused' | 'unknown';
  now: string;
  changes: string[];
};

type Preview = Pick<PlannedStep, 'state' | 'now' | 'changes'>;
type Planning = { estate: Estate; situation: Situation; after: Situation; run: Run; standbys: DatabaseView[] };

/** One look at the world for each step. What does not answer makes its step `unknown`, and the others are planned all the same. */
export async function planSteps(
  estate: Estate,
  situation: Situation,
  run: Run,
  standbys: DatabaseView[],
): Promise<PlannedStep[]> {
  const planning = { estate, situation, after: situationAfter(situation, run), run, standbys };
  return Promise.all(
    run.steps.map(async (step) => ({
      id: step.id,
      written: step.written,
      who: step.onlyAt === null ? 'any keeper, of either cloud' : `the keeper of ${step.onlyAt}`,
      after: step.after,
      ...(await preview(planning, step, step.action)),
    })),
  );
}

/** The situation that the steps after `take_authority` are going to meet. */
function situationAfter(situation: Situation, run: Run): Situation {
  const taker = run.steps.find(({ action }) => action.kind === 'take_authority');
  if (!taker || situation.writer === run.target) return situation;
  const { writer, epoch, lease, heartbeat } = situation;
  return {
    ...situation,
    writer: run.target,
    epoch: epoch + 1,
    lease: { renewal: 0, fenced: null },
    heartbeat: null,
    previous: { writer, epoch, renewal: lease.renewal, heartbeat, fenced: lease.fenced, handedOver: false },
  };
}

async function preview(planning: Planning, step: Step, action: Action): Promise<Preview> {
  try {
    return await previewOf(planning, step, action);
  } catch (error) {
    return { state: 'unknown', now: `could not be found out: ${messageOf(error)}`, changes: [] };
  }
}

async function previewOf(planning: Planning, step: Step, action: Action): Promise<Preview> {
  const { estate, after, run } = planning;
  const { strategy } = estate;
  const { capacityOf, probe } = estate.around;
  const job = { situation: after, run, step };
  switch (action.kind) {
    case 'take_authority':
      return previewAuthority(planning, action.site);
    case 'hand_over':
      return previewHandOver(planning, action.site);
    case 'follow_writer':
      return previewFollowing(planning, action.site);
    case 'promote_db':
      return previewPromotion(planning, action.site);
    case 'update_dns':
      return previewTraffic(planning, action.site);
    case 'scale_cluster': {
      const seen = await createScaleCluster({ strategy, capacityOf }).observe({ ...job, action });
      return { ...fromObserved(seen), changes: await capacityChanges(estate, action.site, action.minReplicas) };
    }
    case 'verify_capacity':
      return fromObserved(await createVerifyCapacity({ strategy, capacityOf }).observe({ ...job, action }));
    case 'verify_service':
      return previewService(await createVerifyService({ strategy, probe }).observe({ ...job, action }));
    case 'notify':
    case 'escalate':
      return previewTelling(
        strategy.channels.find(({ name }) => name === action.channel),
        action.channel,
        'a message',
      );
    case 'create_incident':
      return previewTelling(incidentDesk(strategy), 'any channel', `an incident of severity ${action.severity}`);
    case 'gradual_traffic_shift':
    case 'monitor_metrics':
    case 'rollback_if_needed':
    case 'trigger':
    case 'investigate':
      return fromObserved(await createNotCarriedOut(action.kind).observe({ ...job, action }));
  }
}

function fromObserved(seen: Observed): Preview {
  switch (seen.kind) {
    case 'done':
      return { state: 'nothing-to-do', now: seen.detail, changes: [] };
    case 'to-do':
      return { state: 'would-do', now: 'is to be done', changes: [] };
    case 'waiting':
      return { state: 'would-wait', now: seen.blocker, changes: [] };
    case 'refused':
      return { state: 'refused', now: seen.because, changes: [] };
  }
}

/** The check comes last: what the target serves before it has become the writer says little. */
function previewService(seen: Observed): Preview {
  const now = seen.kind === 'done' ? `serves now: ${seen.detail}` : fromObserved(seen).now;
  return { state: 'would-do', now: `asked again when everything before it is done; today: ${now}`, changes: [] };
}

function previewAuthority({ estate, situation, run }: Planning, site: SiteName): Preview {
  const { ttlSeconds, marginSeconds, guard } = estate.strategy.authority;
  const { writer, epoch, lease } = situation;
  if (writer === site)
    return { state: 'refused', now: `${site} is the writer already, at epoch ${epoch}`, changes: [] };
  const changes = [`writer ${writer} -> ${site}, epoch ${epoch} -> ${epoch + 1}`];
  if (run.handOver)
    return {
      state: 'would-wait',
      now: `waits until the last heartbeat of ${writer} has arrived at ${site}, never for its lease`,
      changes,
    };
  if (guard === 'observe' && !situation.overrides.some(({ what }) => what === 'authority')) {
    return { state: 'blocked', now: 'authority.guard is `observe`: a person must `causeway approve`', changes };
  }
  if (lease.fenced) return { state: 'would-do', now: `${writer} is fenced already, by ${lease.fenced.by}`, changes };
  const wait = `${writer}'s keeper fences its database and says so, or renewal ${lease.renewal} of epoch ${epoch} stands still for ${ttlSeconds + marginSeconds} s`;
  return { state: 'would-wait', now: `waits until ${wait}`, changes };
}

/** The one step at which clients are refused. */
function previewHandOver({ situation, run }: Planning, site: SiteName): Preview {
  const { epoch, heartbeat } = situation;
  const seconds = run.handOver?.deadlineSeconds;
  return {
    state: 'would-do',
    now: `${site} writes at epoch ${epoch}, heartbeat ${heartbeat?.number ?? 'none'}; what is under way when it is fenced is rolled back`,
    changes: [
      `the guard of ${site} shut, its open transactions ended: nobody may write until the other side has opened`,
      `when that has not happened after ${seconds} s, ${site} takes its role back at epoch ${epoch + 1}`,
    ],
  };
}

function previewFollowing({ after }: Planning, site: SiteName): Preview {
  return {
    state: 'would-do',
    now: `done when a heartbeat of epoch ${after.epoch} has arrived at ${site}`,
    changes: [
      `${site} subscribes to ${after.writer} from the slot causeway_epoch_${after.epoch}, without a copy`,
      `the slots of ${site} that nobody reads any more are dropped`,
    ],
  };
}

function previewPromotion({ estate, situation, standbys }: Planning, site: SiteName): Preview {
  const { objectives, replication } = estate.strategy;
  if (situation.writer === site) return { state: 'refused', now: `${site} is the writer already`, changes: [] };
  const changes = [
    ...(replication.method === 'managed' ? [`${site}'s instance promoted by its provider`] : []),
    'the subscription drained and detached, the sequences moved past what the old writer can have given out',
    `the guard of ${site} opened at epoch ${situation.epoch + 1}, a slot made for the way back`,
  ];
  const view = standbys.find((one) => one.site === site);
  if (!view)
    return {
      state: 'unknown',
      now: `no fresh word of ${site}'s keeper: nobody knows how far its database is`,
      changes,
    };
  const loss = estimateLoss(situation.heartbeat, view.applied);
  const lag = view.lagSeconds === null ? 'lag unknown' : `lag ${view.lagSeconds.toFixed(1)} s`;
  const limit = `the RPO of ${objectives.rpoSeconds} s`;
  if (loss.kind === 'unknown') return blockedByRpo(`${lag}; ${loss.because}`, situation, changes);
  const measured = `${lag}, estimated loss ${loss.lossSeconds.toFixed(1)} s of ${limit} (${loss.because})`;
  if (loss.lossSeconds > objectives.rpoSeconds) return blockedByRpo(measured, situation, changes);
  return { state: 'would-do', now: `${measured}; ${view.ready ? 'ready' : `not ready: ${view.because}`}`, changes };
}

function blockedByRpo(found: string, { overrides }: Situation, changes: string[]): Preview {
  const given = overrides.find(({ what }) => what === 'rpo');
  if (given) return { state: 'would-do', now: `${found}; allowed once by ${given.by}`, changes };
  return { state: 'blocked', now: `${found}; \`causeway override rpo\` would allow it once`, changes };
}

async function previewTraffic({ estate, situation, after, run }: Planning, site: SiteName): Promise<Preview> {
  const view = viewAfter(estate.strategy, after, run);
  const force = situation.overrides.some(({ what }) => what === 'traffic-cap');
  const engine = composeEngine({ ...estate.around, incarnation: estate.incarnation });
  const [seen, planned] = await Promise.all([
    engine.moveOf(view, force).observe(),
    trafficChanges(estate, view, force),
  ]);
  const now = seen.kind === 'moved' ? `clients are led to ${site} already: ${seen.because}` : seen.because;
  const settled = seen.kind === 'moved' && planned.changed === 0 ? 'nothing-to-do' : 'would-do';
  const unseen = seen.kind === 'unknown' || planned.unlisted > 0;
  const state = planned.refusals.length > 0 ? 'blocked' : unseen ? 'unknown' : settled;
  const shares = `shares ${sharesText(situation.traffic)} -> ${sharesText(sharesAfter(estate.strategy, after, run))}`;
  return { state, now: [now, ...planned.refusals].join('; '), changes: [shares, ...planned.lines] };
}

async function capacityChanges(estate: Estate, site: SiteName, replicas: number): Promise<string[]> {
  const capacity = await estate.around.capacityOf(site);
  if (!capacity) return [];
  const { replicaFloor, nodeMinimum, readyReplicas } = await capacity.observe();
  const perNode = estate.strategy.sites.find(({ name }) => name === site)?.cluster?.replicasPerNode ?? 1;
  const nodes = Math.ceil(replicas / perNode);
  const raise = (what: string, from: number, to: number) =>
    from < to ? `${what} ${from} -> ${to}` : `${what} stays at ${from}`;
  return [
    `${raise('replica floor', replicaFloor, replicas)}, ${raise('node minimum', nodeMinimum, nodes)}; ${readyReplicas} replicas are ready now`,
  ];
}

function previewTelling(channel: Channel | undefined, name: string, what: string): Preview {
  if (!channel) return { state: 'refused', now: `the strategy declares no channel ${name}`, changes: [] };
  return {
    state: 'would-do',
    now: 'at once',
    changes: [`${what} to ${channel.name} (${channel.kind}: ${addressOf(channel)})`],
  };
}

function addressOf(channel: Channel): string {
  switch (channel.kind) {
    case 'sns':
      return channel.topicArn;
    case 'pubsub':
      return channel.topic;
    case 'slack':
      return `the webhook in secret ${channel.urlSecret}`;
    case 'pagerduty':
      return `the service of the key in secret ${channel.routingKeySecret}`;
  }
}
