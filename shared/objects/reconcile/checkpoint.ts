// How far a pair's comparison is, and how the last ones ended: one small object beside the site, changed by compare-and-swap.
import * as z from 'zod';
import { canonicalJson } from '../../model/canonical-json.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { Chunk } from './baseline.ts';
import { Usage } from './cost.ts';
import { DoneTally } from './done-tally.ts';
import { Tally } from './tally.ts';

/** What a run is about: it can only be gone on with by one of the same scope. */
export const Scope = z.object({
  prefix: z.string(),
  /** The sides that are written to. */
  writesTo: z.array(z.enum(['left', 'right'])),
});
export type Scope = z.infer<typeof Scope>;

const UsageBySide = z.object({ left: Usage, right: Usage });

export const Checkpoint = z.object({
  run: z.string(),
  scope: Scope,
  /** Who works on it now: taken over when it has not been touched for a while. */
  owner: z.string(),
  startedAt: z.string(),
  touchedAt: z.string(),
  forced: z.boolean(),
  phase: z.enum(['survey', 'work']),
  /** The last key that this phase is done with; null: none yet. */
  position: z.string().nullable(),
  tally: Tally,
  done: DoneTally,
  usage: UsageBySide,
  chunks: z.array(Chunk),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export const LastRun = z.object({
  run: z.string(),
  scope: Scope,
  by: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  outcome: z.enum(['done', 'refused']),
  /** Why it was refused; null: it was not. */
  because: z.string().nullable(),
  tally: Tally,
  done: DoneTally,
  dollars: z.number(),
});
export type LastRun = z.infer<typeof LastRun>;

export const ReconcileState = z.object({
  schema: z.literal(1),
  open: Checkpoint.nullable(),
  /** The last that ended, of any scope. */
  last: LastRun.nullable(),
  /** When the last one of the whole pair, both ways, was begun: what the schedule counts from. */
  wholeStartedAt: z.string().nullable(),
  /** When the last such came to its end, with a new baseline. */
  completeAt: z.string().nullable(),
});
export type ReconcileState = z.infer<typeof ReconcileState>;

export type FoundState = { state: ReconcileState; version: string | null };

const stateKey = (pair: string) => `.causeway/reconcile/${pair}.json`;

const NEVER: ReconcileState = { schema: 1, open: null, last: null, wholeStartedAt: null, completeAt: null };

/** Throws `StoreUnavailable`, and an error when it is not one that this version reads. */
export async function readState(store: ObjectStore, pair: string): Promise<FoundState> {
  const found = await store.get(stateKey(pair));
  if (found === null) return { state: NEVER, version: null };
  try {
    return { state: ReconcileState.parse(JSON.parse(found.body)), version: found.version };
  } catch (cause) {
    throw new Error(`${store.name}: ${stateKey(pair)} cannot be read by this version`, { cause });
  }
}

/** The new state in the place of the one that was read. `lost`: somebody else has changed it since. */
export async function writeState(
  store: ObjectStore,
  pair: string,
  before: FoundState,
  state: ReconcileState,
): Promise<FoundState | 'lost'> {
  const put = await store.put(stateKey(pair), canonicalJson(state), {
    condition: before.version === null ? { kind: 'absent' } : { kind: 'version', version: before.version },
    contentType: 'application/json',
    cacheControl: 'no-store',
  });
  return put.kind === 'conflict' ? 'lost' : { state, version: put.version };
}

export function isWhole({ prefix, writesTo }: Scope): boolean {
  return prefix === '' && writesTo.length === 2;
}

export function isSameScope(one: Scope, other: Scope): boolean {
  return one.prefix === other.prefix && canonicalJson(one.writesTo) === canonicalJson(other.writesTo);
}
