// Every scenario of the drill, in the order in which a rehearsal of all goes through them.
import type { DrillScenario } from './scenario.ts';
import { controlPlaneLost } from './scenarios/control-plane-lost.ts';
import { databaseCrash, databaseRestart } from './scenarios/database.ts';
import { flapping } from './scenarios/flapping.ts';
import { functionCrash } from './scenarios/function-crash.ts';
import { keeperDead, keeperFrozen } from './scenarios/keepers.ts';
import { objectStorm } from './scenarios/object-storm.ts';
import { partition } from './scenarios/partition.ts';
import { awsRegionLost, gcpRegionLost } from './scenarios/region-lost.ts';
import { registerMajorityLost } from './scenarios/register-majority-lost.ts';
import { roundTrip } from './scenarios/round-trip.ts';
import { switchover } from './scenarios/switchover.ts';
import { witnessLost } from './scenarios/witness-lost.ts';

export const scenarios: DrillScenario[] = [
  awsRegionLost,
  gcpRegionLost,
  partition,
  databaseCrash,
  databaseRestart,
  keeperFrozen,
  keeperDead,
  witnessLost,
  registerMajorityLost,
  flapping,
  functionCrash,
  controlPlaneLost,
  switchover,
  roundTrip,
  objectStorm,
];
