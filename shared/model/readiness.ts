// Readiness: what each site's keeper finds out about its own side once a minute, and what it says of it beside its bulletin.
import * as z from 'zod';
import { Health, Instant } from './signal.ts';
import { Ground, SiteName } from './site.ts';

/** What an inspection says of one database, with the way out. */
export const Inspected = z.object({
  about: z.string(),
  /** `escape`: gets past the guard by design, for people to know. Only `fail` makes a check fail. */
  status: z.enum(['ok', 'warn', 'fail', 'escape']),
  found: z.string(),
  /** What to do about it; null where there is nothing to do. */
  wayOut: z.string().nullable(),
});
export type Inspected = z.infer<typeof Inspected>;

/** A replication slot of the server, whoever reads it: all of them hold back the same disk. */
export const SlotFacts = z.object({
  name: z.string(),
  /** False: of another database of the same server, or of a physical replica. */
  ours: z.boolean(),
  active: z.boolean(),
  /** Null: active, or the server is older than version 17 and does not say. */
  inactiveSeconds: z.number().nonnegative().nullable(),
  /** Null where the server does not say. */
  walStatus: z.enum(['reserved', 'extended', 'unreserved', 'lost']).nullable(),
  /** Write-ahead log that is kept for it; null when it holds none any more. */
  retainedBytes: z.number().nonnegative().nullable(),
  /** How many transactions its hold on the catalogue is old; null: it holds none. */
  catalogAge: z.int().nonnegative().nullable(),
});
export type SlotFacts = z.infer<typeof SlotFacts>;

/** One table of the schemas that are replicated. */
export const TableFacts = z.object({
  name: z.string(),
  /** A digest of its columns, keys and constraints: equal on both sites, or the schema has drifted. */
  shape: z.string(),
  published: z.boolean(),
  /** The word of PostgreSQL for how far its copy is (`r`: it streams); null: not subscribed here. */
  subscribed: z.string().nullable(),
});
export type TableFacts = z.infer<typeof TableFacts>;

export const SubscriptionFacts = z.object({
  enabled: z.boolean(),
  /** The slot that it reads at the other site; null: detached, as a promotion leaves it. */
  slot: z.string().nullable(),
  working: z.boolean(),
});
export type SubscriptionFacts = z.infer<typeof SubscriptionFacts>;

/** A sequence that is worth a word: near its end, or one that promotion could not move past what the writer gave out. */
export const SequenceFacts = z.object({
  name: z.string(),
  /** Share of its range that is used up, in per cent. */
  usedPercent: z.number(),
  /** Where promotion would move it to is past its end. */
  wouldEnd: z.boolean(),
});
export type SequenceFacts = z.infer<typeof SequenceFacts>;

/** What a database says of itself. Lists hold only what is worth a word, the first of them by name. */
export const DatabaseFacts = z.object({
  /** As `server_version_num` has it: 170002 is 17.2. */
  version: z.int(),
  guard: z.object({ mode: z.enum(['enforce', 'observe']), dormant: z.boolean() }),
  /** Everything that an inspection found not well. */
  inspected: z.array(Inspected),
  /** max_slot_wal_keep_size; null: no limit. */
  slotLimitBytes: z.number().nonnegative().nullable(),
  slots: z.array(SlotFacts),
  /** Null: there is none. */
  publication: z.object({ all: z.boolean() }).nullable(),
  subscription: SubscriptionFacts.nullable(),
  tables: z.array(TableFacts),
  /** The parts of the tables whose shape was seen to differ from the other site's, in words. */
  parts: z.record(z.string(), z.array(z.string())),
  /** Tables whose rows never travel. */
  unlogged: z.array(z.string()),
  sequences: z.array(SequenceFacts),
  /** Sequences here of which the writer's last heartbeat tells no value; empty on a database that follows nobody. */
  untold: z.array(z.string()),
});
export type DatabaseFacts = z.infer<typeof DatabaseFacts>;

/** One thing that was looked at. */
const sight = <T extends z.ZodType>(facts: T) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('seen'), at: Instant, facts }),
    /** `seenAt`: when it last was; null: never by this keeper or the ones before it. */
    z.object({ kind: z.literal('unknown'), at: Instant, because: z.string(), seenAt: Instant.nullable() }),
  ]);

/** What the reading calls that a failover makes have answered, when a keeper made them just to see. */
export const ExerciseFacts = z.discriminatedUnion('kind', [
  /** That it worked is all there is to know: a store, a write, a secret. */
  z.object({ kind: z.literal('answered') }),
  z.object({
    kind: z.literal('zone'),
    /** Records that are not as the situation has them, each in a few words. */
    differences: z.array(z.string()),
    /** What must be published before anything can be moved; null: nothing. */
    unpublished: z.string().nullable(),
  }),
  z.object({ kind: z.literal('answers'), verdict: z.enum(['moved', 'not-moved', 'unknown']), because: z.string() }),
  z.object({
    kind: z.literal('beacon'),
    /** Null: it was never written. */
    lit: z.boolean().nullable(),
    mustBeLit: z.boolean(),
    /** As the world sees it, without any credentials. */
    inPublic: Health,
    because: z.string(),
  }),
  z.object({
    kind: z.literal('capacity'),
    site: SiteName,
    nodeMinimum: z.number(),
    replicaFloor: z.number(),
    readyReplicas: z.number(),
  }),
  z.object({
    kind: z.literal('instance'),
    site: SiteName,
    status: z.enum(['running', 'stopped', 'changing', 'failed']),
    providerStatus: z.string(),
    role: z.enum(['primary', 'replica', 'unknown']),
  }),
]);
export type ExerciseFacts = z.infer<typeof ExerciseFacts>;

/** One call that a failover would need, made beforehand. */
export const Exercise = z.object({
  /** What was called: the same from look to look. */
  name: z.string(),
  /** Where it answers: calls of one's own cloud matter more to who takes over than those of the other. */
  ground: Ground,
  sight: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('seen'), at: Instant, facts: ExerciseFacts }),
    /** `unknown`: no answer. `refused`: a no, which nobody needs to ask for again before something is changed. */
    z.object({
      kind: z.enum(['unknown', 'refused']),
      at: Instant,
      because: z.string(),
      seenAt: Instant.nullable(),
    }),
  ]),
});
export type Exercise = z.infer<typeof Exercise>;

/** Since when a finding has stood open, or has been over: what keeps a finding that comes and goes from being told each time. */
export const Standing = z.object({
  /** The finding's key. */
  key: z.string(),
  state: z.enum(['not-ready', 'unknown', 'over']),
  since: Instant,
});
export type Standing = z.infer<typeof Standing>;

/** What a keeper has found out about its own side. Only it writes it; all read it. */
export const ReadinessReport = z.object({
  schema: z.literal(1),
  site: SiteName,
  incarnation: z.string(),
  /** By its keeper's clock: people and other keepers go by it, authority never does. */
  at: Instant,
  /** Null at a site without a database. */
  database: sight(DatabaseFacts).nullable(),
  exercises: z.array(Exercise).default([]),
  standings: z.array(Standing).default([]),
});
export type ReadinessReport = z.infer<typeof ReadinessReport>;
