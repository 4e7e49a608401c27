// The plan of rejoining, pure: which tables go on from the slot of the promotion, and which are copied again, and why.
import { copySlot, epochSlot } from '../../model/slots.ts';
import type { Return } from './precondition.ts';
import type { ReplicatedTable } from './replicated-tables.ts';

/** The slot that a promotion made for coming back, before the first write of its epoch. */
export type ReverseSlot =
  | { kind: 'good' }
  /** It cannot be read from, or nobody can tell that it was there from the first write on. */
  | { kind: 'useless'; because: string };

export type RejoinFacts = {
  found: Return;
  old: ReplicatedTable[];
  new: ReplicatedTable[];
  /** Tables that the divergence touched. */
  touched: string[];
  reverse: ReverseSlot;
  /** What an earlier run had begun with. */
  begun: { slot: string; copied: string[] } | null;
  /** Copy every table, whatever could go on. */
  everything: boolean;
};

type Copied = { name: string; sql: string; bytes: number; because: string };

export type RejoinPlan =
  | { kind: 'refused'; because: string }
  | {
      kind: 'plan';
      slot: string;
      /** False: every table is copied, over a slot that is made with the subscription. */
      resumes: boolean;
      /** Why nothing goes on from the promotion's slot; null when something does. */
      whyAll: string | null;
      copied: Copied[];
      /** Names for SQL of what only streams. */
      streamed: string[];
      /** Tables that only the old side has: nothing happens to them. */
      left: string[];
    };

export function planRejoin(facts: RejoinFacts): RejoinPlan {
  const { found } = facts;
  const published = facts.new.filter(({ replicable }) => replicable);
  const drift = driftOf(published, facts.old);
  if (drift.length > 0) {
    const because = `the schemas differ, and ${found.oldSite} could not take what ${found.newSite} has: ${drift.join('; ')}. Make them equal (at ${found.oldSite} with: set causeway.allow_ddl = 'on')`;
    return { kind: 'refused', because };
  }
  const whyAll = whyEverything(facts);
  const reasons = whyAll === null ? reasonsOf(facts, published) : new Map(published.map(({ name }) => [name, whyAll]));
  const copied = published.flatMap(({ name, sql, bytes }) => {
    const because = reasons.get(name);
    return because === undefined ? [] : [{ name, sql, bytes, because }];
  });
  const outside = facts.old.filter(
    ({ name, references }) => !published.some((one) => one.name === name) && references.some((one) => reasons.has(one)),
  );
  if (outside.length > 0) {
    const names = outside.map(({ name }) => name).join(', ');
    const because = `${names} at ${found.oldSite} has foreign keys to tables that must be copied again, and is not replicated itself, so that it would be left with nothing to refer to: drop those keys there, or the table`;
    return { kind: 'refused', because };
  }
  return {
    kind: 'plan',
    slot: whyAll === null ? epochSlot(found.epoch) : copySlot(found.epoch),
    resumes: whyAll === null,
    whyAll,
    copied,
    streamed: published.filter(({ name }) => !reasons.has(name)).map(({ sql }) => sql),
    left: facts.old
      .filter((table) => table.replicable && !published.some(({ name }) => name === table.name))
      .map(({ name }) => name),
  };
}

function whyEverything({ found, reverse, begun, everything }: RejoinFacts): string | null {
  if (reverse.kind === 'useless') return reverse.because;
  if (everything || begun?.slot === copySlot(found.epoch)) return 'a full copy was asked for';
  return null;
}

/** Why each table is copied again. What references one of them is copied too: a table cannot be emptied below its references. */
function reasonsOf({ found, old, touched, begun }: RejoinFacts, published: ReplicatedTable[]): Map<string, string> {
  const reasons = new Map<string, string>();
  const states = new Map(found.new.subscription?.tables.map(({ name, state }) => [name, state]));
  for (const { name, published: isPublished } of published) {
    const state = states.get(name);
    if (begun) {
      if (begun.copied.includes(name)) reasons.set(name, 'it was begun so');
    } else if (touched.includes(name)) reasons.set(name, 'the divergence touched it');
    else if (!isPublished) reasons.set(name, 'it was not published when the new epoch began');
    else if (state !== undefined && state !== 'r' && state !== 's') {
      reasons.set(name, `it had not been copied to ${found.newSite} to the end`);
    }
  }
  for (let before = -1; before !== reasons.size; ) {
    before = reasons.size;
    for (const { name, references } of old) {
      const to = references.find((one) => reasons.has(one) && one !== name);
      if (to !== undefined && !reasons.has(name) && published.some((one) => one.name === name)) {
        reasons.set(name, `it has a foreign key to ${to}`);
      }
    }
  }
  return reasons;
}

function driftOf(published: ReplicatedTable[], old: ReplicatedTable[]): string[] {
  return published.flatMap(({ name, columns }) => {
    const there = old.find((one) => one.name === name);
    if (!there) return [`there is no table ${name}`];
    const missing = columns.filter((column) => !there.columns.includes(column));
    return missing.length > 0 ? [`${name} has no column ${missing.join(', ')}`] : [];
  });
}
