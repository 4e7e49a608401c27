// One SQS queue: messages that hide while somebody works on them, come back when nobody removed them, and end in the dead-letter queue.
import { createHash } from 'node:crypto';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';

export type MessageAttribute = { DataType: string; StringValue?: string | undefined; BinaryValue?: string | undefined };

export type ReceivedMessage = {
  messageId: string;
  receiptHandle: string;
  body: string;
  md5OfBody: string;
  /** SentTimestamp and its like; numbers as strings, as they travel. */
  attributes: Record<string, string>;
  messageAttributes: Record<string, MessageAttribute>;
};

export type SqsQueue = {
  readonly name: string;
  readonly arn: string;
  readonly options: SqsQueueOptions;
  /** The message's id. Not to be received before `delaySeconds` are over. */
  send(body: string, more?: { delaySeconds?: number; messageAttributes?: Record<string, MessageAttribute> }): string;
  /** At most `limit` messages, in no order; waits for the first one as long as it is told to. */
  receive(asked: {
    limit: number;
    visibilitySeconds: number | null;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]>;
  /** False when the handle is none of this queue's. An older handle of a message that was received again removes nothing. */
  remove(receiptHandle: string): boolean;
  /** False when the handle is not that of a message in flight. */
  changeVisibility(receiptHandle: string, seconds: number): boolean;
  counts(): { visible: number; inFlight: number; delayed: number; oldestSeconds: number };
  /** Bodies of all that is here, in the order of their arrival: for whoever looks into a dead-letter queue. */
  bodies(): string[];
  /** The same, with the attributes that were sent along. */
  messages(): { text: string; attributes: Record<string, string> }[];
  purge(): void;
};

export type SqsQueueOptions = {
  name: string;
  region: string;
  account: string;
  visibilitySeconds: number;
  /** Null: a message comes back for ever. */
  redrive: { maxReceiveCount: number; to: SqsQueue } | null;
  /** Share of receives that leave the message visible: somebody else gets it, too. */
  doubleFraction: number;
  clock: Clock;
  chance: Chance;
};

type Held = {
  id: string;
  body: string;
  messageAttributes: Record<string, MessageAttribute>;
  sentAt: Date;
  sentSeconds: number;
  firstReceivedAt: Date | null;
  receiveCount: number;
  receiptHandle: string | null;
  /** When it may be received, on the clock's elapsed seconds. */
  visibleSeconds: number;
};

export function createSqsQueue(options: SqsQueueOptions): SqsQueue {
  const { clock, chance } = options;
  const held = new Map<string, Held>();
  const handles = new Map<string, string>();
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const byHandle = (receiptHandle: string): Held | null => {
    const found = held.get(handles.get(receiptHandle) ?? '');
    return found?.receiptHandle === receiptHandle ? found : null;
  };
  const take = (message: Held, visibilitySeconds: number): ReceivedMessage | null => {
    if (options.redrive !== null && message.receiveCount >= options.redrive.maxReceiveCount) {
      held.delete(message.id);
      options.redrive.to.send(message.body, { messageAttributes: message.messageAttributes });
      return null;
    }
    const receiptHandle = chance.id();
    message.receiveCount += 1;
    message.firstReceivedAt ??= clock.now();
    message.receiptHandle = receiptHandle;
    handles.set(receiptHandle, message.id);
    const isDouble = chance.fraction() < options.doubleFraction;
    message.visibleSeconds = clock.elapsedSeconds() + (isDouble ? 0 : visibilitySeconds);
    return shown(message, receiptHandle, message.firstReceivedAt);
  };
  const takeSome = (limit: number, visibilitySeconds: number): ReceivedMessage[] => {
    const now = clock.elapsedSeconds();
    const ready = [...held.values()].filter(({ visibleSeconds }) => visibleSeconds <= now);
    const taken: ReceivedMessage[] = [];
    while (taken.length < limit && ready.length > 0) {
      const [message] = ready.splice(Math.floor(chance.fraction() * ready.length), 1);
      const received = message === undefined ? null : take(message, visibilitySeconds);
      if (received) taken.push(received);
    }
    return taken;
  };
  return {
    name: options.name,
    arn: `arn:aws:sqs:${options.region}:${options.account}:${options.name}`,
    options,
    send(body, { delaySeconds = 0, messageAttributes = {} } = {}) {
      const id = chance.id();
      const now = clock.elapsedSeconds();
      held.set(id, {
        id,
        body,
        messageAttributes,
        sentAt: clock.now(),
        sentSeconds: now,
        firstReceivedAt: null,
        receiveCount: 0,
        receiptHandle: null,
        visibleSeconds: now + delaySeconds,
      });
      wakeAll();
      return id;
    },
    async receive({ limit, visibilitySeconds, waitSeconds, signal }) {
      const until = clock.elapsedSeconds() + waitSeconds;
      for (;;) {
        const taken = takeSome(limit, visibilitySeconds ?? options.visibilitySeconds);
        const leftSeconds = until - clock.elapsedSeconds();
        if (taken.length > 0 || leftSeconds <= 0 || signal?.aborted) return taken;
        const next = Math.min(...[...held.values()].map(({ visibleSeconds }) => visibleSeconds));
        await change(Math.min(leftSeconds, Math.max(0, next - clock.elapsedSeconds())), signal);
      }
    },
    remove(receiptHandle) {
      if (!handles.has(receiptHandle)) return false;
      const found = byHandle(receiptHandle);
      if (found) held.delete(found.id);
      return true;
    },
    changeVisibility(receiptHandle, seconds) {
      const found = byHandle(receiptHandle);
      if (found === null || found.visibleSeconds <= clock.elapsedSeconds()) return false;
      found.visibleSeconds = clock.elapsedSeconds() + seconds;
      wakeAll();
      return true;
    },
    counts() {
      const now = clock.elapsedSeconds();
      const all = [...held.values()];
      const visible = all.filter(({ visibleSeconds }) => visibleSeconds <= now).length;
      const inFlight = all.filter(
        ({ visibleSeconds, receiveCount }) => visibleSeconds > now && receiveCount > 0,
      ).length;
      const oldestSeconds = Math.max(0, ...all.map(({ sentSeconds }) => now - sentSeconds));
      return { visible, inFlight, delayed: all.length - visible - inFlight, oldestSeconds };
    },
    bodies: () => [...held.values()].map(({ body }) => body),
    messages: () =>
      [...held.values()].map(({ body: text, messageAttributes }) => {
        const attributes = Object.entries(messageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]);
        return { text, attributes: Object.fromEntries(attributes) };
      }),
    purge: () => held.clear(),
  };

  /** Resolves when a message came or changed, when the time is over, or when nobody waits any more. */
  async function change(seconds: number, signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController();
    const wake = () => over.abort();
    waiting.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    try {
      await clock.sleep(seconds, over.signal);
    } finally {
      waiting.delete(wake);
      signal?.removeEventListener('abort', wake);
    }
  }
}

function shown(message: Held, receiptHandle: string, firstReceivedAt: Date): ReceivedMessage {
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    md5OfBody: md5Of(message.body),
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt.getTime()),
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt.getTime()),
    },
    messageAttributes: message.messageAttributes,
  };
}

export function md5Of(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
