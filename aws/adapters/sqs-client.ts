// The client of SQS: a queue's URL is its endpoint, so that a queue is all that a strategy has to name.
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** `credentials` null: the SDK's own chain, a function's role. What is sent twice is there twice, which every reader of these queues bears. */
export function openSqs(region: string, credentials: NonNullable<SQSClientConfig['credentials']> | null): SQSClient {
  return new SQSClient({ region, maxAttempts: 2, logger: silence, ...(credentials === null ? {} : { credentials }) });
}

/** What fails is thrown; the SDK would also warn, at every call, of queues that are not at the region's own address. */
const silence = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
