// A stand-in for the SNS API: publishing to topics, with whoever subscribes told in the same process.
import { type Faults, type HttpAnswer, type HttpRequest, type HttpServer, startHttp, withFaults } from './http.ts';
import { element, queryAnswer, queryFailure, readForm } from './query-wire.ts';

export type SnsMessage = {
  messageId: string;
  topicArn: string;
  subject: string | null;
  message: string;
  attributes: Record<string, { type: string; value: string }>;
};

export type SnsStandinOptions = {
  host: string;
  port: number;
  /** Those that exist; one whose name ends in `.fifo` drops repeated deduplication ids for five minutes. */
  topicArns: string[];
  /** Called for every message that the topic takes: the subscriptions. */
  onMessage(message: SnsMessage): void;
  elapsedSeconds(): number;
  faults: Faults;
};

const namespace = 'http://sns.amazonaws.com/doc/2010-03-31/';
const dedupSeconds = 300;

/** Speaks the Query wire of SNS 2010-03-31: Publish. */
export async function startSnsStandin(options: SnsStandinOptions): Promise<HttpServer> {
  const seen = new Map<string, { at: number; messageId: string }>();
  let count = 0;
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const form = readForm(request);
    if (form.get('Action') !== 'Publish') return failure(400, 'InvalidAction', 'Could not find that operation');
    const topicArn = form.get('TopicArn') ?? '';
    if (!options.topicArns.includes(topicArn)) return failure(404, 'NotFound', 'Topic does not exist');
    const trouble = troubleWith(form, topicArn);
    if (trouble !== null) return failure(400, 'InvalidParameter', `Invalid parameter: ${trouble}`);
    const dedupId = form.get('MessageDeduplicationId');
    const before = dedupId === null ? undefined : seen.get(dedupId);
    if (before && options.elapsedSeconds() - before.at < dedupSeconds) return published(before.messageId);
    count += 1;
    const messageId = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
    if (dedupId !== null) seen.set(dedupId, { at: options.elapsedSeconds(), messageId });
    options.onMessage({
      messageId,
      topicArn,
      subject: form.get('Subject'),
      message: form.get('Message') ?? '',
      attributes: readAttributes(form),
    });
    return published(messageId);
  };
  const refuse = (status: number, code: string) => failure(status, code, `injected: ${code}`);
  return startHttp(withFaults(handle, options.faults, refuse), options);
}

function troubleWith(form: URLSearchParams, topicArn: string): string | null {
  const subject = form.get('Subject');
  if (subject !== null && !/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject)) return 'Subject';
  if (!form.get('Message')) return 'Empty message';
  if (Buffer.byteLength(form.get('Message') ?? '') > 262_144) return 'Message too long';
  if (topicArn.endsWith('.fifo') && !form.get('MessageGroupId'))
    return 'The MessageGroupId parameter is required for FIFO topics';
  if ((form.get('MessageDeduplicationId') ?? '').length > 128) return 'MessageDeduplicationId';
  return null;
}

function readAttributes(form: URLSearchParams): SnsMessage['attributes'] {
  const attributes: SnsMessage['attributes'] = {};
  for (let place = 1; ; place += 1) {
    const prefix = `MessageAttributes.entry.${place}`;
    const name = form.get(`${prefix}.Name`);
    if (name === null) return attributes;
    const type = form.get(`${prefix}.Value.DataType`) ?? '';
    attributes[name] = { type, value: form.get(`${prefix}.Value.StringValue`) ?? '' };
  }
}

function published(messageId: string): HttpAnswer {
  return queryAnswer('Publish', namespace, [element('MessageId', messageId)]);
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return queryFailure(namespace, status, code, message);
}
