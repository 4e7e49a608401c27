// Bulletins: what a lookout says, every beat. Only it writes its own; all read it. Evidence never passes through the register.
import * as z from 'zod';
import { Health, HealthSignal, Instant, LagSignal } from './signal.ts';
import { Ground, SiteName } from './site.ts';
import { Heartbeat } from './situation.ts';

/** One lookout's view of one site. */
export const SiteView = z.object({
  health: Health,
  /** For how long without a break it has seen that, by its own clock. */
  forSeconds: z.number().nonnegative(),
  because: z.string(),
});
export type SiteView = z.infer<typeof SiteView>;

/** What a keeper knows of its own site's database, and nobody else can see. */
export const DatabaseView = z.object({
  site: SiteName,
  /** Null: could not find out. */
  applied: Heartbeat.nullable(),
  lagSeconds: z.number().nonnegative().nullable(),
  ready: z.boolean(),
  because: z.string(),
});
export type DatabaseView = z.infer<typeof DatabaseView>;

export const Bulletin = z.object({
  schema: z.literal(1),
  lookout: z.string().min(1),
  ground: Ground,
  /** A new one for each process: observations are never carried from one process to the next. */
  incarnation: z.string(),
  /** Rises by one each beat. A reader trusts a bulletin that it has itself seen rise lately. */
  beat: z.int().nonnegative(),
  writtenAt: Instant,
  sites: z.record(SiteName, SiteView),
  database: DatabaseView.nullable(),
});
export type Bulletin = z.infer<typeof Bulletin>;

/** What managed checks have said last, one entry for each vantage and site. Kept by the alarm functions of one cloud. */
export const AlarmBoard = z.object({
  schema: z.literal(1),
  health: z.array(HealthSignal),
  lag: z.array(LagSignal),
});
export type AlarmBoard = z.infer<typeof AlarmBoard>;
