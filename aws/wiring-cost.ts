// Wiring of the function that takes snapshots of costs: Cost Explorer, and the buckets of both clouds. Made once per cold start; nothing is called yet.
import { openGoogle } from '../gcp/adapters/open-google.ts';
import { systemChance, systemClock } from '../shared/engine/system.ts';
import { type CostFlow, type CostSystem, type OpenCosts, wireCostFlow } from '../shared/engine/wire-costs.ts';
import { environmentOf } from '../shared/model/cost-plan.ts';
import { openAws } from './adapters/open-aws.ts';
import { openAwsCosts } from './adapters/open-costs.ts';
import { readConfig } from './config.ts';

const real: CostSystem = { clock: systemClock, write: (line) => process.stdout.write(`${line}\n`) };

export function wireCosts(config = readConfig(), { clock, write } = real): CostFlow {
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
      if (plan.provider !== 'aws') throw new Error('Lambda reads the bill of AWS, and Cloud Run that of Google Cloud');
      return openAwsCosts(
        { credentials: null, say },
        {
          account: plan.account,
          tag: environments.tag,
          environmentOf: (value) => environmentOf(environments, value),
          endpoint: config.costExplorerEndpoint,
          clock,
          chance: systemChance,
        },
      );
    },
  });
  return wireCostFlow(config, { clock, write }, open);
}
