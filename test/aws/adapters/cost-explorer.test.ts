// Costs from Cost Explorer, through the official client, against its stand-in.
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { expect, it } from 'vitest';
import { createCostExplorer } from '../../../aws/adapters/cost-explorer.ts';
import { startCostExplorerStandin } from '../../../infra/local/standins/cost-explorer.ts';
import type { BillCharge } from '../../../infra/local/standins/cost-explorer-bill.ts';
import { createCategories } from '../../../shared/cost/categories.ts';
import {
  type CostSourceFault,
  costSourceContract,
  environmentOf,
  rowsPerPage,
  startsAt,
  tag,
} from '../../contract/cost-source.ts';
import { scriptedChance } from '../../infra/local/chance.ts';
import { allRows, august, charge, sumsByDay, type ToldCharge, totalsByDay } from '../../support/cost-charges.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const compute = 'Amazon Elastic Compute Cloud - Compute';
const storage = 'Amazon Simple Storage Service';
const throttled = { kind: 'refuse', status: 400, code: 'LimitExceededException' } as const;

function billed(told: ToldCharge): BillCharge[] {
  const usageType = told.transfer ? 'USW2-DataTransfer-Out-Bytes' : 'Usage';
  const tags: Record<string, string> = told.environment === null ? {} : { [tag]: told.environment };
  return [told.cost, ...(told.credit === null ? [] : [told.credit])].map((amount) => ({
    service: told.service,
    usageType,
    tags,
    unblended: amount,
    netAmortized: amount,
    currency: told.currency,
  }));
}

async function start() {
  const clock = createManualClock(startsAt);
  const faults = createFaultSwitch();
  const said: string[] = [];
  let bill = new Map<string, BillCharge[]>();
  let doubling = false;
  let throttling = 0;
  const standin = await startCostExplorerStandin({
    host: '127.0.0.1',
    port: 0,
    bill: (date) => bill.get(date) ?? null,
    now: clock.now,
    groupsPerPage: rowsPerPage,
    doubles: () => doubling,
    faults: (request) => {
      if (throttling === 0) return faults.faults(request);
      throttling -= 1;
      return throttled;
    },
  });
  const client = new CostExplorerClient({
    region: 'us-east-1',
    endpoint: standin.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const source = createCostExplorer({
    client,
    account: '123456789012',
    tag,
    environmentOf,
    categoryOf: createCategories('aws', (service) => said.push(service)),
    timeoutSeconds: 2,
    clock,
    chance: scriptedChance(),
    say: (sentence) => said.push(sentence),
  });
  const bills = (days: Record<string, BillCharge[]>) => {
    bill = new Map(Object.entries(days));
  };
  return {
    source,
    bills,
    url: standin.url,
    tell(charges: readonly ToldCharge[], emptyDates: readonly string[] = []) {
      const days = new Map<string, BillCharge[]>(emptyDates.map((date) => [date, []]));
      for (const each of charges) days.set(each.date, [...(days.get(each.date) ?? []), ...billed(each)]);
      bill = days;
    },
    fail(fault: CostSourceFault) {
      if (fault.kind === 'throttle') throttling = fault.requests;
      else if (fault.kind === 'not-there') bill = new Map();
      else if (fault.kind === 'silence') faults.set({ kind: 'delay', at: 'request', seconds: 60 });
      else if (fault.kind === 'refuse') faults.set({ kind: 'refuse', status: 400, code: 'AccessDeniedException' });
      else {
        const error = { kind: 'refuse', status: 500, code: 'InternalServerException' } as const;
        faults.set(error, ({ body }) => body.includes('NextPageToken'));
      }
    },
    faults,
    waitedSeconds: clock.elapsedSeconds,
    said: () => said,
    services: { compute, storage },
    tellsEmptyDays: true,
    totalsEveryCurrency: false,
    double: () => {
      doubling = true;
    },
    close: () => standin.close(),
  };
}

costSourceContract('Cost Explorer', start);

const usage = { service: compute, usageType: 'BoxUsage', tags: {}, unblended: '5', netAmortized: '5', currency: 'USD' };

it('asks for four answers, and for three where nothing was transferred', async () => {
  const { source, tell, close } = await start();
  tell([charge({ service: compute })]);
  await source.totals(august);
  await allRows(source, august);
  expect(source.spent()).toEqual({ requests: 3, readBytes: null, amount: '0.03', currency: 'USD' });
  tell([charge({ service: compute }), charge({ service: compute, transfer: true })]);
  await allRows(source, august);
  expect(source.spent().amount).toBe('0.06');
  expect((await source.estimate(august)).amount).toBe('0.04');
  await close();
});

it('keeps what is invoiced apart from what a reservation is used for', async () => {
  const { source, bills, close } = await start();
  bills({
    '2026-08-01': [{ ...usage, unblended: '180', netAmortized: '5.8064516129' }],
    '2026-08-02': [{ ...usage, unblended: '0', netAmortized: '5.8064516129' }],
  });
  const totals = await source.totals(august);
  const rows = await allRows(source, august);
  expect(rows.map((row) => [row.BilledCost, row.EffectiveCost])).toEqual([
    ['180', '5.8064516129'],
    ['0', '5.8064516129'],
  ]);
  expect(sumsByDay(rows)).toEqual(totalsByDay(totals));
  await close();
});

it('takes for transfer what goes to the internet, from whichever region, and not what comes in or stays', async () => {
  const { source, bills, close } = await start();
  const types = [
    'DataTransfer-Out-Bytes',
    'EUC1-DataTransfer-Out-Bytes',
    'DataTransfer-In-Bytes',
    'DataTransfer-Regional-Bytes',
  ];
  bills({
    '2026-08-01': types.map((usageType, at) => ({
      ...usage,
      usageType,
      unblended: `${2 ** at}`,
      netAmortized: `${2 ** at}`,
    })),
  });
  const rows = await allRows(source, august);
  expect(rows.map((row) => [row.x_Transfer, row.BilledCost]).sort()).toEqual([
    [false, '12'],
    [true, '3'],
  ]);
  await close();
});

it('reads a bill that changed between its pages anew in the next run, and says so', async () => {
  const { source, tell, faults, close } = await start();
  tell(['a', 'b', 'c', 'd'].map((service) => charge({ service })));
  const changed = { kind: 'refuse', status: 400, code: 'BillExpirationException' } as const;
  faults.set(changed, ({ body }) => body.includes('NextPageToken'));
  await expect(allRows(source, august)).rejects.toMatchObject({ reason: 'failed' });
  await close();
});

it('refuses a period without days, tokens of another question, and months that are no longer kept, as the service does', async () => {
  const { url, tell, close } = await start();
  tell(['a', 'b', 'c', 'd'].map((service) => charge({ service })));
  const ask = async (body: object) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 local', 'x-amz-target': 'AWSInsightsIndexService.GetCostAndUsage' },
      body: JSON.stringify({ Granularity: 'DAILY', Metrics: ['UnblendedCost'], ...body }),
    });
    const answer: unknown = await response.json();
    return answer;
  };
  const inAugust = { Start: '2026-08-01', End: '2026-09-01' };
  const GroupBy = [{ Type: 'DIMENSION', Key: 'SERVICE' }];
  expect(await ask({ TimePeriod: { Start: '2026-08-01', End: '2026-08-01' } })).toMatchObject({
    __type: 'ValidationException',
  });
  expect(await ask({ TimePeriod: { Start: '2024-08-01', End: '2024-08-02' } })).toMatchObject({
    __type: 'ValidationException',
  });
  expect(await ask({ TimePeriod: inAugust, GroupBy: [...GroupBy, ...GroupBy, ...GroupBy] })).toMatchObject({
    __type: 'ValidationException',
  });
  expect(await ask({ TimePeriod: inAugust, GroupBy, NextPageToken: 'spoilt' })).toMatchObject({
    __type: 'InvalidNextTokenException',
  });
  const first = await ask({ TimePeriod: inAugust, GroupBy });
  const { NextPageToken } = Object(first);
  expect(await ask({ TimePeriod: inAugust, GroupBy, NextPageToken })).toMatchObject({ ResultsByTime: [{}] });
  const other = { TimePeriod: { Start: '2026-08-02', End: '2026-09-01' }, GroupBy, NextPageToken };
  expect(await ask(other)).toMatchObject({ __type: expect.stringMatching(/RequestChanged|DataUnavailable/) });
  await close();
});
