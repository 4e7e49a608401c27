// The situation: everything both clouds agree on now. It lives in the register and stays small; history is the journal's.
import * as z from 'zod';
import { Run } from './run.ts';
import { Instant } from './signal.ts';
import { SiteName } from './site.ts';

/** The writer's pulse: a row that travels with the replicated data. Times are the writer's database clock, nobody else's. */
export const Heartbeat = z.object({
  epoch: z.int().positive(),
  number: z.int().nonnegative(),
  writtenAt: Instant,
  /** Write-ahead-log position after the row, as PostgreSQL prints it: `0/16B3748`. */
  lsn: z.string(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** A fence that its own keeper has seen standing: no client of that epoch can commit any more. */
export const Fence = z.object({
  by: z.string(),
  at: Instant,
  heartbeat: Heartbeat.nullable(),
});
export type Fence = z.infer<typeof Fence>;

export const Lease = z.object({
  /** Rises by one each beat of the writer's keeper; a taker watches it stand still. */
  renewal: z.int().nonnegative(),
  fenced: Fence.nullable(),
});
export type Lease = z.infer<typeof Lease>;

/** What an operator allows once, by name; used up by the step that needed it. */
export const Override = z.object({
  id: z.string(),
  what: z.enum(['rpo', 'authority', 'cool-down', 'traffic-cap', 'target-veto']),
  by: z.string(),
  reason: z.string(),
  at: Instant,
});
export type Override = z.infer<typeof Override>;

/** One time that an alert's condition held; told once when it began and once when it was over. */
export const AlertEpisode = z.object({
  alert: z.string(),
  id: z.string(),
  since: Instant,
  /** False while the condition has not yet held for the alert's duration: such an episode ends without a word. */
  told: z.boolean(),
  /** What it was begun for, where an alert can be about several things. */
  about: z.array(z.string()).default([]),
});
export type AlertEpisode = z.infer<typeof AlertEpisode>;

export const Situation = z.object({
  schema: z.literal(1),
  /** Grows by one with every committed change. */
  version: z.int().positive(),
  writer: SiteName,
  epoch: z.int().positive(),
  lease: Lease,
  /** The last heartbeat that the writer of this epoch recorded. */
  heartbeat: Heartbeat.nullable(),
  /** How the epoch before ended: what the loss of a takeover is estimated from. */
  previous: z
    .object({
      writer: SiteName,
      epoch: z.int().positive(),
      renewal: z.int(),
      heartbeat: Heartbeat.nullable(),
      fenced: Fence.nullable(),
      /** Who took the role had applied the fence's heartbeat: nothing of that epoch is missing at the writer. */
      handedOver: z.boolean().default(false),
    })
    .nullable(),
  run: Run.nullable(),
  lastRun: z
    .object({
      id: z.string(),
      scenario: z.string(),
      target: SiteName,
      outcome: z.string(),
      endedAt: Instant,
      epoch: z.int().positive(),
    })
    .nullable(),
  /** Share of new traffic by site, in per cent, as last put in force. */
  traffic: z.record(SiteName, z.number().min(0).max(100)),
  paused: z.object({ by: z.string(), reason: z.string(), at: Instant }).nullable(),
  overrides: z.array(Override),
  episodes: z.array(AlertEpisode),
});
export type Situation = z.infer<typeof Situation>;

/**
 * The role was handed over to a site that has not opened its database at this epoch: it renews with a heartbeat before it does. So nobody has
 * written since, and `site`, which handed it over, has everything.
 */
export function handedOverInVain({ previous, heartbeat, lease }: Situation, site: SiteName): boolean {
  return previous?.writer === site && previous.handedOver && heartbeat === null && lease.fenced === null;
}
