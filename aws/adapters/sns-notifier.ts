// People told through an SNS topic: e-mail, text messages, queues, whatever is subscribed to it.
import { createHash } from 'node:crypto';
import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import type { Notification } from '../../shared/model/notification.ts';
import { type Notifier, NotifierUnavailable } from '../../shared/ports/notifier.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

export type SnsNotifierOptions = { client: SNSClient; topicArn: string; timeoutSeconds: number };

/** A FIFO topic drops a repeated message by its deduplication id; a standard one carries the key as an attribute for its readers. */
export function createSnsNotifier({ client, topicArn, timeoutSeconds }: SnsNotifierOptions): Notifier {
  return {
    send: async (notification) => {
      try {
        const answer = await callAws(`publish to ${topicArn}`, timeoutSeconds, (signal) =>
          client.send(new PublishCommand(messageOf(notification, topicArn)), signal),
        );
        return { kind: 'sent', reference: `sns/${answer.MessageId ?? notification.dedupKey}` };
      } catch (cause) {
        if (cause instanceof AwsRefused) {
          return { kind: 'rejected', because: `${cause.message}: correct the topic or the permission to publish` };
        }
        if (!(cause instanceof AwsUnknown)) throw cause;
        throw new NotifierUnavailable(`${cause.message}. The message may have arrived`, { cause });
      }
    },
  };
}

function messageOf(notification: Notification, topicArn: string): PublishCommandInput {
  const { dedupKey, kind, severity, title, text, source } = notification;
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  return {
    TopicArn: topicArn,
    Subject: subjectOf(`[${severity}] ${title}`),
    Message: `${title}\n\n${text}\n\nAbout: ${source}\nSeverity: ${severity}\nKey: ${dedupKey}\n`,
    MessageAttributes: {
      dedupKey: attribute(dedupKey),
      kind: attribute(kind),
      severity: attribute(severity),
      source: attribute(source || 'causeway'),
    },
    ...(topicArn.endsWith('.fifo')
      ? {
          // The id may have 128 characters, the key 255; opening and resolving share a key and are two messages.
          MessageDeduplicationId: createHash('sha256').update(`${kind}\n${dedupKey}`).digest('hex'),
          MessageGroupId: 'causeway',
        }
      : {}),
  };
}

/** SNS takes printable ASCII on one line, shorter than 100 characters. */
function subjectOf(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .slice(0, 99);
}
