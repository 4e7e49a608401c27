// Everything that keeps a site: its functions on their schedule, and the keeper as a process beside the application.
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { type KeeperProcess, startKeeperProcess } from '../runtimes/keeper-process.ts';
import { startSchedule } from '../runtimes/schedule.ts';
import type { Keepers } from './hands.ts';
import type { WorldPlan } from './plan.ts';
import { report } from './report-line.ts';

export type SiteKeepersOptions = {
  plan: WorldPlan;
  site: 'aws' | 'gcp';
  /** The environment of functions and process alike. */
  env: Record<string, string>;
  /** What delivers the functions' events. */
  runtime: { freeze(): void; thaw(): void; kill(): Promise<void>; close(): Promise<void> };
  /** One tick of the schedule. */
  beat: () => Promise<void>;
};

/** How long a container platform takes to start a process that has ended. */
const restartSeconds = 2;

/** Both begin at once. */
export function startSiteKeepers({ plan, site, env, runtime, beat }: SiteKeepersOptions): Keepers {
  let scheduled = true;
  const fire = async (): Promise<void> => (scheduled ? beat() : undefined);
  const onTrouble = (error: unknown): void => report({ kind: 'trouble', because: `schedule: ${String(error)}` });
  fire().catch(onTrouble);
  startSchedule({ ...plan.schedule, fire, onTrouble, clock: systemClock, chance: systemChance });
  const renewer: KeeperProcess = startKeeperProcess({
    site,
    env,
    restartSeconds,
    clock: systemClock,
    onLog: (line) => report({ kind: 'log', from: `${site} keeper process`, line }),
    onTrouble: (because) => report({ kind: 'trouble', because }),
  });
  return {
    freeze: () => {
      runtime.freeze();
      renewer.freeze();
    },
    thaw: () => {
      runtime.thaw();
      renewer.thaw();
    },
    kill: async () => {
      renewer.kill();
      await runtime.kill();
    },
    endFunctions: async () => {
      scheduled = false;
      // Not `kill`: an event whose function is killed is delivered again a minute later, and finds a new one.
      await runtime.close();
    },
    endRenewer: renewer.end,
  };
}
