// What every parse function is told beside the event: the strategy's declarations, and when the event was received.
import type { AlarmDeclaration } from '../model/signal.ts';

export type EventContext = {
  declarations: AlarmDeclaration[];
  /** When this function received the event; stands in for a time only where a source has none (a custom schedule input). */
  receivedAt: Date;
};
