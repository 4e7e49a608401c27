// Amazon SNS: the record that Lambda receives, and the envelope that SQS and HTTP receive (their spellings differ).
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
import * as z from 'zod';

/** The fields that we read are spelt alike in both forms; `SigningCertUrl` and `SigningCertURL`, which we do not read, are not. */
export const SnsNotification = z.object({
  Type: z.literal('Notification'),
  TopicArn: z.string(),
  /** What is in the text is the publisher's business. */
  Message: z.string(),
});
export type SnsNotification = z.infer<typeof SnsNotification>;

export const SnsRecord = z.object({ EventSource: z.literal('aws:sns'), Sns: SnsNotification });
export type SnsRecord = z.infer<typeof SnsRecord>;
