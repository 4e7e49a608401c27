// The table of faults: what can befall a world.
import type { Fault } from './fault.ts';
import {
  databaseTrouble,
  duplicates,
  isolation,
  lateMessages,
  messageLoss,
  oneWayPartition,
  partition,
  slowReads,
  writerCutByRun,
  writerIsolated,
} from './network-faults.ts';
import { alarmSpeaks, operatorCommands, plannedMove } from './operator-faults.ts';
import {
  applicationUnwell,
  channelsLost,
  databaseClockJumps,
  databaseRestarts,
  dnsApiLost,
  regionLost,
  replicationHeld,
  storeThrottles,
  storeTrouble,
  wallClockJumps,
  witnessLost,
  writerLost,
} from './place-faults.ts';
import { databasePaused, diesAtCall, frozenAtCall, processDies, sitePaused, ticksMissed } from './process-faults.ts';

export const faults = {
  'message-loss': messageLoss,
  'late-messages': lateMessages,
  duplicates,
  'database-trouble': databaseTrouble,
  'slow-reads': slowReads,
  partition,
  'one-way-partition': oneWayPartition,
  isolation,
  'writer-isolated': writerIsolated,
  'writer-cut-by-run': writerCutByRun,
  'process-dies': processDies,
  'dies-at-call': diesAtCall,
  'frozen-at-call': frozenAtCall,
  'site-paused': sitePaused,
  'database-paused': databasePaused,
  'ticks-missed': ticksMissed,
  'region-lost': regionLost,
  'writer-lost': writerLost,
  'witness-lost': witnessLost,
  'database-restarts': databaseRestarts,
  'application-unwell': applicationUnwell,
  'replication-held': replicationHeld,
  'store-trouble': storeTrouble,
  'store-throttles': storeThrottles,
  'dns-api-lost': dnsApiLost,
  'channels-lost': channelsLost,
  'wall-clock-jumps': wallClockJumps,
  'database-clock-jumps': databaseClockJumps,
  'operator-commands': operatorCommands,
  'planned-move': plannedMove,
  'alarm-speaks': alarmSpeaks,
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as FaultName[];
