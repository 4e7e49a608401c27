// The names of the slots through which replicas read: the first one is the estate's own, and each promotion makes another.

/** The slot that the next standby reads from, from before the first write of the epoch. No two writers ever share an epoch. */
export const epochSlot = (epoch: number): string => `causeway_epoch_${epoch}`;

/**
 * The slot of a full copy of that epoch's writer. It is another name, so that nobody takes it for one that was there from the first write
 * of the epoch on.
 */
export const copySlot = (epoch: number): string => `causeway_copy_${epoch}`;

/** Every name that these two can give, as a regular expression of PostgreSQL. */
export const EPOCH_SLOTS = '^causeway_(epoch|copy)_[0-9]+$';
