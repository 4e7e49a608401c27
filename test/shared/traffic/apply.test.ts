// applyTraffic against delayed executors: each of its three checks alone stops a stale plan.
import { describe, expect, it } from 'vitest';
import type { ZoneRecord } from '../../../shared/ports/traffic.ts';
import { applyTraffic } from '../../../shared/traffic/apply.ts';
import { compileTraffic, type TrafficView } from '../../../shared/traffic/compile.ts';
import { desiredRoute53, planTraffic } from '../../../shared/traffic/plan.ts';
import { createFakeDnsZone } from '../../support/fake-dns-zone.ts';
import { trafficStrategy } from '../../support/traffic-strategy.ts';

const plan = (view: TrafficView, actual: ZoneRecord[]) =>
  planTraffic(
    desiredRoute53(compileTraffic(trafficStrategy(), view), {
      zoneId: 'Z1',
      healthCheckIds: { aws: 'check-aws', gcp: 'check-gcp' },
    }),
    actual,
  );

async function start() {
  const zone = createFakeDnsZone('route53');
  const write = async (view: TrafficView) => {
    const actual = zone.records();
    return applyTraffic(zone, plan(view, actual), { actual, currentEpoch: async () => view.epoch });
  };
  await write({ writer: 'aws', away: [], epoch: 1 });
  return { zone, write };
}

const FAILED_OVER: TrafficView = { writer: 'gcp', away: ['aws'], epoch: 2 };
const BACK: TrafficView = { writer: 'aws', away: [], epoch: 3 };

describe('applyTraffic', () => {
  it('refuses before the call when the register has moved on', async () => {
    const { zone } = await start();
    const actual = zone.records();
    const result = await applyTraffic(zone, plan(FAILED_OVER, actual), { actual, currentEpoch: async () => 3 });
    expect(result).toEqual({ kind: 'stale', because: 'the register stands at epoch 3, this plan is of epoch 2' });
    expect(zone.records()).toBe(actual);
  });

  it('refuses before the call when the zone was written by a newer epoch', async () => {
    const { zone, write } = await start();
    await write(BACK);
    const actual = zone.records();
    const result = await applyTraffic(zone, plan(FAILED_OVER, actual), { actual, currentEpoch: async () => 2 });
    expect(result).toEqual({ kind: 'stale', because: 'route53 was written at epoch 3, this plan is of 2' });
  });

  it('is refused by the zone when both were true at reading and are not at writing', async () => {
    const { zone, write } = await start();
    const read = zone.records();
    const late = plan(FAILED_OVER, read);
    await write(BACK);
    const after = zone.records();
    const result = await applyTraffic(zone, late, { actual: read, currentEpoch: async () => 2 });
    expect(result.kind).toBe('conflict');
    expect(zone.records()).toBe(after);
  });

  it('sends nothing when nothing differs', async () => {
    const { zone } = await start();
    const actual = zone.records();
    zone.setOutage('before');
    const same = plan({ writer: 'aws', away: [], epoch: 1 }, actual);
    expect(await applyTraffic(zone, same, { actual, currentEpoch: async () => 1 })).toEqual({ kind: 'nothing-to-do' });
  });

  it('passes on what it could not find out', async () => {
    const { zone } = await start();
    const actual = zone.records();
    const check = { actual, currentEpoch: () => Promise.reject(new Error('the register has no majority')) };
    await expect(applyTraffic(zone, plan(FAILED_OVER, actual), check)).rejects.toThrow(/no majority/);
    zone.setOutage('before');
    const reachable = { actual, currentEpoch: async () => 2 };
    await expect(applyTraffic(zone, plan(FAILED_OVER, actual), reachable)).rejects.toMatchObject({
      name: 'TrafficUnavailable',
    });
  });
});
