// The outbox, as stories: once in effect over two clouds, crashes in every gap, and channels that fail.
import { describe, expect, it } from 'vitest';
import type { OutboxOptions } from '../../../shared/notification/delivery.ts';
import { createOutbox } from '../../../shared/notification/outbox.ts';
import { StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { sample } from '../../contract/notifier.ts';
import { createFakeNotifier } from '../../support/fake-notifier.ts';
import {
  createFakeBucket,
  createFakeObjectStore,
  type StoreFault,
  type StoreFaults,
} from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function createWorld(changes: Partial<OutboxOptions> = {}) {
  const clock = createManualClock();
  const bucket = createFakeBucket('content');
  const [ops, pager] = [createFakeNotifier(), createFakeNotifier()];
  let ids = 0;
  const side = (by: string) => {
    let faults: StoreFaults = () => null;
    const store = createFakeObjectStore({ name: 'outbox', bucket, clock, faults: (call) => faults(call) });
    const outbox = createOutbox({
      store,
      notifiers: { ops, pager },
      fallbacks: {},
      clock,
      chance: { fraction: () => 0.5, id: () => `id-${++ids}` },
      by,
      maxAttempts: 4,
      claimSeconds: 30,
      firstRetrySeconds: 4,
      maxRetrySeconds: 10,
      ...changes,
    });
    const fault = (next: StoreFaults) => {
      faults = next;
    };
    return { ...outbox, fault };
  };
  const left = () => [...bucket.objects.keys()].filter((key) => key.startsWith('outbox/waiting/'));
  const ended = () =>
    [...bucket.objects].filter(([key]) => key.startsWith('outbox/ended/')).map(([, { body }]) => JSON.parse(body));
  return { clock, bucket, ops, pager, side, left, ended };
}

/** A fault for the calls of that operation below that prefix. */
function at(operation: string, prefix: string, fault: StoreFault): StoreFaults {
  return (call) => (call.operation === operation && call.key.startsWith(prefix) ? fault : null);
}

describe('outbox', () => {
  it('keeps, sends and marks, and does nothing for the same notification later', async () => {
    const { side, ops, left, ended } = createWorld();
    const aws = side('aws');
    expect(await aws.submit('ops', sample)).toEqual({
      channel: 'ops',
      dedupKey: sample.dedupKey,
      outcome: 'sent',
      detail: 'fake/1',
      fallback: null,
    });
    expect(left()).toEqual([]);
    expect(ended()).toMatchObject([{ outcome: 'sent', attempts: 1, by: 'aws', notification: sample }]);
    expect(await side('gcp').submit('ops', sample)).toMatchObject({
      outcome: 'sent',
      detail: 'fake/1 (by aws at 2026-11-23T12:00:00.000Z)',
    });
    expect(ops.calls()).toBe(1);
  });

  it('is one message when both clouds send it at the same moment', async () => {
    const { side, ops, left } = createWorld();
    const both = await Promise.all([side('aws').submit('ops', sample), side('gcp').submit('ops', sample)]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['sent', 'waiting']);
    expect(ops.calls()).toBe(1);
    expect(left()).toEqual([]);
  });

  it('takes the same key on another channel, and the end of an incident, for notifications of their own', async () => {
    const { side, ops, pager } = createWorld();
    const aws = side('aws');
    await aws.submit('ops', { ...sample, kind: 'incident-opened' });
    await aws.submit('ops', { ...sample, kind: 'incident-resolved' });
    await aws.submit('pager', { ...sample, kind: 'incident-opened' });
    expect(ops.arrived.map(({ kind }) => kind)).toEqual(['incident-opened', 'incident-resolved']);
    expect(pager.arrived).toHaveLength(1);
  });

  it('tries again with growing waits, each side from when it first saw the failure', async () => {
    const { side, ops, clock } = createWorld();
    const [aws, gcp] = [side('aws'), side('gcp')];
    ops.fail('drop');
    expect(await aws.submit('ops', sample)).toMatchObject({
      outcome: 'waiting',
      detail: 'attempt 1 of 4: injected drop',
    });
    const callsAfter = async (seconds: number) => {
      clock.advance(seconds);
      await aws.flush();
      return ops.calls();
    };
    // 4 s, of which a quarter is cut by chance: 3 s; then 6 s; then 7.5 s, because 16 s is over the limit of 10 s.
    expect(await callsAfter(2.9)).toBe(1);
    expect(await callsAfter(0.2)).toBe(2);
    expect(await callsAfter(5.8)).toBe(2);
    expect(await callsAfter(0.3)).toBe(3);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'waiting' }]);
    ops.fail(null);
    clock.advance(8);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'sent' }]);
    expect(await aws.flush()).toEqual([]);
    expect(ops.arrived).toEqual([sample]);
  });

  it('gives up after the last attempt, records that, and tells another channel why', async () => {
    const { side, ops, pager, clock, ended } = createWorld({ fallbacks: { ops: 'pager' } });
    const aws = side('aws');
    ops.fail('drop');
    let last = [await aws.submit('ops', sample)];
    while (last[0]?.outcome === 'waiting') {
      clock.advance(10);
      last = await aws.flush();
    }
    expect(ops.calls()).toBe(4);
    expect(last).toMatchObject([
      { outcome: 'failed', detail: 'not sent in 4 attempts, the limit: injected drop', fallback: { outcome: 'sent' } },
    ]);
    expect(pager.arrived[0]?.text).toMatch(
      /promoted; no person needs to act\.\n\nSent here because the channel "ops" did not/,
    );
    expect(
      ended()
        .map(({ channel, outcome }) => `${channel} ${outcome}`)
        .sort(),
    ).toEqual(['ops failed', 'pager sent']);
    await side('gcp').submit('ops', sample);
    expect([ops.calls(), pager.calls()]).toEqual([4, 1]);
  });

  it('takes a rejection as final, and tells another channel at once', async () => {
    const { side, ops, pager } = createWorld({ fallbacks: { ops: 'pager' } });
    ops.fail('reject');
    expect(await side('aws').submit('ops', sample)).toMatchObject({
      outcome: 'rejected',
      detail: 'the channel is archived',
      fallback: { channel: 'pager', outcome: 'sent' },
    });
    expect(await side('gcp').submit('ops', sample)).toMatchObject({ outcome: 'rejected' });
    expect([ops.calls(), pager.calls()]).toEqual([1, 1]);
  });

  it('rejects a channel that nobody declared, naming those that are', async () => {
    const { side } = createWorld();
    expect(await side('aws').submit('opps', sample)).toMatchObject({
      outcome: 'rejected',
      detail: 'there is no channel "opps"; the strategy names ops, pager',
    });
  });

  it('opens an incident before it closes it', async () => {
    const { side, ops, clock } = createWorld();
    const aws = side('aws');
    ops.fail('drop');
    await aws.submit('ops', { ...sample, kind: 'incident-opened' });
    ops.fail(null);
    expect(await aws.submit('ops', { ...sample, kind: 'incident-resolved' })).toMatchObject({
      outcome: 'waiting',
      detail: 'its incident has not been opened there yet',
    });
    clock.advance(10);
    await aws.flush();
    await aws.flush();
    expect(ops.arrived.map(({ kind }) => kind)).toEqual(['incident-opened', 'incident-resolved']);
  });
});

describe('outbox, when a process or its store breaks off', () => {
  it('leaves a claim alone until it has itself watched it for as long as it may take', async () => {
    const { side, ops, clock } = createWorld();
    ops.fail('hang');
    void side('aws').submit('ops', sample);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ops.calls()).toBe(1);
    ops.fail(null);
    const gcp = side('gcp');
    clock.advance(1000);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'waiting', detail: 'aws is sending it' }]);
    clock.advance(29);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'waiting' }]);
    clock.advance(2);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'sent' }]);
    expect(ops.arrived).toEqual([sample]);
  });

  it('repeats a message that was sent and not marked, and says before that it may', async () => {
    const { side, ops, clock, left } = createWorld();
    const [aws, gcp] = [side('aws'), side('gcp')];
    aws.fault(at('put', 'outbox/ended/', { kind: 'unknown-before' }));
    expect(await aws.submit('ops', sample)).toMatchObject({
      outcome: 'sent',
      detail: expect.stringMatching(/may be repeated/),
    });
    await gcp.flush();
    clock.advance(31);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'sent' }]);
    expect(ops.arrived.map(({ dedupKey }) => dedupKey)).toEqual([sample.dedupKey, sample.dedupKey]);
    expect(left()).toEqual([]);
  });

  it('does not repeat one that was marked, although the answer was lost', async () => {
    const { side, ops, clock, left } = createWorld();
    const [aws, gcp] = [side('aws'), side('gcp')];
    aws.fault(at('put', 'outbox/ended/', { kind: 'unknown-after' }));
    await aws.submit('ops', sample);
    expect(left()).toHaveLength(1);
    await gcp.flush();
    clock.advance(31);
    expect(await gcp.flush()).toMatchObject([{ outcome: 'sent', detail: expect.stringMatching(/by aws at/) }]);
    expect(ops.calls()).toBe(1);
    expect(left()).toEqual([]);
  });

  it('sends without a record when there is no store, by another channel if need be', async () => {
    const { side, ops, pager } = createWorld({ fallbacks: { ops: 'pager' } });
    const aws = side('aws');
    aws.fault(() => ({ kind: 'unknown-before' }));
    expect(await aws.submit('ops', sample)).toMatchObject({
      outcome: 'sent',
      detail: expect.stringMatching(/^fake\/1, without a record, because outbox: /),
    });
    ops.fail('drop');
    expect(await aws.submit('ops', sample)).toMatchObject({ outcome: 'failed', fallback: { outcome: 'sent' } });
    expect(pager.arrived).toEqual([sample]);
    await expect(aws.flush()).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it('does not let one broken record hold up the others', async () => {
    const { side, ops, bucket, clock } = createWorld();
    const aws = side('aws');
    bucket.objects.set('outbox/waiting/a/b.json', { body: '{"schema":9}', version: '1', cacheControl: null });
    ops.fail('drop');
    await aws.submit('ops', sample);
    ops.fail(null);
    clock.advance(10);
    expect(await aws.flush()).toMatchObject([
      { outcome: 'failed', detail: expect.stringMatching(/outbox\/waiting\/a\/b\.json holds no record.*remove it/) },
      { channel: 'ops', outcome: 'sent' },
    ]);
  });

  it('refuses fallbacks that go round in a circle', () => {
    const { side } = createWorld({ fallbacks: { ops: 'pager', pager: 'ops' } });
    expect(() => side('aws')).toThrow('the fallback channels go round in a circle: ops -> pager -> ops');
  });
});
