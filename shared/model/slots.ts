// The names of the slots through which replicas read: the first one is the estate's own, and each promotion makes another.

/** The slot that the next standby reads from, from before the first write of the epoch. No two writers ever share an epoch. */
export const epochSlot = (epoch: number): string => `causeway_epoch_${epoch}`;

/** Every name that `epochSlot` can give, as a regular expression of PostgreSQL. */
export const EPOCH_SLOTS = '^causeway_epoch_[0-9]+$';
