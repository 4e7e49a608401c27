// Slack over its stand-in: the contract, and what only Slack does.
import { afterEach, describe, expect, it } from 'vitest';
import { startSlackStandin } from '../../../infra/local/standins/slack.ts';
import { createSlackNotifier } from '../../../shared/notification/slack-notifier.ts';
import { NotifierUnavailable } from '../../../shared/ports/notifier.ts';
import { notifierContract, sample } from '../../contract/notifier.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { failNotifier, type NotifierFault } from '../../support/notifier-faults.ts';

const path = '/services/T0EXAMPLE/B0EXAMPLE/not-to-be-seen';

async function startSlack(secretPath = path, timeoutSeconds = 10) {
  const texts: string[] = [];
  const faults = createFaultSwitch();
  const slack = await startSlackStandin({
    host: '127.0.0.1',
    port: 0,
    path,
    onMessage: (text) => texts.push(text),
    faults: faults.faults,
  });
  const words = { rejection: { status: 410, code: 'channel_is_archived' }, busy: 'rate_limited' };
  return {
    notifier: createSlackNotifier({ webhookUrl: async () => `${slack.url}${secretPath}\n`, timeoutSeconds }),
    texts,
    arrived: () => texts,
    dedupKeys: () => null,
    fail: (how: NotifierFault) => failNotifier(faults, how, words),
    secret: 'not-to-be-seen',
    close: slack.close,
  };
}

notifierContract('Slack', (timeoutSeconds) => startSlack(path, timeoutSeconds));

describe('Slack', () => {
  let world: Awaited<ReturnType<typeof startSlack>>;
  afterEach(() => world.close());

  it('shows severity and source, and does not let a text be read as markup', async () => {
    world = await startSlack();
    await world.notifier.send({ ...sample, text: 'lag <!channel> 3 > 2 & rising' });
    expect(world.texts).toEqual([
      '*[critical] gcp is the writer now*\nlag &lt;!channel&gt; 3 &gt; 2 &amp; rising\n_aws_',
    ]);
  });

  it('says in the text that it was cut, when Slack would have cut it silently', async () => {
    world = await startSlack();
    await world.notifier.send({ ...sample, text: 'x'.repeat(50_000) });
    expect(world.texts[0]?.length).toBeLessThan(40_000);
    expect(world.texts[0]).toMatch(/\(cut here; the journal has it whole\)$/);
  });

  it('is rejected for good when the webhook was revoked', async () => {
    world = await startSlack('/services/T0EXAMPLE/B0EXAMPLE/old');
    expect(await world.notifier.send(sample)).toEqual({
      kind: 'rejected',
      because: 'Slack answered 404 no_service: correct the webhook or its channel',
    });
  });

  it('says nothing of a secret that is no address, and of one that cannot be read', async () => {
    world = await startSlack();
    const broken = createSlackNotifier({ webhookUrl: async () => 'hooks.slack.com/not-to-be-seen', timeoutSeconds: 1 });
    await expect(broken.send(sample)).rejects.toThrow(
      /^Slack: the secret is not an address; correct it in the secret store$/,
    );
    const unreadable = createSlackNotifier({
      webhookUrl: () => Promise.reject(new Error('secret store: 503')),
      timeoutSeconds: 1,
    });
    await expect(unreadable.send(sample)).rejects.toBeInstanceOf(NotifierUnavailable);
  });
});
