// Sightings: what one vantage says of one site, as this process knows it at this moment.
import type { AlarmBoard, Bulletin } from '../model/bulletin.ts';
import type { Health } from '../model/signal.ts';
import type { Ground, SiteName } from '../model/site.ts';

export type Sighting = {
  vantage: string;
  /** `lease`: not a vantage beside the others, but what the register itself says of the writer: nobody renews. */
  kind: 'lookout' | 'managed-check' | 'lease';
  ground: Ground;
  site: SiteName;
  health: Health;
  /** For how long without a break, by the observer's own clock. */
  forSeconds: number;
  /** This process has itself seen the vantage speak lately. What is not fresh proves nothing. */
  fresh: boolean;
  because: string;
};

/** How long the lease of the writer has stood still, from one answered read of the register to another: what came between is known. */
export type Silence = { site: SiteName; epoch: number; renewal: number; forSeconds: number };

export function sightingOfSilence({ site, epoch, renewal, forSeconds }: Silence, ground: Ground): Sighting {
  return {
    vantage: `lease of ${site}`,
    kind: 'lease',
    ground,
    site,
    health: 'unhealthy',
    forSeconds,
    fresh: true,
    because: `renewal ${renewal} of epoch ${epoch} has stood still for ${forSeconds.toFixed(0)} s`,
  };
}

/** A bulletin and how long ago this process saw its beat rise; null: not yet seen to rise. */
export type HeardBulletin = { bulletin: Bulletin; risenSecondsAgo: number | null };

/** One sighting per site that the lookout speaks of. A bulletin counts while its beat was seen to rise within `freshSeconds`. */
export function sightingsOfBulletin(heard: HeardBulletin, freshSeconds: number): Sighting[] {
  const { bulletin, risenSecondsAgo } = heard;
  return Object.entries(bulletin.sites).map(([site, view]) => ({
    vantage: `lookout ${bulletin.lookout}`,
    kind: 'lookout',
    ground: bulletin.ground,
    site,
    health: view.health,
    forSeconds: view.forSeconds,
    fresh: risenSecondsAgo !== null && risenSecondsAgo <= freshSeconds,
    because: view.because,
  }));
}

/**
 * Managed checks speak only when their state changes, so their word stands until they speak again, for at most `maxAgeSeconds`:
 * a check that died with its cloud must not be believed for ever. An alarm has waited out its own periods before it spoke.
 */
export function sightingsOfAlarms(board: AlarmBoard, now: Date, maxAgeSeconds: number): Sighting[] {
  return board.health.map((signal) => {
    const ageSeconds = Math.max(0, (now.getTime() - Date.parse(signal.observedAt)) / 1000);
    return {
      vantage: `alarm ${signal.vantage.name}`,
      kind: 'managed-check',
      ground: signal.vantage.ground,
      site: signal.site,
      health: signal.health,
      forSeconds: ageSeconds,
      fresh: ageSeconds <= maxAgeSeconds,
      because: signal.because,
    };
  });
}
