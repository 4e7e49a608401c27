// What a drill scenario is: a story of acts done to the world, and what must come of it.
import type { WorldPlan } from '../world/plan.ts';
import type { Stage } from './stage.ts';

export type DrillScenario = {
  name: string;
  summary: string;
  /** What a run that passes has shown, as a sentence. */
  proves: string;
  expects: {
    writerAfter: 'aws' | 'gcp';
    /** How often the role is taken: by as much the epoch rises. */
    epochs: number;
    /** What the strategy calls the scenarios that must be carried out, in this order, and no others. */
    runs: string[];
    /** `recovers`: clients lose the service and have it back within the RTO. `stays`: the acts themselves say what clients may notice. */
    service: 'recovers' | 'stays';
    /** No acknowledged write may be lost: the old writer, or what it had sent, is still there. */
    losesNothing: boolean;
  };
  /** Who listens to the replicated buckets, where the scenario is about them. */
  objects?: WorldPlan['objects'];
  story: (stage: Stage) => Promise<void>;
};
