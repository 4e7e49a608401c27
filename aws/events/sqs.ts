// Amazon SQS: the record that Lambda receives. Its body is an SNS envelope, or the message itself under raw delivery.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import * as z from 'zod';

export const SqsRecord = z.object({
  eventSource: z.literal('aws:sqs'),
  messageId: z.string(),
  body: z.string(),
});
export type SqsRecord = z.infer<typeof SqsRecord>;
