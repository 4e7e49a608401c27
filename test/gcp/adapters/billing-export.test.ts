// Costs from the billing export, through the official BigQuery client, against its stand-in.
import { OAuth2Client } from 'google-auth-library';
import { expect, it } from 'vitest';
import { createBigQueryClient } from '../../../gcp/adapters/bigquery-client.ts';
import { createBillingExport } from '../../../gcp/adapters/billing-export.ts';
import { startBigQueryStandin } from '../../../infra/local/standins/bigquery.ts';
import { createBillingTable } from '../../../infra/local/standins/bigquery-table.ts';
import type { ExportRow } from '../../../infra/local/standins/billing-export-row.ts';
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

const compute = 'Compute Engine';
const storage = 'Cloud Storage';
const table = { project: 'billing', dataset: 'export', table: 'gcp_billing_export_v1_0123AB' };

function exported(told: ToldCharge): ExportRow {
  const { date, service, environment, credit, transfer } = told;
  return {
    billing_account_id: '0123AB-456789-ABCDEF',
    service: { id: 'S', description: service },
    sku: transfer
      ? { id: 'OUT', description: 'Network Internet Data Transfer Out from Americas to Americas' }
      : { id: 'USE', description: 'N2 Instance Core running in Americas' },
    usage_start_time: `${date}T07:00:00Z`,
    usage_end_time: `${date}T08:00:00Z`,
    project: { id: 'p', name: 'p', labels: [] },
    labels: environment === null ? [{ key: 'team', value: 'x' }] : [{ key: tag, value: environment }],
    location: { location: 'us-central1', country: 'US', region: 'us-central1' },
    export_time: `${date}T15:04:05Z`,
    cost: Number(told.cost),
    currency: told.currency,
    credits: credit === null ? [] : [{ name: 'SUD', amount: Number(credit), type: 'SUSTAINED_USAGE_DISCOUNT' }],
    invoice: { month: date.slice(0, 7).replace('-', '') },
    cost_type: 'regular',
  };
}

async function start(lingers = 0, maxReadBytes = 10 ** 9) {
  const clock = createManualClock(startsAt);
  const faults = createFaultSwitch();
  const said: string[] = [];
  let rows: ExportRow[] = [];
  let present = true;
  let throttling = 0;
  let lingering = lingers;
  let queryStepSeconds = 0;
  const standin = await startBigQueryStandin({
    host: '127.0.0.1',
    port: 0,
    project: 'causeway',
    table: () =>
      present
        ? {
            name: `${table.project}.${table.dataset}.${table.table}`,
            location: 'EU',
            rows: createBillingTable(rows, clock.now),
          }
        : null,
    lingers: () => {
      lingering -= 1;
      clock.advance(queryStepSeconds);
      return lingering >= 0;
    },
    faults: (request) => {
      if (throttling === 0) return faults.faults(request);
      throttling -= 1;
      return { kind: 'refuse', status: 403, code: 'rateLimitExceeded' };
    },
  });
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'local' });
  const source = createBillingExport({
    client: createBigQueryClient({ projectId: 'causeway', endpoint: standin.url, authClient }),
    table,
    location: 'EU',
    tag,
    environmentOf,
    categoryOf: createCategories('gcp', (service) => said.push(service)),
    callTimeoutSeconds: 2,
    queryTimeoutSeconds: 60,
    maxReadBytes,
    rowsPerPage,
    clock,
    chance: scriptedChance(),
    say: (sentence) => said.push(sentence),
    now: clock.now,
    elapsedSeconds: clock.elapsedSeconds,
  });
  return {
    source,
    clock,
    /** From now on each answer that a query still runs takes so long. */
    passes: (seconds: number) => {
      queryStepSeconds = seconds;
    },
    export: (told: ExportRow[]) => {
      rows = told;
    },
    tell(charges: readonly ToldCharge[]) {
      rows = charges.map(exported);
    },
    fail(fault: CostSourceFault) {
      if (fault.kind === 'throttle') throttling = fault.requests;
      else if (fault.kind === 'not-there') present = false;
      else if (fault.kind === 'silence') faults.set({ kind: 'delay', at: 'request', seconds: 60 });
      else if (fault.kind === 'refuse') faults.set({ kind: 'refuse', status: 403, code: 'accessDenied' });
      else {
        const error = { kind: 'refuse', status: 503, code: 'backendError' } as const;
        faults.set(error, ({ query }) => query.has('pageToken'));
      }
    },
    waitedSeconds: clock.elapsedSeconds,
    said: () => said,
    services: { compute, storage },
    tellsEmptyDays: false,
    totalsEveryCurrency: true,
    double: null,
    close: () => standin.close(),
  };
}

costSourceContract('the billing export', start);

const row = exported(charge({ service: compute, cost: '10' }));

it('adds decimals and no floating-point numbers, over rows, credits and days', async () => {
  const world = await start();
  world.export(
    Array.from({ length: 30 }, () => ({ ...row, cost: 0.1, credits: [{ name: 'a', amount: -0.03, type: 'A' }] })),
  );
  const rows = await allRows(world.source, august);
  expect(rows.map((one) => one.BilledCost)).toEqual(['2.1']);
  expect((await world.source.totals(august)).map(({ sums }) => sums[0]?.billed)).toEqual(['2.1']);
  await world.close();
});

it("takes a project's label where the resource has none", async () => {
  const world = await start();
  const labels = [{ key: tag, value: 'dev' }];
  world.export([
    { ...row, labels: [], project: { id: 'p', name: 'p', labels } },
    { ...row, project: { id: 'p', name: 'p', labels } },
    { ...row, labels: [{ key: tag, value: '' }], project: { id: 'p', name: 'p', labels: [] } },
  ]);
  const rows = await allRows(world.source, august);
  expect(rows.map((one) => one.x_Environment)).toEqual(['development', 'production', null]);
  await world.close();
});

it('keeps tax, adjustments and what belongs to no project, and knows the month that each is invoiced in', async () => {
  const world = await start();
  world.export([
    { ...row, cost: 3, cost_type: 'tax', project: null, location: null, labels: [] },
    { ...row, cost: -1.5, cost_type: 'adjustment', invoice: { month: '202609' } },
    { ...row, cost: -0.01, cost_type: 'rounding_error' },
    { ...row, cost: 1, cost_type: 'something-new' },
  ]);
  const rows = await allRows(world.source, august);
  const told = rows.map((one) => [one.ChargeCategory, one.BilledCost, one.SubAccountId, one.BillingPeriodStart]);
  expect(told).toEqual([
    ['Adjustment', '-0.01', 'p', '2026-08-01T00:00:00Z'],
    ['Tax', '3', null, '2026-08-01T00:00:00Z'],
    [null, '1', 'p', '2026-08-01T00:00:00Z'],
    ['Adjustment', '-1.5', 'p', '2026-09-01T00:00:00Z'],
  ]);
  expect(sumsByDay(rows)).toEqual(totalsByDay(await world.source.totals(august)));
  await world.close();
});

it('reads rows as of its totals: what is exported meanwhile waits for the next run', async () => {
  const world = await start();
  const late = { ...row, cost: 5, export_time: '2026-11-25T06:30:00Z' };
  world.export([row, late]);
  const totals = await world.source.totals(august);
  world.clock.advance(3600);
  expect(sumsByDay(await allRows(world.source, august))).toEqual(totalsByDay(totals));
  expect(totalsByDay(await world.source.totals(august))['2026-08-03']?.[0]?.billed).toBe('15');
  expect((await allRows(world.source, august))[0]?.BilledCost).toBe('15');
  await world.close();
});

it('goes on asking while a query runs, and gives up when it runs too long', async () => {
  const world = await start(2);
  world.tell([charge({ service: compute })]);
  expect(await world.source.totals(august)).toHaveLength(1);
  expect(world.source.spent().requests).toBe(2);
  await world.close();
  const endless = await start(Number.POSITIVE_INFINITY);
  endless.tell([charge({ service: compute })]);
  endless.passes(21);
  await expect(endless.source.totals(august)).rejects.toMatchObject({ reason: 'time-out' });
  expect(endless.source.spent()).toMatchObject({ requests: 2, readBytes: 0 });
  await endless.close();
});

it('reads the partitions from the first day on and no older ones, and says how many bytes', async () => {
  const world = await start();
  world.tell(
    Array.from({ length: 28 }, (_, day) =>
      charge({ service: compute, date: `2026-08-${String(day + 1).padStart(2, '0')}` }),
    ),
  );
  const range = { fromDate: '2026-08-27', toDate: '2026-08-28' };
  await world.source.totals(range);
  const { readBytes } = world.source.spent();
  await world.source.totals(august);
  expect(world.source.spent().readBytes).toBe((readBytes ?? 0) * 15);
  await world.close();
});

it('is refused, without charge, what would read more than it may', async () => {
  const world = await start(0, 100);
  world.tell([charge({ service: compute })]);
  await expect(world.source.totals(august)).rejects.toMatchObject({
    reason: 'refused',
    message: expect.stringContaining('a shorter range'),
  });
  expect(world.source.spent().readBytes).toBe(0);
  await world.close();
});

it('takes a table at another location for one that is not there', async () => {
  const world = await start();
  world.fail({ kind: 'not-there' });
  await expect(world.source.estimate(august)).rejects.toMatchObject({
    reason: 'not-there-yet',
    message: expect.stringContaining('switch on the standard usage cost export'),
  });
  await world.close();
});
