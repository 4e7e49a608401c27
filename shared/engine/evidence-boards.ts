// Where evidence is read: every lookout's bulletin, what keepers say of their readiness, and the alarm boards of both clouds.
import type { AlarmBoard } from '../model/bulletin.ts';
import { readAlarmBoard } from './alarm-board.ts';
import { type BulletinBoard, createBulletinBoard } from './bulletin-board.ts';
import { errorFields } from './log.ts';
import { createReadinessBoard, type ReadinessBoard } from './readiness/readiness-board.ts';
import type { SiteStores } from './site-stores.ts';
import type { Surroundings } from './surroundings.ts';

export type EvidenceBoards = {
  bulletins: BulletinBoard;
  readiness: ReadinessBoard;
  alarms(): Promise<AlarmBoard[]>;
};

export function openBoards({ strategy, site, clock, log }: Surroundings, stores: SiteStores): EvidenceBoards {
  const bulletins = createBulletinBoard({
    own: stores.beside(site),
    all: [
      ...strategy.sites.map(({ name }) => ({ name, store: stores.beside(name) })),
      ...strategy.lookouts.map(({ name, store }) => ({ name, store: stores.named(store) })),
    ],
    clock,
    // A store that drops packets must not make a round of watching longer than a site that does.
    readSeconds: strategy.healthChecks.timeoutSeconds,
  });
  let readable = '';
  return {
    bulletins,
    readiness: createReadinessBoard({
      own: stores.beside(site),
      all: strategy.sites.map(({ name }) => ({ site: name, store: stores.beside(name) })),
      clock,
    }),
    async alarms() {
      const read = await Promise.allSettled(
        strategy.sites.map(({ name, provider }) => readAlarmBoard(stores.beside(name), provider)),
      );
      const silent = read.flatMap((one) => (one.status === 'rejected' ? [errorFields(one.reason).error] : []));
      const now = read.map((one) => one.status).join();
      // Said when it changes, and not at every beat that it lasts.
      if (now !== readable && silent.length > 0) log('WARNING', 'alarm boards could not be read', { silent });
      readable = now;
      return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    },
  };
}
