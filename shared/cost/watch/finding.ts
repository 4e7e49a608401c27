// Something that people are to be told of money: once, whoever finds it, however often.
import type { Notification } from '../../model/notification.ts';

export type WatchFinding = {
  /** Names it among all that was ever told: a path of letters, digits and `-._%`. */
  id: string;
  /** What is told with it, and not again by itself: the lower thresholds of a budget. */
  covers: string[];
  /** The same thing may have been told under another day, before days were restated: what was told below the prefix so near to the date is it. */
  near: { prefix: string; date: string; days: number } | null;
  channels: readonly string[];
  notification: Notification;
};
