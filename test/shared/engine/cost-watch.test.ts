// What is found in a bill reaches people: through the strategy's channels, once, and it waits in the outbox beside the site when they do not answer.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HttpServer } from '../../../infra/local/standins/http.ts';
import { startSlackStandin } from '../../../infra/local/standins/slack.ts';
import { parseConfig } from '../../../shared/config.ts';
import { dayKey } from '../../../shared/cost/snapshot/keys.ts';
import { watchCosts } from '../../../shared/cost/watch/watch.ts';
import { openCostWatch } from '../../../shared/engine/cost-watch.ts';
import type { Cloud } from '../../../shared/ports/cloud.ts';
import { createFakeBucket, createFakeObjectStore, type FakeBucket } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { theStrategy } from '../../support/strategy.ts';
import { dayOf } from '../cost/days.ts';

const said: string[] = [];
let slack: HttpServer;
let broken = false;

beforeEach(async () => {
  said.length = 0;
  broken = false;
  slack = await startSlackStandin({
    host: '127.0.0.1',
    port: 0,
    path: '/services/T1/B1/key',
    onMessage: (text) => said.push(text),
    faults: () => (broken ? { kind: 'refuse', status: 503, code: 'unavailable' } : null),
  });
});
afterEach(() => slack.close());

/** Both clouds over buckets of their own, by name. */
function estate() {
  const clock = createManualClock('2026-11-25T09:00:00Z');
  const buckets = new Map<string, FakeBucket>();
  const bucketOf = (name: string) => {
    const found = buckets.get(name) ?? createFakeBucket('unique');
    buckets.set(name, found);
    return found;
  };
  const store = (name: string) => createFakeObjectStore({ name, bucket: bucketOf(name), clock, faults: () => null });
  const cloud = {
    bucket: store,
    store: ({ bucket }: { bucket: string }) => store(bucket),
    secrets: async () => ({ read: async () => `${slack.url}/services/T1/B1/key` }),
  } as unknown as Cloud;
  const strategy = theStrategy();
  if (!strategy.cost) throw new Error('the example strategy looks at no costs');
  let ids = 0;
  const open = (site: 'aws' | 'gcp') =>
    openCostWatch({
      config: parseConfig({ CAUSEWAY_SITE: site, CAUSEWAY_STRATEGY: 'strategy.yaml' }),
      strategy,
      plan: strategy.cost!,
      clouds: { aws: cloud, gcp: cloud },
      clock,
      chance: { fraction: () => 0.5, id: () => `id-${++ids}` },
      log: () => undefined,
    });
  const body = JSON.stringify(dayOf('aws', '2026-11-20', [{ category: 'compute', service: 'EC2', amount: '3100' }]));
  for (const name of ['gopro-cost', 'gopro-cost-gcp']) {
    bucketOf(name).objects.set(dayKey('aws', '2026-11-20'), { body, version: '1', cacheControl: null });
  }
  return { open, buckets };
}

it('tells the channel of the budget once, though both clouds find it', async () => {
  const { open } = estate();
  await Promise.all([watchCosts(open('aws')), watchCosts(open('gcp'))]);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /^\*\[high\] go-pro: 100 % of the budget whole_estate is spent\*\n\$3,100\.00 of \$3,000\.00 for 2026-11/,
  );
});

it('leaves it in the outbox beside the site while the channel does not answer', async () => {
  const { open, buckets } = estate();
  broken = true;
  expect((await watchCosts(open('gcp'))).told).toEqual(['budget/whole_estate/2026-11/100']);
  const waiting = [...(buckets.get('gopro-register-gcp')?.objects.keys() ?? [])];
  expect(waiting).toEqual([expect.stringMatching(/^outbox\/waiting\/ops_team\//)]);
  expect(said).toEqual([]);
});
