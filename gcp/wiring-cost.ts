// Wiring of the function that takes snapshots of costs: the billing export, and the buckets of both clouds. Made once per cold start; nothing is called yet.
import { openAws } from '../aws/adapters/open-aws.ts';
import { systemChance, systemClock } from '../shared/engine/system.ts';
import { type CostFlow, type CostSystem, type OpenCosts, wireCostFlow } from '../shared/engine/wire-costs.ts';
import { environmentOf } from '../shared/model/cost-plan.ts';
import { openGoogleCosts } from './adapters/open-costs.ts';
import { openGoogle } from './adapters/open-google.ts';
import { readConfig } from './config.ts';

export type WiredCosts = {
  costs: CostFlow;
  /** The function's own: nothing in a request tells it. */
  timeoutSeconds: number;
};

const real: CostSystem = { clock: systemClock, write: (line) => process.stdout.write(`${line}\n`) };

export function wireCosts(config = readConfig(), { clock, write } = real): WiredCosts {
  const open = (say: (sentence: string) => void): OpenCosts => ({
    clouds: {
      aws: openAws({
        credentials: null,
        witnessCredentials: null,
        s3Endpoint: config.s3Endpoint,
        route53Endpoint: null,
        say,
        now: clock.now,
      }),
      gcp: openGoogle({ ...config.google, say, now: clock.now }),
    },
    async source(plan, environments) {
      if (plan.provider !== 'gcp') throw new Error('Cloud Run reads the bill of Google Cloud, and Lambda that of AWS');
      const { project, dataset, table, location } = plan;
      return openGoogleCosts(
        { ...config.google, say, now: clock.now },
        {
          table: { project, dataset, table },
          location,
          tag: environments.tag,
          environmentOf: (value) => environmentOf(environments, value),
          endpoint: config.bigQueryEndpoint,
          clock,
          chance: systemChance,
        },
      );
    },
  });
  const costs = wireCostFlow(config, { clock, write }, open);
  return { costs, timeoutSeconds: config.functionTimeoutSeconds };
}
