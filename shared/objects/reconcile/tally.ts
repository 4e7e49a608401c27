// What a comparison has counted so far: small plain data, whatever the number of keys, so that it fits a checkpoint.
import * as z from 'zod';
import type { Difference, Side } from './classify.ts';
import type { MergedKey } from './merge.ts';

const Count = z.object({ objects: z.int(), bytes: z.int(), parts: z.int() });
export type Count = z.infer<typeof Count>;
const BySide = z.object({ left: Count, right: Count });

/** `parts`: pieces that copies of these would travel in; 1 for a small object. */
export const Tally = z.object({
  /** What each bucket holds of the keys that were compared. */
  listed: BySide,
  /** What they held when they were last alike. */
  agreed: z.int(),
  unchanged: Count,
  /** To be written at that side. */
  missing: BySide,
  different: BySide,
  /** To be deleted at that side. */
  deleted: BySide,
  unsure: Count,
  /** Would be written or deleted at a side that this run does not write to. */
  withheld: z.int(),
});
export type Tally = z.infer<typeof Tally>;

export function emptyTally(): Tally {
  return {
    listed: bySide(),
    agreed: 0,
    unchanged: none(),
    missing: bySide(),
    different: bySide(),
    deleted: bySide(),
    unsure: none(),
    withheld: 0,
  };
}

function none(): Count {
  return { objects: 0, bytes: 0, parts: 0 };
}

function bySide(): { left: Count; right: Count } {
  return { left: none(), right: none() };
}

/** Whether a run that writes to these sides alone has anything to do about it. */
export function isWanted(difference: Difference, writesTo: readonly Side[]): boolean {
  if (difference.kind === 'unchanged' || difference.kind === 'gone') return false;
  return difference.kind === 'unsure' || writesTo.includes(difference.to);
}

/** Adds one key. Changes the tally: a new one for each of millions of keys would be all that this does. */
export function count(tally: Tally, { left, right, agreed }: MergedKey, difference: Difference, wanted: boolean): void {
  if (left) add(tally.listed.left, left.sizeBytes);
  if (right) add(tally.listed.right, right.sizeBytes);
  if (agreed) tally.agreed += 1;
  switch (difference.kind) {
    case 'gone':
      return;
    case 'unchanged':
      add(tally.unchanged, left?.sizeBytes ?? 0);
      return;
    case 'unsure':
      add(tally.unsure, difference.sizeBytes);
      return;
    case 'missing':
    case 'different':
    case 'deleted':
      if (wanted) add(tally[difference.kind][difference.to], difference.sizeBytes);
      else tally.withheld += 1;
  }
}

/** About the size of a part: what a copy of more than this travels in. */
const PART_BYTES = 8 * 1024 ** 2;

function add(to: Count, sizeBytes: number): void {
  to.objects += 1;
  to.bytes += sizeBytes;
  to.parts += Math.max(1, Math.ceil(sizeBytes / PART_BYTES));
}

/** Copies to a side: those that are missing there and those that differ. */
export function copiesTo({ missing, different }: Tally, side: Side): Count {
  return sum(missing[side], different[side]);
}

function sum(...counts: Count[]): Count {
  const total = none();
  for (const { objects, bytes, parts } of counts) {
    total.objects += objects;
    total.bytes += bytes;
    total.parts += parts;
  }
  return total;
}

/** Keys that will be looked at, and the bytes that are expected to travel. */
export function workIn(tally: Tally): { keys: number; bytes: number } {
  const copies = sum(copiesTo(tally, 'left'), copiesTo(tally, 'right'));
  const deletes = sum(tally.deleted.left, tally.deleted.right);
  return { keys: copies.objects + deletes.objects + tally.unsure.objects, bytes: copies.bytes };
}
