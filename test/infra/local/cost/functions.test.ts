// The deployed functions of both clouds, called as their schedules call them, over four wire protocols.
import { readFileSync } from 'node:fs';
import type { Request, Response } from '@google-cloud/functions-framework';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CostWorld, startCostWorld } from '../../../../infra/local/cost/cost-world.ts';
import { addDays, dateOf } from '../../../../shared/cost/calendar.ts';
import type { Snapped } from '../../../../shared/engine/wire-costs.ts';
import { payload, payloadsArePresent } from '../../../fixtures/folder.ts';

const today = dateOf(new Date());
const window = Array.from({ length: 10 }, (_, index) => addDays(today, index - 10));

/** A dozen requests for each day, and the machine may be busy. */
const patienceMilliseconds = 60_000;

let world: CostWorld;
beforeAll(async () => {
  world = await startCostWorld({
    strategy: readFileSync(new URL('../../../../infra/local/strategy.yaml', import.meta.url), 'utf8'),
    seed: 5,
    firstDate: addDays(today, -20),
    endDate: today,
    // Late in the day, whenever it is: what is told of yesterday is told by then.
    now: () => new Date(`${today}T23:30:00Z`),
    groupsPerPage: 50,
    onTold: () => undefined,
    faults: { explorer: () => null, bigQuery: () => null, buckets: { aws: () => null, gcp: () => null } },
  });
  // Both functions in one process: what differs between them is the site.
  Object.assign(process.env, world.env('aws'), { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
});
afterAll(() => world.close());

test("EventBridge's schedule has Lambda take the last ten days of AWS, and Cloud Scheduler's has Cloud Run those of Google Cloud", {
  timeout: patienceMilliseconds,
}, async () => {
  const { handler } = await import('../../../../aws/functions/on-cost.ts');
  const context = { getRemainingTimeInMillis: () => 900_000 };
  const fired = payloadsArePresent
    ? payload('eventbridge-scheduled-cron.masked.json')
    : { 'detail-type': 'Scheduled Event' };
  const taken = await handler(fired, context);
  expect(taken).toMatchObject({ provider: 'aws', days: window.map((date) => ({ date, kind: 'taken' })), trouble: [] });

  process.env.CAUSEWAY_SITE = 'gcp';
  const { onCost } = await import('../../../../gcp/functions/on-cost.ts');
  const answers: Snapped[] = [];
  const answer = { json: (value: Snapped) => void answers.push(value) };
  const job = payloadsArePresent ? payload('gcp-scheduler-job-data.json') : {};
  await onCost({ body: job } as Request, answer as unknown as Response);
  expect(answers).toMatchObject([
    { provider: 'gcp', days: window.map((date) => ({ date, kind: 'taken' })), trouble: [] },
  ]);
  const again = await handler({}, context);
  expect(again.days).toEqual(window.map((date) => ({ date, kind: 'unchanged' })));
});

test('an invocation without time left asks no bill, and says that the next goes on', async () => {
  const { handler } = await import('../../../../aws/functions/on-cost.ts');
  const { days, requests } = await handler({}, { getRemainingTimeInMillis: () => 20_000 });
  expect(requests).toBe(0);
  expect(new Set(days.map(({ kind }) => kind))).toEqual(new Set(['troubled']));
});
