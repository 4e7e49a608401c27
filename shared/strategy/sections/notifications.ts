// `notifications:` and `prometheus:` where people are told, and where metrics come from.
import * as z from 'zod';
import type { Channel, Strategy } from '../../model/strategy.ts';
import { Name, named, section, text, url } from '../vocabulary.ts';

const ChannelSection = z.discriminatedUnion(
  'kind',
  [
    section({
      kind: z.literal('sns'),
      topic_arn: text('the ARN of an SNS topic').startsWith('arn:', { error: 'arn:aws:sns:...' }),
    }),
    section({ kind: z.literal('pubsub'), topic: text('projects/PROJECT/topics/TOPIC') }),
    section({ kind: z.literal('slack'), url_secret: text("a name in the secret store that holds the webhook's URL") }),
    section({
      kind: z.literal('pagerduty'),
      routing_key_secret: text('a name in the secret store that holds the routing key'),
    }),
  ],
  { error: 'a mapping that begins with kind: sns, pubsub, slack or pagerduty' },
);

/** Channels by name. */
export function notificationsSection() {
  return named(ChannelSection, 'channel')
    .prefault({})
    .transform((written) => Object.entries(written).map(([name, channel]) => typedChannel(name, channel)));
}

function typedChannel(name: string, channel: z.infer<typeof ChannelSection>): Channel {
  switch (channel.kind) {
    case 'sns':
      return { name, kind: 'sns', topicArn: channel.topic_arn };
    case 'pubsub':
      return { name, kind: 'pubsub', topic: channel.topic };
    case 'slack':
      return { name, kind: 'slack', urlSecret: channel.url_secret };
    case 'pagerduty':
      return { name, kind: 'pagerduty', routingKeySecret: channel.routing_key_secret };
  }
}

/** `- name: value` pairs, as Prometheus' own lists in the strategy are written. */
function pairs<Value extends z.ZodType<string>>(value: Value, what: string) {
  const allowed = `a list of "name: value" with ${what}`;
  return z
    .array(z.record(Name, value, { error: allowed }), { error: allowed })
    .prefault([])
    .transform((list) => list.flatMap((item) => Object.entries(item).map(([name, given]) => ({ name, given }))));
}

export function prometheusSection() {
  return section({
    federation: pairs(url('the http(s) URL of a Prometheus server'), 'URLs'),
    global_queries: pairs(text('a PromQL expression'), 'PromQL expressions'),
  })
    .prefault({})
    .transform((written): Strategy['prometheus'] => ({
      federation: written.federation.map(({ name, given }) => ({ name, url: given })),
      queries: written.global_queries.map(({ name, given }) => ({ name, query: given })),
    }));
}
