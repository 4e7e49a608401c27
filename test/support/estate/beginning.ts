// How an estate begins: the register is written, the standby follows, the records are published, and its clients start.

import { initialise } from '../../../shared/authority/situation-changes.ts';
import { createSituationRegister } from '../../../shared/engine/situation-register.ts';
import type { SiteName } from '../../../shared/model/site.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { publishTraffic } from '../../../shared/traffic/publish.ts';
import { seededChance } from '../virtual-time.ts';
import type { Parts } from './parts.ts';

const replicationSeconds = 0.5;

/** `isHeld`: nothing more of the writer's changes is to reach the standby for now. */
export async function beginEstate(parts: Parts, isHeld: () => boolean): Promise<void> {
  const { strategy, databases, storage, answers, beacons, time, seed } = parts;
  const { primary, replicas } = strategy.replication;
  const stores = [...storage.buckets.keys()].map(storage.atHand);
  const register = createSituationRegister(stores, 'init', time.clock, seededChance(seed + 1));
  const begun = await register.change('init', initialise(primary, strategy.routing.weighted ?? {}));
  if (begun.kind !== 'committed') throw new Error(begun.because);
  const source = databases[primary];
  if (!source) throw new Error(`the estate has no database at ${primary}`);
  for (const { site } of replicas) databases[site]?.follow(source);
  source.arm();
  const publishing = publishTraffic({
    strategy,
    zones: [parts.zones.route53, parts.zones.clouddns],
    checks: answers.checks,
    beacons,
    currentEpoch: async () => 1,
    force: true,
    view: { writer: primary, away: [], epoch: 1 },
  });
  // Beacons are written over the network, which takes time.
  await Promise.all([publishing, time.runUntil(time.clock.elapsedSeconds() + 5)]);
  void answers.watchBeacons();
  void parts.clients.writeForEver();
  void replicateForEver(parts, isHeld);
}

/** Every database reads from the one that it follows at the time. */
async function replicateForEver({ strategy, network, databases, time }: Parts, isHeld: () => boolean): Promise<void> {
  const place = (site: SiteName) => siteOf(strategy, site).provider;
  for (;;) {
    for (const [site, database] of Object.entries(databases)) {
      const source = database.source();
      if (source === null || isHeld() || !network.reaches(place(source), place(site))) continue;
      while (database.applyNext()) {
        // Everything that has been committed there arrives here, in its order.
      }
    }
    await time.clock.sleep(replicationSeconds);
  }
}
