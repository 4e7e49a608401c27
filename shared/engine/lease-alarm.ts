// The alarm on a lease that is not renewed: people are told at half the TTL, while there is still time to do something about it.

import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Beat } from './renewer.ts';
import { incidentDesk } from './steps/tell.ts';
import type { Tell } from './tell.ts';

export type LeaseAlarm = {
  /** Takes what each beat of the writer's keeper came to. Tells once for each lease that ran low; never throws for who is told. */
  note(beat: Beat, situation: Situation | null): Promise<void>;
};

type Deps = { strategy: Strategy; site: SiteName; tell: Pick<Tell, 'send'>; clock: Clock };

export function createLeaseAlarm({ strategy, site, tell, clock }: Deps): LeaseAlarm {
  const { ttlSeconds, guard } = strategy.authority;
  let wellSeconds: number | null = null;
  let toldFor = '';

  return {
    async note(beat, situation) {
      const nowSeconds = clock.elapsedSeconds();
      if (beat.kind !== 'not-renewed' || situation?.writer !== site) {
        wellSeconds = nowSeconds;
        return;
      }
      // A process that has never seen the lease renewed counts from when it began to watch.
      wellSeconds ??= nowSeconds;
      const channel = incidentDesk(strategy)?.name;
      const lease = `${situation.epoch}/${situation.lease.renewal}`;
      if (channel === undefined || nowSeconds - wellSeconds < ttlSeconds / 2 || toldFor === lease) return;
      toldFor = lease;
      const consequence =
        guard === 'enforce'
          ? `After ${ttlSeconds} s without a renewal the database of ${site} refuses all writes.`
          : 'The guard only observes: writes go on.';
      await tell.send(channel, {
        dedupKey: `lease/${site}/${lease}`,
        kind: 'message',
        severity: 'critical',
        title: `${strategy.application}: the lease of the writer ${site} is not being renewed`,
        text: `For ${Math.round(nowSeconds - wellSeconds)} s no renewal went through: ${beat.because}. ${consequence} Look at \`causeway status\`; when the register is lost, \`causeway break-glass explain\`.`,
        source: site,
      });
    },
  };
}
