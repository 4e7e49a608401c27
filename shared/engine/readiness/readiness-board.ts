// The readiness board: what each site's keeper says of its own side, one small object beside its bulletin, replaced once a minute.
import type { ReportReading } from '../../decision/readiness/case.ts';
import { canonicalJson } from '../../model/canonical-json.ts';
import { ReadinessReport } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../../ports/object-store.ts';
import { within } from '../within.ts';

export type ReadinessBoard = {
  /** Replaces this site's report. Throws `StoreUnavailable`. */
  publish(report: ReadinessReport): Promise<void>;
  /** Every site's report, all at once. Never throws for a store: its site is `unknown`. */
  read(): Promise<ReportReading[]>;
};

export type ReadinessBoardOptions = {
  own: ObjectStore;
  /** Every site, with the store beside it. */
  all: { site: SiteName; store: ObjectStore }[];
  clock: Clock;
};

const readSeconds = 3;

export function createReadinessBoard({ own, all, clock }: ReadinessBoardOptions): ReadinessBoard {
  async function readOne(site: SiteName, store: ObjectStore): Promise<ReportReading> {
    const late = () => new StoreUnavailable(store.name, 'time-out', `no report was read within ${readSeconds} s`);
    try {
      const report = await within(readSeconds, clock, fetchReport(store, site), late);
      return report === null ? { kind: 'absent', site } : { kind: 'heard', site, report };
    } catch (error) {
      return { kind: 'unknown', site, because: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    async publish(report) {
      await own.put(keyOf(report.site), canonicalJson(report), {
        condition: { kind: 'none' },
        contentType: 'application/json',
        cacheControl: 'no-store',
      });
    },
    read: () => Promise.all(all.map(({ site, store }) => readOne(site, store))),
  };
}

async function fetchReport(store: ObjectStore, site: SiteName): Promise<ReadinessReport | null> {
  const key = keyOf(site);
  const found = await store.get(key);
  if (found === null) return null;
  try {
    return ReadinessReport.parse(JSON.parse(found.body));
  } catch (cause) {
    throw new Error(`${store.name}: ${key} is not a readiness report that this version can read`, { cause });
  }
}

function keyOf(site: SiteName): string {
  return `readiness/${site}.json`;
}
