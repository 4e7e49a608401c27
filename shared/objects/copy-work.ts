// What a copy is asked for, and how it can end.
import type { ObjectAttributes, ObjectVersion, Origin } from '../model/replica.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectBody, ObjectBucket, ObjectCondition } from '../ports/object-bucket.ts';
import type { Room } from './slots.ts';

export type CopyWork = {
  source: ObjectBucket;
  destination: ObjectBucket;
  object: ObjectVersion;
  /** What the destination can carry of the object's. */
  attributes: ObjectAttributes;
  origin: Origin;
  condition: ObjectCondition;
  /** Its bytes, where they are on their way already. */
  body: ObjectBody | null;
};

export type CopyLimits = {
  /** Up to this size an object is held in memory, and written in one request. */
  smallBytes: number;
  partBytes: number;
  parallelParts: number;
};

/**
 * `untilSeconds`: when the clock's `elapsedSeconds` say so, a copy stops, to be gone on with. `room`: bytes, of which each that is held
 * of an object takes one.
 */
export type CopyOptions = { clock: Clock; limits: CopyLimits; room: Room; untilSeconds: number };

export function isLate({ clock, untilSeconds }: CopyOptions): boolean {
  return clock.elapsedSeconds() >= untilSeconds;
}

/**
 * `gone`, `conflict`: the source or the destination is no longer what it was: look again. `corrupt`: the bytes that came are not those that
 * the source's checksum speaks of; nothing became visible. `unfinished`: out of time; the same call goes on from there.
 */
export type CopyResult =
  | { kind: 'copied'; object: ObjectVersion }
  | { kind: 'gone' }
  | { kind: 'conflict' }
  | { kind: 'corrupt'; because: string }
  | { kind: 'unfinished'; bytes: number; doneBytes: number }
  | { kind: 'impossible'; because: string };
