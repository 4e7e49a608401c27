// The alarm on a lease that is not renewed: people are told at half the TTL, while there is still time to do something about it; by the
// writer's own keepers, which know why, and by any other, in case the writer's have fallen silent.
import type { SiteAssessment } from '../decision/fold.ts';
import type { Silence } from '../decision/sighting.ts';
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
  /** Takes how long another's lease has stood still. A site that looks unwell is the failover's business, and told by it. */
  watch(silence: Silence, assessment: SiteAssessment): Promise<void>;
};

type Deps = { strategy: Strategy; site: SiteName; tell: Pick<Tell, 'send'>; clock: Clock };

/** The writer's second renewer tries at half the TTL: who looks from outside gives it a beat or two, which is still in time. */
const outsideShare = 0.75;

export function createLeaseAlarm({ strategy, site, tell, clock }: Deps): LeaseAlarm {
  const { ttlSeconds, guard } = strategy.authority;
  let wellSeconds: number | null = null;
  let toldFor = '';

  /** Once for each lease, whichever of the keepers is first: the outbox knows what was sent. */
  async function raise({ site: writer, epoch, renewal, forSeconds }: Silence, because: string): Promise<void> {
    const channel = incidentDesk(strategy)?.name;
    const lease = `${epoch}/${renewal}`;
    if (channel === undefined || forSeconds < ttlSeconds / 2 || toldFor === lease) return;
    toldFor = lease;
    const consequence =
      guard === 'enforce'
        ? `After ${ttlSeconds} s without a renewal the database of ${writer} refuses all writes.`
        : 'The guard only observes: writes go on.';
    await tell.send(channel, {
      dedupKey: `lease/${writer}/${lease}`,
      kind: 'message',
      severity: 'critical',
      title: `${strategy.application}: the lease of the writer ${writer} is not being renewed`,
      text: `For ${Math.round(forSeconds)} s no renewal went through: ${because}. ${consequence} Look at \`causeway status\`; when the register is lost, \`causeway break-glass explain\`.`,
      source: site,
    });
  }

  return {
    async note(beat, situation) {
      const nowSeconds = clock.elapsedSeconds();
      if (beat.kind !== 'not-renewed' || situation?.writer !== site) {
        wellSeconds = nowSeconds;
        return;
      }
      // A process that has never seen the lease renewed counts from when it began to watch.
      wellSeconds ??= nowSeconds;
      const { epoch, lease } = situation;
      await raise({ site, epoch, renewal: lease.renewal, forSeconds: nowSeconds - wellSeconds }, beat.because);
    },
    async watch(silence, { verdict }) {
      if (silence.site === site || silence.forSeconds < outsideShare * ttlSeconds) return;
      if (verdict !== 'up' && verdict !== 'unknown') return;
      await raise(silence, `its keepers are silent, while the site is ${verdict}`);
    },
  };
}
