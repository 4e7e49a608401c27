// What a keeper says of its own database in its bulletin: how far it is behind, in the writer's times, and whether it is ready.
import type { DatabaseView } from '../model/bulletin.ts';
import type { SiteName } from '../model/site.ts';
import type { Heartbeat, Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { DatabaseHealth } from '../ports/database.ts';

/**
 * Lag is the difference between the last heartbeat in the register and the last one applied: an idle or dead source does not
 * look like a growing lag. The writer's own database has none.
 */
export async function viewDatabase(
  strategy: Strategy,
  site: SiteName,
  situation: Situation,
  database: DatabaseHealth,
): Promise<DatabaseView> {
  try {
    await database.probe();
    const { applied, applying } = await database.standby();
    if (situation.writer === site) return { site, applied, lagSeconds: 0, ready: true, because: 'it is the writer' };
    return judge(strategy, site, situation.heartbeat, applied, applying);
  } catch (error) {
    const because = `its database did not answer: ${error instanceof Error ? error.message : String(error)}`;
    return { site, applied: null, lagSeconds: null, ready: false, because };
  }
}

function judge(
  strategy: Strategy,
  site: SiteName,
  recorded: Heartbeat | null,
  applied: Heartbeat | null,
  applying: boolean,
): DatabaseView {
  const threshold =
    strategy.replication.replicas.find((one) => one.site === site)?.lagThresholdSeconds ??
    strategy.objectives.rpoSeconds;
  const lagSeconds = lagBetween(recorded, applied);
  if (lagSeconds === null)
    return { site, applied, lagSeconds, ready: false, because: 'no heartbeat has been both recorded and applied yet' };
  const behind = `${lagSeconds.toFixed(1)} s behind (heartbeat ${applied?.number} of ${recorded?.number})`;
  if (!applying) return { site, applied, lagSeconds, ready: false, because: `apply is not running, ${behind}` };
  if (lagSeconds > threshold)
    return { site, applied, lagSeconds, ready: false, because: `${behind}, the threshold is ${threshold} s` };
  return { site, applied, lagSeconds, ready: true, because: behind };
}

function lagBetween(recorded: Heartbeat | null, applied: Heartbeat | null): number | null {
  if (!recorded || !applied || applied.epoch < recorded.epoch) return null;
  if (applied.epoch > recorded.epoch || applied.number >= recorded.number) return 0;
  return Math.max(0, (Date.parse(recorded.writtenAt) - Date.parse(applied.writtenAt)) / 1000);
}
