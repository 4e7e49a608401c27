// What the listings and the baseline make of a key, before anybody has looked at it: pure, and only a forecast of what will be decided.
import type { ListedObject } from '../../model/replica.ts';
import { isStill } from './agreed.ts';
import type { MergedKey } from './merge.ts';

/** The ends of a pair, in the order in which the strategy names them. */
export type Side = 'left' | 'right';

const otherSide = (side: Side): Side => (side === 'left' ? 'right' : 'left');

export type Difference =
  /** As it was when it was last compared: no request is made for it. */
  | { kind: 'unchanged' }
  /** Agreed on once, and gone from both. */
  | { kind: 'gone' }
  /** Not there, and never was as far as the baseline knows, or written again since: to be copied there. */
  | { kind: 'missing'; to: Side; sizeBytes: number }
  /** Deleted at the other side since they were alike: to be deleted here. */
  | { kind: 'deleted'; to: Side; sizeBytes: number }
  /** Both have it, and not the same: to be copied there. */
  | { kind: 'different'; to: Side; sizeBytes: number }
  /** Both have it in one size: only a look tells whether they are alike. */
  | { kind: 'unsure'; sizeBytes: number };

export function classify({ left, right, agreed }: MergedKey): Difference {
  if (left && right) return compared(left, right, agreed);
  const there = left ?? right;
  if (!there) return { kind: 'gone' };
  const side: Side = left ? 'left' : 'right';
  const { sizeBytes } = there;
  if (agreed && isStill(there, agreed[side])) return { kind: 'deleted', to: side, sizeBytes };
  return { kind: 'missing', to: otherSide(side), sizeBytes };
}

function compared(left: ListedObject, right: ListedObject, agreed: MergedKey['agreed']): Difference {
  const still = {
    left: agreed !== null && isStill(left, agreed.left),
    right: agreed !== null && isStill(right, agreed.right),
  };
  if (still.left && still.right) return { kind: 'unchanged' };
  if (still.left) return { kind: 'different', to: 'left', sizeBytes: right.sizeBytes };
  if (still.right) return { kind: 'different', to: 'right', sizeBytes: left.sizeBytes };
  if (left.sizeBytes === right.sizeBytes) return { kind: 'unsure', sizeBytes: left.sizeBytes };
  return left.modifiedMillis > right.modifiedMillis
    ? { kind: 'different', to: 'right', sizeBytes: left.sizeBytes }
    : { kind: 'different', to: 'left', sizeBytes: right.sizeBytes };
}
