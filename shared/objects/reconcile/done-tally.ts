// What a run has done so far, as plain data for the checkpoint, the summary and the journal.
import * as z from 'zod';
import type { KeyOutcome } from './key-work.ts';

const Done = z.object({ objects: z.int(), bytes: z.int() });
const BySide = z.object({ left: Done, right: Done });

export const DoneTally = z.object({
  /** Keys that were looked at or done; unchanged ones are not among them. */
  keys: z.int(),
  alike: z.int(),
  copied: BySide,
  restamped: z.int(),
  removed: z.object({ left: z.int(), right: z.int() }),
  keptAside: z.int(),
  /** By reason. */
  refused: z.record(z.string(), z.int()),
  failed: z.record(z.string(), z.int()),
  /** Not done because more would be deleted than is allowed. */
  withheld: z.int(),
  /** Not done because it would write to the side that this run does not write to. */
  otherWay: z.int(),
  /** What could not travel, each in words, with the number of objects; the first few such sentences. */
  leftBehind: z.record(z.string(), z.int()),
  /** The first few that need somebody, with the sentence why. */
  troubles: z.array(z.object({ key: z.string(), because: z.string() })),
});
export type DoneTally = z.infer<typeof DoneTally>;

const MOST_TROUBLES = 20;

export function nothingDone(): DoneTally {
  const none = () => ({ objects: 0, bytes: 0 });
  return {
    keys: 0,
    alike: 0,
    copied: { left: none(), right: none() },
    restamped: 0,
    removed: { left: 0, right: 0 },
    keptAside: 0,
    refused: {},
    failed: {},
    withheld: 0,
    otherWay: 0,
    leftBehind: {},
    troubles: [],
  };
}

/** Adds what came of a key. Changes the tally. */
export function noteOutcome(done: DoneTally, key: string, outcome: Exclude<KeyOutcome, { kind: 'unfinished' }>): void {
  done.keys += 1;
  switch (outcome.kind) {
    case 'nothing':
      done.alike += 1;
      return;
    case 'copied':
      done.copied[outcome.to].objects += 1;
      done.copied[outcome.to].bytes += outcome.sizeBytes;
      done.keptAside += outcome.keptAside ? 1 : 0;
      noteLeft(done, outcome.left);
      return;
    case 'restamped':
      done.restamped += 1;
      noteLeft(done, outcome.left);
      return;
    case 'removed':
      done.removed[outcome.at] += 1;
      return;
    case 'refused':
    case 'failed':
      done[outcome.kind][outcome.reason] = (done[outcome.kind][outcome.reason] ?? 0) + 1;
      if (done.troubles.length < MOST_TROUBLES) done.troubles.push({ key, because: outcome.because });
  }
}

function noteLeft({ leftBehind }: DoneTally, left: readonly string[]): void {
  for (const sentence of left) {
    if (sentence in leftBehind || Object.keys(leftBehind).length < MOST_TROUBLES) {
      leftBehind[sentence] = (leftBehind[sentence] ?? 0) + 1;
    }
  }
}

export function countOf(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((total, number) => total + number, 0);
}
