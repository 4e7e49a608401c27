// verify_service: the last step. The application, asked as a client would, reads and writes at the target.
import type { Strategy } from '../../model/strategy.ts';
import { siteOf } from '../../model/strategy.ts';
import type { HealthProbe } from '../../ports/probe.ts';
import type { Executor } from '../executor.ts';

type Deps = { strategy: Strategy; probe: HealthProbe };

export function createVerifyService({ strategy, probe }: Deps): Executor<'verify_service'> {
  return {
    attemptSeconds: 60,
    patienceSeconds: 1800,
    claims: true,
    async observe({ action }) {
      const site = siteOf(strategy, action.site);
      const seen = await probe.check(site.serviceUrl, strategy.healthChecks.timeoutSeconds);
      if (seen.health === 'healthy') return { kind: 'done', detail: `${site.name} reads and writes: ${seen.because}` };
      return { kind: 'waiting', blocker: `${site.name} does not serve reads and writes yet: ${seen.because}` };
    },
    async apply() {},
  };
}
