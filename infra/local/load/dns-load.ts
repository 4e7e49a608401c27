// Load through DNS: logical clients that place orders and read them back wherever the name leads.

import { setTimeout as wait } from 'node:timers/promises';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { OrderPlaced, OrderRefused } from '../app/order-contract.ts';
import { createClosing } from '../closing.ts';
import { callHttp, type HttpReply } from '../http-call.ts';
import type { DnsRequest } from './records.ts';

export type DnsLoad = {
  readonly clients: readonly string[];
  /** Every request that has ended so far, in the order of their ends. */
  records(): readonly DnsRequest[];
  /** Ends after the requests under way have. */
  close(): Promise<void>;
};

export type DnsLoadOptions = {
  /** The name that clients use. */
  name: string;
  /** Honours the TTL, for this client: addresses, of which the first is used. Throws when there is no answer. */
  resolve(name: string, client: string): Promise<string[]>;
  port: number;
  clients: number;
  /** Requests a second, of all clients together, half of them writes. */
  ratePerSecond: number;
  timeoutSeconds: number;
  clock: Clock;
  chance: Chance;
};

/** Starts at once. A client that was not acknowledged sends the same order again on its next turn, as a careful one does. */
export function startDnsLoad(options: DnsLoadOptions): DnsLoad {
  const records: DnsRequest[] = [];
  const closing = createClosing();
  const run = options.chance.id();
  const clients = Array.from({ length: options.clients }, (_, index) => `client-${index + 1}-${run.slice(-8)}`);
  const running = clients.map((client, index) => live(client, index, options, records, closing.signal));
  return {
    clients,
    records: () => records,
    close: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
}

/** One client's life: every turn a write and a read, spread evenly over the turns of the others. */
async function live(
  client: string,
  index: number,
  options: DnsLoadOptions,
  records: DnsRequest[],
  closing: AbortSignal,
): Promise<void> {
  const { clock } = options;
  const turnSeconds = (2 * options.clients) / options.ratePerSecond;
  let dueSeconds = clock.elapsedSeconds() + (turnSeconds * index) / options.clients;
  let sequence = 1;
  let placed: number | null = null;
  for (;;) {
    await clock.sleep(Math.max(0, dueSeconds - clock.elapsedSeconds()), closing);
    if (closing.aborted) return;
    const write = await ask(client, 'write', sequence, options);
    records.push(write);
    if (write.outcome === 'acknowledged') {
      placed = sequence;
      sequence += 1;
    }
    if (placed !== null && !closing.aborted) records.push(await ask(client, 'read', placed, options));
    // Turns that were missed while a request hung are not made up for: that would be a burst at the worst moment.
    dueSeconds = Math.max(dueSeconds + turnSeconds, clock.elapsedSeconds());
  }
}

async function ask(
  client: string,
  kind: DnsRequest['kind'],
  sequence: number,
  options: DnsLoadOptions,
): Promise<DnsRequest> {
  const startedAtSeconds = options.clock.elapsedSeconds();
  const ended = (address: string | null, judged: Judged): DnsRequest => ({
    client,
    kind,
    sequence,
    startedAtSeconds,
    endedAtSeconds: options.clock.elapsedSeconds(),
    address,
    ...judged,
  });
  let address: string | undefined;
  try {
    [address] = await within(options.resolve(options.name, client), options.timeoutSeconds);
  } catch (error) {
    return ended(null, { ...nobody, because: `${options.name}: ${error instanceof Error ? error.message : error}` });
  }
  if (address === undefined) return ended(null, { ...nobody, because: `${options.name} has no address` });
  const common = { host: address, port: options.port, timeoutSeconds: options.timeoutSeconds };
  const headers = { host: options.name, accept: 'application/json' };
  if (kind === 'read') {
    const path = `/orders/${client}/${sequence}`;
    return ended(address, judgeRead(await callHttp({ ...common, method: 'GET', path, headers, body: null })));
  }
  const body = JSON.stringify({ client, sequence });
  const write = {
    ...common,
    method: 'POST',
    path: '/orders',
    headers: { ...headers, 'content-type': 'application/json' },
  };
  return ended(address, judgeWrite(await callHttp({ ...write, body })));
}

type Judged = Pick<DnsRequest, 'outcome' | 'site' | 'acceptedBy' | 'found' | 'because'>;
const nobody = { outcome: 'refused', site: null, acceptedBy: null, found: null } as const;

function judgeWrite(reply: HttpReply): Judged {
  if (reply.kind === 'not-sent') return { ...nobody, because: reply.because };
  if (reply.kind === 'unknown') return { ...nobody, outcome: 'unknown', because: reply.because };
  const body = parseJson(reply.body);
  const placed = OrderPlaced.safeParse(body);
  if (reply.status < 300 && placed.success) {
    const { site, acceptedBy } = placed.data;
    return { outcome: 'acknowledged', site, acceptedBy, found: null, because: `status ${reply.status}` };
  }
  const refused = OrderRefused.safeParse(body);
  if (!refused.success) return { ...nobody, outcome: 'unknown', because: `status ${reply.status}: ${reply.body}` };
  const { site, reason, written, because } = refused.data;
  const outcome = written === 'no' ? 'refused' : 'unknown';
  return { ...nobody, outcome, site, because: `${reason}: ${because}` };
}

function judgeRead(reply: HttpReply): Judged {
  if (reply.kind !== 'answered') return { ...nobody, because: reply.because };
  const body = parseJson(reply.body);
  const site = typeof body === 'object' && body !== null && 'site' in body ? String(body.site) : null;
  const because = `status ${reply.status}`;
  // A standby that has not applied the order yet answers 404: it serves, and says what it has.
  if (reply.status === 200 || reply.status === 404) {
    return { outcome: 'acknowledged', site, acceptedBy: null, found: reply.status === 200, because };
  }
  return { ...nobody, site, because };
}

/** Undefined when it is no JSON, which no schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function within<T>(work: Promise<T>, seconds: number): Promise<T> {
  const done = new AbortController();
  const late = wait(seconds * 1000, undefined, { signal: done.signal }).then(() => {
    throw new Error(`no answer within ${seconds} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}
