// A region is lost at once: the writer's, and everything moves; the standby's, and nothing is promoted.
import type { DrillScenario } from '../scenario.ts';
import { untilRecovered } from './acts.ts';

export const awsRegionLost: DrillScenario = {
  name: 'aws-region-lost',
  summary: 'the AWS region, where the writer is, is lost at once: everything moves to GCP',
  proves: 'the loss of the whole primary region is survived without a hand',
  expects: { writerAfter: 'gcp', epochs: 1, runs: ['aws_region_lost'], service: 'recovers', losesNothing: false },
  async story(stage) {
    await stage.fail('aws', 'the aws region is lost (SIGKILL)', () => stage.world.lose('aws'));
    await untilRecovered(stage);
  },
};

export const gcpRegionLost: DrillScenario = {
  name: 'gcp-region-lost',
  summary: 'the GCP region, the standby, is lost at once: traffic stays on AWS, and nothing is promoted',
  proves: 'the loss of the standby moves its traffic and nobody’s role',
  expects: { writerAfter: 'aws', epochs: 0, runs: ['gcp_region_lost'], service: 'recovers', losesNothing: true },
  async story(stage) {
    await stage.fail('gcp', 'the gcp region is lost (SIGKILL)', () => stage.world.lose('gcp'));
    await untilRecovered(stage);
  },
};
