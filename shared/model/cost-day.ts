// What is kept of one day of a provider's bill beside its rows: sums, where they went, what was restated. Reports read this and no rows.
import * as z from 'zod';
import { Amount, CostDate, Currency, costCategories } from './cost.ts';
import { Provider, SiteName } from './site.ts';

const Instant = z.iso.datetime();
/** SHA-256 in hexadecimal of the rows' text, uncompressed. */
const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');

const sums = { currency: Currency, billed: Amount, effective: Amount };

/** What is grouped by: the sums of all parts of a day are the sums of the day, to the last digit, by any cut. */
const cut = {
  category: z.enum(costCategories),
  /** Null: services that are too many to be named one by one, together. */
  service: z.string().min(1).nullable(),
  /** The strategy's name; null: not tagged, or with a value that it does not know. */
  environment: z.string().nullable(),
  /** Data that left the provider. */
  transfer: z.boolean(),
};

/** What one service cost in one environment on that day. Ordered by category, service, environment, transfer and currency. */
export const CostPart = z.object({ ...cut, ...sums });
export type CostPart = z.infer<typeof CostPart>;

/**
 * What a restatement added to a part, or took from it; `rows`: how many rows of it came, went or have another amount. Null: the rows of
 * before were no longer there to be compared.
 */
export const CostChange = z.object({ ...cut, ...sums, rows: z.int().positive().nullable() });
export type CostChange = z.infer<typeof CostChange>;

/** The provider said something else than before about a day: what it says now, less what it said then. */
export const CostRevision = z.object({ at: Instant, from: Digest, to: Digest, changes: z.array(CostChange) });
export type CostRevision = z.infer<typeof CostRevision>;

/** `cost/v1/<provider>/<yyyy>/<mm>/<dd>/day.json`, the same in every site's bucket. A day without one is not known; it did not cost nothing. */
export const CostDay = z.object({
  schema: z.literal(1),
  provider: Provider,
  date: CostDate,
  digest: Digest,
  /** The key of the rows: NDJSON, one `CostRow` a line, ordered by `rowKey`, compressed with gzip. */
  rowsKey: z.string(),
  rows: z.int().nonnegative(),
  /** By currency, in the order of their names. Empty: the provider told the day, and that nothing was charged. */
  sums: z.array(z.object(sums)),
  parts: z.array(CostPart),
  /** The provider may still change it. */
  estimated: z.boolean(),
  /** When the provider was asked for what is held here. The same answer again changes nothing, this least of all. */
  takenAt: Instant,
  /** The oldest first. `revisionsLeftOut`: how many older ones are no longer told here; their rows are. */
  revisions: z.array(CostRevision),
  revisionsLeftOut: z.int().nonnegative(),
});
export type CostDay = z.infer<typeof CostDay>;

/**
 * Why a day is not what the provider says now. `sums-differ`: its rows do not add up to its totals. `out-of-order`: they do not come as the
 * port promises. `out-of-time`: the run had to end; the next goes on there. `unreadable`: what is kept of the day is not what this version
 * writes. The rest are the source's own words.
 */
export const CostDayTrouble = z.enum([
  'refused',
  'not-there-yet',
  'invalid',
  'throttled',
  'time-out',
  'failed',
  'sums-differ',
  'out-of-order',
  'out-of-time',
  'unreadable',
]);
export type CostDayTrouble = z.infer<typeof CostDayTrouble>;

/** A day that could not be taken. What was known of it before stays. */
export const TroubledDay = z.object({
  date: CostDate,
  trouble: CostDayTrouble,
  /** What was tried, what came of it, and the way out. */
  because: z.string(),
  sinceTime: Instant,
  lastTime: Instant,
  attempts: z.int().positive(),
});
export type TroubledDay = z.infer<typeof TroubledDay>;

/** `cost/v1/<provider>/state.json`: how the snapshots of a provider are. */
export const CostState = z.object({
  schema: z.literal(1),
  provider: Provider,
  /** When a run last ended, whatever it found. */
  lastRunTime: Instant,
  /** The newest day that any run found told by the provider; null: none yet. */
  newestDate: CostDate.nullable(),
  /** The oldest first. */
  troubled: z.array(TroubledDay),
  /** Buckets that could not be reached, and lack what the other has until they can. */
  unreached: z.array(z.object({ site: SiteName, because: z.string(), sinceTime: Instant })),
  /** Where the next run begins to ask again, so that a run that ends early is not always the same days short. Null: at the beginning. */
  resumeDate: CostDate.nullable(),
});
export type CostState = z.infer<typeof CostState>;
