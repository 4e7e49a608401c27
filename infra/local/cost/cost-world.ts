// Two clouds as far as costs go: both bills of a synthetic estate, both sites' buckets, and what the deployed functions are told of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { datesFrom } from '../../../shared/cost/calendar.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { overrideStrategy } from '../../../shared/strategy/override.ts';
import { startBigQueryStandin } from '../standins/bigquery.ts';
import { createBillingTable } from '../standins/bigquery-table.ts';
import { createCostEstate } from '../standins/cost-estate.ts';
import { startCostExplorerStandin } from '../standins/cost-explorer.ts';
import { startGcsStandin } from '../standins/gcs.ts';
import type { Faults, HttpServer } from '../standins/http.ts';
import { startPubSubStandin } from '../standins/pubsub.ts';
import { startS3Standin } from '../standins/s3.ts';

export type CostWorldOptions = {
  /** The strategy's text; its buckets, account and export are those of the world. */
  strategy: string;
  seed: number;
  /** Before it there was no estate. */
  firstDate: string;
  /** The day after the last one that has a bill. */
  endDate: string;
  now: () => Date;
  /** Groups on a page of Cost Explorer. */
  groupsPerPage: number;
  faults: { explorer: Faults; bigQuery: Faults; buckets: Record<Provider, () => 'away' | null> };
  /** What people are told: titles, whatever the channel. */
  onTold: (title: string) => void;
};

export type CostWorld = {
  /** The environment of a function at that site, or of a command. */
  env(site: Provider): Record<string, string>;
  close(): Promise<void>;
};

const host = '127.0.0.1';
const project = 'gopro-prod';
const exportName = 'gopro-billing.billing.gcp_billing_export_v1_0123AB_456789_ABCDEF';

const topic = `projects/${project}/topics/causeway-costs`;
/** Slack is not here: what the strategy has told to its channel comes by a topic. */
const toldByTopic = { path: ['notifications', 'ops_team'], value: { kind: 'pubsub', topic } };
const Told = z.object({ title: z.string() });

export async function startCostWorld(options: CostWorldOptions): Promise<CostWorld> {
  const { seed, firstDate, endDate, now, faults } = options;
  const estate = createCostEstate({ seed, firstDate, billingAccount: '0123AB-456789-ABCDEF', project });
  const rows = createBillingTable(
    datesFrom(firstDate, endDate).flatMap((date) => estate.gcpRows(date)),
    now,
  );
  const dir = mkdtempSync(join(tmpdir(), 'causeway-cost-'));
  const away = (site: Provider) => () => (faults.buckets[site]() === null ? null : { kind: 'drop' as const });
  const where = { host, port: 0 };
  const named = (...names: string[]) => names.map((name) => ({ name }));
  const [s3, gcs, explorer, bigQuery, pubSub] = await Promise.all([
    startS3Standin({ ...where, buckets: named('gopro-cost', 'gopro-register-aws'), faults: away('aws') }),
    startGcsStandin({ ...where, buckets: named('gopro-cost-gcp', 'gopro-register-gcp'), faults: away('gcp') }),
    startCostExplorerStandin({
      ...where,
      bill: (date) => (date < endDate ? estate.awsBill(date, now()) : null),
      now,
      groupsPerPage: options.groupsPerPage,
      doubles: () => false,
      faults: faults.explorer,
    }),
    startBigQueryStandin({
      ...where,
      project,
      table: () => ({ name: exportName, location: 'US', rows }),
      lingers: () => false,
      faults: faults.bigQuery,
    }),
    startPubSubStandin({
      ...where,
      topics: [topic],
      onMessage: ({ data }) => options.onTold(Told.parse(JSON.parse(data.toString('utf8'))).title),
      now,
      faults: () => null,
    }),
  ]);
  const servers: HttpServer[] = [s3, gcs, explorer, bigQuery, pubSub];
  const file = join(dir, 'strategy.yaml');
  writeFileSync(file, overrideStrategy(options.strategy, [toldByTopic]));
  return {
    env: (site) => ({
      CAUSEWAY_STRATEGY: file,
      CAUSEWAY_SITE: site,
      CAUSEWAY_ENDPOINT_S3: s3.url,
      CAUSEWAY_ENDPOINT_STORAGE: gcs.url,
      CAUSEWAY_ENDPOINT_COST_EXPLORER: explorer.url,
      CAUSEWAY_ENDPOINT_BIGQUERY: bigQuery.url,
      CAUSEWAY_ENDPOINT_PUBSUB: pubSub.url,
      CAUSEWAY_GOOGLE_ACCESS_TOKEN: 'local',
      GOOGLE_CLOUD_PROJECT: project,
    }),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
