// `causeway init`: the stores are tried, what would be written is shown, and it is written once.
import { afterEach, expect, it } from 'vitest';
import { firstShares } from '../../../shared/traffic/present.ts';
import { theStrategy } from '../../support/strategy.ts';
import { registerOf, startEstate, type TestEstate } from './estate.ts';

let estate: TestEstate | null = null;
afterEach(async () => {
  await estate?.close();
  estate = null;
});

it('tries every store and shows the first situation, and without --yes writes nothing', async () => {
  estate = await startEstate();
  const { out, code } = await estate.causeway('init', '--writer', 'aws');
  expect(code).toBe(1);
  expect(out).toMatch(/s3-us-east-1 +sound\n +gcs-us-central1 +sound\n +witness +sound/);
  expect(out).toMatch(/writer +aws, at epoch 1\n +traffic +aws 70 %, gcp 30 %/);
  expect(out).toContain('nothing was written: add --yes');
  expect((await registerOf(estate).read()).kind).toBe('empty');
});

it('writes it once, journals who and why, and refuses the second time', async () => {
  estate = await startEstate();
  const first = await estate.causeway('init', '--writer', 'aws', '--yes', '--by', 'grace', '--reason', 'going live');
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(await registerOf(estate).read()).toMatchObject({
    kind: 'value',
    value: { writer: 'aws', epoch: 1, version: 1, traffic: { aws: 70, gcp: 30 } },
  });
  expect((await estate.causeway('journal', 'show')).out).toContain(
    'grace: init --writer aws --epoch 1 (done), because going live',
  );
  const second = await estate.causeway('init', '--writer', 'gcp', '--yes', '--json');
  expect(second.code).toBe(1);
  expect(JSON.parse(second.out)).toMatchObject({
    outcome: 'refused',
    because: expect.stringContaining('aws is the writer at epoch 1'),
  });
});

it('begins at a later epoch when a register is made anew', async () => {
  estate = await startEstate();
  expect((await estate.causeway('init', '--writer', 'gcp', '--epoch', '7', '--yes')).code).toBe(0);
  expect(await registerOf(estate).read()).toMatchObject({ value: { writer: 'gcp', epoch: 7, previous: null } });
});

it('begins with all stores or not at all', async () => {
  estate = await startEstate();
  estate.faults.witness = { kind: 'drop' };
  const { out, code } = await estate.causeway('init', '--writer', 'aws', '--yes');
  expect(code).toBe(2);
  expect(out).toMatch(/witness +unreachable: witness: /);
  expect(out).toContain('a register begins its life with all of its stores');
  estate.faults.witness = null;
  expect((await registerOf(estate).read()).kind).toBe('empty');
});

it('names the sites when the writer is none of them', async () => {
  estate = await startEstate();
  const { err, code } = await estate.causeway('init', '--writer', 'azure', '--yes');
  expect(code).toBe(2);
  expect(err).toContain('no site "azure" in the strategy; it names aws, gcp');
  expect((await estate.causeway('init', '--writer', 'aws', '--epoch', '0')).code).toBe(2);
});

it('shares by weight, equally without weights, and sends all to the primary of a plain failover', () => {
  const strategy = theStrategy();
  const routed = (routing: Partial<typeof strategy.routing>) =>
    firstShares({
      ...strategy,
      routing: { geolocation: null, latency: null, weighted: null, failover: null, ...routing },
    });
  expect(routed({ weighted: { aws: 3, gcp: 1 } })).toEqual({ aws: 75, gcp: 25 });
  expect(routed({ latency: { healthChecks: true } })).toEqual({ aws: 50, gcp: 50 });
  expect(routed({ failover: { primary: 'gcp', secondary: 'aws', healthCheckIntervalSeconds: 30 } })).toEqual({
    aws: 0,
    gcp: 100,
  });
});
