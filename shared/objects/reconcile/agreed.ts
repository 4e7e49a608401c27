// What both sides had of a key when they were last compared and alike: one row of the baseline.
import * as z from 'zod';
import type { ListedObject, ObjectVersion, Origin } from '../../model/replica.ts';

/** Enough of a side's version to know it again in a listing. */
export type AgreedSide = { tag: string; revision: number; modifiedMillis: number };

export type AgreedKey = {
  key: string;
  left: AgreedSide;
  right: AgreedSide;
  sizeBytes: number;
  /** Which version it was: what a side that has lost it since has deleted. */
  origin: Origin;
};

export function agreedSide({ tag, revision, modifiedMillis }: ObjectVersion): AgreedSide {
  return { tag, revision, modifiedMillis };
}

/** The version of that row, as far as a listing tells: the tag, and what rises or moves with a change of attributes alone. */
export function isStill(listed: ListedObject, agreed: AgreedSide): boolean {
  if (listed.tag !== agreed.tag) return false;
  return listed.revision === null
    ? listed.modifiedMillis === agreed.modifiedMillis
    : listed.revision === agreed.revision;
}

const Side = z.tuple([z.string(), z.int(), z.int()]);
const Row = z.tuple([z.string(), Side, Side, z.int(), z.tuple([z.string(), z.string(), z.int()])]);

/** A row as a line: arrays, because there may be millions. */
export function agreedLine({ key, left, right, sizeBytes, origin }: AgreedKey): string {
  const side = ({ tag, revision, modifiedMillis }: AgreedSide) => [tag, revision, modifiedMillis];
  return JSON.stringify([key, side(left), side(right), sizeBytes, [origin.site, origin.version, origin.timeMillis]]);
}

/** Throws when the line is no such row. */
export function parseAgreedLine(line: string): AgreedKey {
  const [key, left, right, sizeBytes, [site, version, timeMillis]] = Row.parse(JSON.parse(line));
  const side = ([tag, revision, modifiedMillis]: z.infer<typeof Side>): AgreedSide => ({
    tag,
    revision,
    modifiedMillis,
  });
  return { key, left: side(left), right: side(right), sizeBytes, origin: { site, version, timeMillis } };
}
