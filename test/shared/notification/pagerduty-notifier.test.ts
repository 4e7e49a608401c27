// PagerDuty over its stand-in: the contract, and incidents that open once and close again.
import { afterEach, describe, expect, it } from 'vitest';
import { type PagerDutyAlert, startPagerDutyStandin } from '../../../infra/local/standins/pagerduty.ts';
import { createPagerDutyNotifier } from '../../../shared/notification/pagerduty-notifier.ts';
import { notifierContract, sample } from '../../contract/notifier.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { failNotifier, type NotifierFault } from '../../support/notifier-faults.ts';

async function startPagerDuty(routingKey = 'R0UTINGKEY', timeoutSeconds = 10) {
  const changes: PagerDutyAlert[] = [];
  const faults = createFaultSwitch();
  const pagerDuty = await startPagerDutyStandin({
    host: '127.0.0.1',
    port: 0,
    routingKey: 'R0UTINGKEY',
    onAlert: (alert) => changes.push(alert),
    faults: faults.faults,
  });
  const words = { rejection: { status: 400, code: 'Event object is invalid' }, busy: 'too many requests' };
  return {
    notifier: createPagerDutyNotifier({
      eventsUrl: `${pagerDuty.url}/v2/enqueue`,
      routingKey: async () => routingKey,
      timeoutSeconds,
    }),
    alerts: pagerDuty.alerts,
    arrived: () => changes.map((alert) => `${alert.summary}\n${JSON.stringify(alert.details)}`),
    dedupKeys: () => changes.map((alert) => alert.dedupKey),
    fail: (how: NotifierFault) => failNotifier(faults, how, words),
    secret: 'R0UTINGKEY',
    close: pagerDuty.close,
  };
}

notifierContract('PagerDuty', (timeoutSeconds) => startPagerDuty('R0UTINGKEY', timeoutSeconds));

describe('PagerDuty', () => {
  let world: Awaited<ReturnType<typeof startPagerDuty>>;
  afterEach(() => world.close());

  it('makes one alert of one incident however often it is sent, and closes that one', async () => {
    world = await startPagerDuty();
    const opened = { ...sample, kind: 'incident-opened', severity: 'high' } as const;
    await world.notifier.send(opened);
    await world.notifier.send(opened);
    expect(world.alerts()).toMatchObject([{ status: 'triggered', severity: 'error', triggers: 2 }]);
    await world.notifier.send({ ...opened, kind: 'incident-resolved' });
    expect(world.alerts()).toMatchObject([{ dedupKey: sample.dedupKey, status: 'resolved' }]);
  });

  it('says what PagerDuty said of a wrong routing key, but not the key', async () => {
    world = await startPagerDuty('WR0NGKEY');
    const result = await world.notifier.send(sample);
    expect(result).toMatchObject({
      kind: 'rejected',
      because: expect.stringMatching(/400 .*Invalid routing key.*correct/),
    });
    expect(JSON.stringify(result)).not.toContain('WR0NGKEY');
  });
});
