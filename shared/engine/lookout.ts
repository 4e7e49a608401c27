// The lookout: probes every site, and remembers since when it has seen what it sees.
import type { SiteView } from '../model/bulletin.ts';
import type { Health } from '../model/signal.ts';
import type { SiteName } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealthProbe, Observation } from '../ports/probe.ts';

export type Lookout = {
  /**
   * Probes all sites at once. `reachedElsewhere`: in this round something else across the network has answered, so that a time-out
   * speaks about the site. Without it a time-out speaks about this observer, and is unknown.
   */
  look(reachedElsewhere: boolean): Promise<Record<SiteName, SiteView>>;
};

type Deps = { strategy: Strategy; probe: HealthProbe; clock: Clock };

type Track = { health: Health; sinceSeconds: number };

export function createLookout({ strategy, probe, clock }: Deps): Lookout {
  const tracks = new Map<SiteName, Track>();

  return {
    async look(reachedElsewhere) {
      const beganSeconds = clock.elapsedSeconds();
      const seen = await Promise.all(
        strategy.sites.map(async (site) => ({
          site: site.name,
          observation: await probe.check(site.healthUrl, strategy.healthChecks.timeoutSeconds),
        })),
      );
      const views = seen.map(({ site, observation }): [SiteName, SiteView] => {
        const othersAnswered = seen.some((one) => one.site !== site && one.observation.health === 'healthy');
        const health = judge(observation, reachedElsewhere || othersAnswered);
        const track = follow(tracks.get(site), health, beganSeconds);
        tracks.set(site, track);
        return [
          site,
          { health, forSeconds: clock.elapsedSeconds() - track.sinceSeconds, because: observation.because },
        ];
      });
      return Object.fromEntries(views);
    },
  };
}

/** A time-out is about the observer, unless the observer has just shown that its own network works. */
function judge(observation: Observation, othersAnswered: boolean): Health {
  return observation.health === 'unknown' && othersAnswered ? 'unhealthy' : observation.health;
}

/** From when the first probe that saw it so was sent: a site that lets a probe time out has not served since then. */
function follow(track: Track | undefined, health: Health, beganSeconds: number): Track {
  return track?.health === health ? track : { health, sinceSeconds: beganSeconds };
}
