// The channels of a strategy, opened: what a message to people goes out by, and what it falls back on.
import type { Config } from '../config.ts';
import type { Provider } from '../model/site.ts';
import type { Channel, Strategy } from '../model/strategy.ts';
import type { OutboxOptions } from '../notification/delivery.ts';
import { createOutbox, type Outbox } from '../notification/outbox.ts';
import { createPagerDutyNotifier } from '../notification/pagerduty-notifier.ts';
import { createSlackNotifier } from '../notification/slack-notifier.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Secrets } from '../ports/secrets.ts';
import { lazily } from './lazily.ts';

const notifierTimeoutSeconds = 5;

/** By the channels' names. Secrets are read, and clients are loaded, with the first message. */
export function openNotifiers(
  config: Config,
  strategy: Strategy,
  clouds: Record<Provider, Cloud>,
  secrets: Secrets,
): Record<string, Notifier> {
  return Object.fromEntries(
    strategy.channels.map((channel) => [channel.name, notifierFor(channel, config, clouds, secrets)]),
  );
}

function notifierFor(channel: Channel, config: Config, clouds: Record<Provider, Cloud>, secrets: Secrets): Notifier {
  switch (channel.kind) {
    case 'sns':
      return lazyNotifier(() => clouds.aws.topic(channel.topicArn));
    case 'pubsub':
      return lazyNotifier(() => clouds.gcp.topic(channel.topic));
    case 'slack':
      return createSlackNotifier({
        webhookUrl: () => secrets.read(channel.urlSecret),
        timeoutSeconds: notifierTimeoutSeconds,
      });
    case 'pagerduty':
      return createPagerDutyNotifier({
        eventsUrl: config.pagerdutyUrl,
        routingKey: () => secrets.read(channel.routingKeySecret),
        timeoutSeconds: notifierTimeoutSeconds,
      });
  }
}

function lazyNotifier(open: () => Promise<Notifier>): Notifier {
  const notifier = lazily(open);
  return { send: async (notification) => (await notifier()).send(notification) };
}

/** What a message to people is kept in until it is sent: tried for some minutes, and then by the fallback. */
export function openOutbox(
  strategy: Strategy,
  parts: Pick<OutboxOptions, 'store' | 'notifiers' | 'clock' | 'chance' | 'by'>,
): Outbox {
  return createOutbox({
    ...parts,
    fallbacks: fallbacksOf(strategy),
    maxAttempts: 10,
    claimSeconds: 30,
    firstRetrySeconds: 5,
    maxRetrySeconds: 120,
  });
}

/** Every channel falls back on one of another kind, so that one provider's outage does not silence us. */
function fallbacksOf(strategy: Strategy): Record<string, string> {
  const [first] = strategy.channels;
  const other = strategy.channels.find((one) => one.kind !== first?.kind);
  if (!first || !other) return {};
  return Object.fromEntries(
    strategy.channels.filter((one) => one.kind !== other.kind).map((one) => [one.name, other.name]),
  );
}
