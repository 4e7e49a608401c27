// The fake channel keeps the same contract as the adapters that it stands for.
import { notifierContract } from '../contract/notifier.ts';
import { createFakeNotifier } from './fake-notifier.ts';

notifierContract('fake', async () => {
  const notifier = createFakeNotifier();
  return {
    notifier,
    arrived: () => notifier.arrived.map(({ title, text }) => `${title}\n${text}`),
    dedupKeys: () => notifier.arrived.map(({ dedupKey }) => dedupKey),
    // In memory there is no waiting: silence and a busy service are both a message that did not arrive.
    fail: (how) => notifier.fail(how === 'silence' || how === 'busy' ? 'drop' : how),
    secret: null,
    close: async () => {},
  };
});
