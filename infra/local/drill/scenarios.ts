// The scenarios of the drill: what is done to the world, and what must come of it.
import type { Region } from '../world/plan.ts';

export type DrillScenario = {
  name: string;
  summary: string;
  /** What the strategy calls the scenario that must be carried out. */
  run: string;
  lose: Region;
  writerAfter: 'aws' | 'gcp';
  /** Whether the writer moves, and the epoch rises with it. */
  promotes: boolean;
};

export const scenarios: DrillScenario[] = [
  {
    name: 'aws-region-lost',
    summary: 'the AWS region, where the writer is, is lost at once: everything moves to GCP',
    run: 'aws_region_lost',
    lose: 'aws',
    writerAfter: 'gcp',
    promotes: true,
  },
  {
    name: 'gcp-region-lost',
    summary: 'the GCP region, the standby, is lost at once: traffic stays on AWS, and nothing is promoted',
    run: 'gcp_region_lost',
    lose: 'gcp',
    writerAfter: 'aws',
    promotes: false,
  },
];
