// What every Notifier must keep: run on the fake, and on each adapter over its stand-in.
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../shared/model/notification.ts';
import { type Notifier, NotifierUnavailable } from '../../shared/ports/notifier.ts';

export type NotifierWorld = {
  notifier: Notifier;
  /** What people can read, one text for each message that arrived. */
  arrived(): string[];
  /** The deduplication keys that arrived with them; null where the service has no place for one. */
  dedupKeys(): string[] | null;
  fail(how: 'drop' | 'lose-answer' | 'silence' | 'busy' | 'reject' | null): void;
  /** Must never be seen in an error or an answer; null when the channel has none. */
  secret: string | null;
  close(): Promise<void>;
};

export const sample: Notification = {
  dedupKey: 'epoch-7/run-3/notify-ops',
  kind: 'message',
  severity: 'critical',
  title: 'gcp is the writer now',
  text: 'aws was unhealthy for 14 s, seen by 2 vantages. The database in gcp was promoted; no person needs to act.',
  source: 'aws',
};

/** `timeoutSeconds` is the adapter's deadline for each message. */
export function notifierContract(name: string, start: (timeoutSeconds: number) => Promise<NotifierWorld>): void {
  describe(`notifier contract: ${name}`, () => {
    let world: NotifierWorld;
    beforeEach(async () => {
      world = await start(10);
    });
    afterEach(async () => {
      await world.close();
    });

    it('sends, and gives a reference', async () => {
      const sent = await world.notifier.send(sample);
      expect(sent).toEqual({ kind: 'sent', reference: expect.stringMatching(/.+/) });
      expect(world.arrived()).toHaveLength(1);
      expect(world.arrived()[0]).toContain(sample.title);
      expect(world.arrived()[0]).toContain(sample.text);
    });

    it('carries a text of many sentences whole', async () => {
      const text = `${'The replica has applied all that it received. '.repeat(80)}END`;
      await world.notifier.send({ ...sample, text });
      expect(world.arrived()[0]).toContain(text);
    });

    it('takes what its service is strict about: a long title, line breaks, other scripts, no source', async () => {
      const title = `Übergabe\nan gcp 切替 ${'x'.repeat(2000)}`;
      expect(await world.notifier.send({ ...sample, title, source: '' })).toMatchObject({ kind: 'sent' });
      expect(world.arrived()).toHaveLength(1);
    });

    it('takes a key of 255 characters, and hands the same key on for the same notification', async () => {
      const dedupKey = 'k'.repeat(255);
      await world.notifier.send({ ...sample, dedupKey });
      await world.notifier.send({ ...sample, dedupKey });
      expect(new Set(world.dedupKeys() ?? [dedupKey])).toEqual(new Set([dedupKey]));
    });

    it('says for good that it was rejected, and why', async () => {
      world.fail('reject');
      const result = await world.notifier.send(sample);
      expect(result).toEqual({ kind: 'rejected', because: expect.stringMatching(/.{10}/) });
      expect(world.arrived()).toEqual([]);
      if (world.secret !== null) expect(inspect(result)).not.toContain(world.secret);
    });

    it.each(['drop', 'lose-answer', 'busy'] as const)('may be tried again after %s', async (how) => {
      world.fail(how);
      await expectUnavailable(world);
      world.fail(null);
      expect(await world.notifier.send(sample)).toMatchObject({ kind: 'sent' });
    });

    it('may be tried again when no answer comes in time', async () => {
      await world.close();
      world = await start(0.2);
      world.fail('silence');
      await expectUnavailable(world);
    });
  });
}

async function expectUnavailable({ notifier, secret }: NotifierWorld): Promise<void> {
  const error: unknown = await notifier.send(sample).then(
    () => 'it was sent',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotifierUnavailable);
  if (secret !== null) expect(inspect(error, { depth: 10 })).not.toContain(secret);
}
