// The changes that the situation can undergo in matters of authority: pure, and each refuses what would be unsafe.

import type { Run } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import { type Fence, type Heartbeat, handedOverInVain, type Override, type Situation } from '../model/situation.ts';
import type { Change } from './change.ts';

type SituationChange = (current: Situation | null) => Change<Situation>;

/** The first situation. Refused when there is one: an estate is initialised once. */
export function initialise(writer: SiteName, traffic: Record<SiteName, number>): SituationChange {
  return (current) => {
    if (current)
      return refuse(
        `the register holds a situation already: ${current.writer} is the writer at epoch ${current.epoch}`,
      );
    return to({
      schema: 1,
      version: 1,
      writer,
      epoch: 1,
      lease: { renewal: 0, fenced: null },
      heartbeat: null,
      previous: null,
      run: null,
      lastRun: null,
      traffic,
      paused: null,
      overrides: [],
      episodes: [],
    });
  };
}

/** Raises the renewal number of the writer's epoch. Refused when the epoch is fenced or over. */
export function renewLease(site: SiteName, epoch: number, heartbeat: Heartbeat | null): SituationChange {
  return onExisting((current) => {
    const over = epochIsOver(current, site, epoch);
    if (over) return refuse(over);
    if (current.lease.fenced) return refuse(`epoch ${epoch} was fenced by ${current.lease.fenced.by}`);
    return to({
      ...next(current),
      lease: { renewal: current.lease.renewal + 1, fenced: null },
      heartbeat: later(current.heartbeat, heartbeat),
    });
  });
}

/** Says that no client of that epoch can commit any more: another site may take the role at once. */
export function recordFence(site: SiteName, epoch: number, fence: Fence): SituationChange {
  return onExisting((current) => {
    const over = epochIsOver(current, site, epoch);
    if (over) return refuse(over);
    if (current.lease.fenced) return to(current);
    return to({
      ...next(current),
      lease: { ...current.lease, fenced: fence },
      heartbeat: later(current.heartbeat, fence.heartbeat),
    });
  });
}

/** What the taker has itself seen standing still, named in the swap that takes the role. */
export type Stillness = { epoch: number; renewal: number };

/**
 * Gives the role to another site and raises the epoch. Refused unless the lease is fenced, or is still the very one that
 * the taker watched for TTL and margin. `handedOver`: the taker has applied the fence's heartbeat, and nothing is missing there.
 */
export function takeAuthority(site: SiteName, seen: Stillness, handedOver: boolean): SituationChange {
  return onExisting((current) => {
    if (current.writer === site)
      return current.epoch > seen.epoch ? to(current) : refuse(`${site} is the writer already`);
    if (current.epoch !== seen.epoch) return refuse(`epoch ${seen.epoch} is over: it is epoch ${current.epoch} now`);
    if (!current.lease.fenced && current.lease.renewal !== seen.renewal) {
      return refuse(`the lease was renewed: ${current.lease.renewal}, not ${seen.renewal}`);
    }
    return to({
      ...next(current),
      writer: site,
      epoch: current.epoch + 1,
      lease: { renewal: 0, fenced: null },
      heartbeat: null,
      previous: endOfEpoch(current, handedOver && current.lease.fenced !== null),
    });
  });
}

function endOfEpoch({ writer, epoch, lease, heartbeat }: Situation, handedOver: boolean): Situation['previous'] {
  return { writer, epoch, renewal: lease.renewal, heartbeat, fenced: lease.fenced, handedOver };
}

/** The run gives the role to another site than this, and has not given that up. */
export function asksForRole(run: Run, site: SiteName): boolean {
  return run.steps.some(
    ({ action, status }) =>
      action.kind === 'take_authority' && action.site !== site && status !== 'failed' && status !== 'refused',
  );
}

/**
 * The writer takes its own role back at the next epoch: it was fenced for a run that has ended without taking the role. `openedEpoch` is
 * the last one at which its database was open; refused unless nobody else can have written since.
 */
export function takeBack(site: SiteName, epoch: number, openedEpoch: number): SituationChange {
  return onExisting((current) => {
    const { lease, run, paused, previous } = current;
    const over = epochIsOver(current, site, epoch);
    if (over) return refuse(over);
    if (!lease.fenced) return refuse(`epoch ${epoch} is not fenced`);
    if (run && asksForRole(run, site)) return refuse(`the run ${run.id} asks for the role`);
    if (paused && !wasGivenUp(current)) return refuse(`${paused.by} has paused automation`);
    const neverOpened = previous?.writer === site && previous.epoch === openedEpoch;
    if (openedEpoch !== epoch && !neverOpened)
      return refuse(`the database of ${site} was last open at epoch ${openedEpoch}`);
    return to({
      ...next(current),
      epoch: epoch + 1,
      lease: { renewal: 0, fenced: null },
      heartbeat: null,
      previous: neverOpened ? previous : endOfEpoch(current, false),
    });
  });
}

/** The writer was fenced for a planned move that has been given up: to open it again undoes that, and needs nobody's leave. */
export function wasGivenUp({ lastRun, epoch }: Situation): boolean {
  return lastRun?.outcome === 'aborted' && lastRun.epoch === epoch;
}

/**
 * The role goes back to who handed it over, because who took it was lost before it opened its database. From now on it cannot any more: its
 * epoch is over. What was before stays `previous`: the epoch between was never open anywhere.
 */
export function returnRole(site: SiteName, seen: Stillness): SituationChange {
  return onExisting((current) => {
    const { writer, epoch, lease, run, paused } = current;
    if (writer === site || epoch !== seen.epoch) return refuse(`${writer} is the writer at epoch ${epoch}`);
    if (!handedOverInVain(current, site)) return refuse(`${writer} may have been open at epoch ${epoch}`);
    if (lease.renewal !== seen.renewal) return refuse(`the lease was renewed: ${lease.renewal}, not ${seen.renewal}`);
    if (run) return refuse(`the run ${run.id} is open`);
    if (paused) return refuse(`${paused.by} has paused automation`);
    return to({ ...next(current), writer: site, epoch: epoch + 1, lease: { renewal: 0, fenced: null } });
  });
}

export function pause(by: string, reason: string, at: string): SituationChange {
  return onExisting((current) => to({ ...next(current), paused: { by, reason, at } }));
}

/** The time of the pause does not count against the patience of a run that it held up. */
export function resume(at: string): SituationChange {
  return onExisting((current) => {
    if (!current.paused) return refuse('automation is not paused');
    return to({ ...next(current), paused: null, run: current.run && { ...current.run, patientSince: at } });
  });
}

export function addOverride(override: Override): SituationChange {
  return onExisting((current) => {
    if (current.overrides.some((one) => one.id === override.id)) return to(current);
    return to({ ...next(current), overrides: [...current.overrides, override] });
  });
}

/** Wraps a change that needs a situation to work on. */
export function onExisting(change: (current: Situation) => Change<Situation>): SituationChange {
  return (current) =>
    current
      ? change(current)
      : refuse(
          'the register was never written: run `causeway init --writer <site>` once, when you are sure who the writer is',
        );
}

export function next(current: Situation): Situation {
  return { ...current, version: current.version + 1 };
}

export function to(value: Situation): Change<Situation> {
  return { kind: 'to', value };
}

export function refuse(because: string): Change<Situation> {
  return { kind: 'refuse', because };
}

function epochIsOver(current: Situation, site: SiteName, epoch: number): string | null {
  if (current.epoch !== epoch)
    return `epoch ${epoch} is over: ${current.writer} is the writer at epoch ${current.epoch}`;
  if (current.writer !== site) return `${site} is not the writer at epoch ${epoch}: ${current.writer} is`;
  return null;
}

function later(known: Heartbeat | null, heard: Heartbeat | null): Heartbeat | null {
  if (!known || !heard) return heard ?? known;
  if (known.epoch !== heard.epoch) return known.epoch > heard.epoch ? known : heard;
  return heard.number > known.number ? heard : known;
}
