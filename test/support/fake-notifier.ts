// A channel that keeps what it is told, and fails as a test says.
import type { Notification } from '../../shared/model/notification.ts';
import { type Notifier, NotifierUnavailable } from '../../shared/ports/notifier.ts';

type NotifierFailure =
  /** Nothing arrives, and the sender does not know. */
  | 'drop'
  /** It arrives, and the sender does not know. */
  | 'lose-answer'
  /** The channel says no for good. */
  | 'reject'
  /** The sender waits for ever, like a process that died in the middle. Nothing arrives. */
  | 'hang';

export type FakeNotifier = Notifier & {
  /** What has arrived, in order. */
  readonly arrived: Notification[];
  /** How often it was called. */
  calls(): number;
  fail(how: NotifierFailure | null): void;
};

export function createFakeNotifier(): FakeNotifier {
  const arrived: Notification[] = [];
  let failing: NotifierFailure | null = null;
  let calls = 0;
  return {
    arrived,
    calls: () => calls,
    fail: (how) => {
      failing = how;
    },
    send: async (notification) => {
      calls += 1;
      const how = failing;
      if (how === 'hang') return new Promise(() => {});
      if (how === 'reject') return { kind: 'rejected', because: 'the channel is archived' };
      if (how !== 'drop') arrived.push(notification);
      if (how !== null) throw new NotifierUnavailable(`injected ${how}`);
      return { kind: 'sent', reference: `fake/${arrived.length}` };
    },
  };
}
