// What keepers say of their readiness, for tests: a pair that is ready, and what tests change in it.
import type { ReportReading } from '../../shared/decision/readiness/case.ts';
import type { DatabaseFacts, ReadinessReport, SlotFacts } from '../../shared/model/readiness.ts';

const gigabyte = 1024 ** 3;

export function aSlot(changes: Partial<SlotFacts> = {}): SlotFacts {
  return {
    name: 'causeway',
    ours: true,
    active: true,
    inactiveSeconds: null,
    walStatus: 'reserved',
    retainedBytes: 12 * 1024 ** 2,
    catalogAge: 100,
    ...changes,
  };
}

/** A writer that publishes, with its standby's slot. */
export function writerFacts(changes: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    version: 170_010,
    guard: { mode: 'enforce', dormant: false },
    inspected: [],
    slotLimitBytes: 10 * gigabyte,
    slots: [aSlot()],
    publication: { all: false },
    subscription: null,
    tables: [
      { name: 'shop.items', shape: 'aaaaaaaaaaaa', published: true, subscribed: null },
      { name: 'shop.orders', shape: 'bbbbbbbbbbbb', published: true, subscribed: null },
    ],
    parts: {},
    unlogged: [],
    sequences: [],
    untold: [],
    ...changes,
  };
}

/** A standby that follows it with every table. */
export function standbyFacts(changes: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    ...writerFacts(),
    slots: [],
    publication: null,
    subscription: { enabled: true, slot: 'causeway', working: true },
    tables: writerFacts().tables.map((table) => ({ ...table, published: false, subscribed: 'r' })),
    ...changes,
  };
}

export function aReport(
  site: string,
  at: Date,
  facts: DatabaseFacts,
  changes: Partial<ReadinessReport> = {},
): ReadinessReport {
  return {
    schema: 1,
    site,
    incarnation: 'test',
    at: at.toISOString(),
    database: { kind: 'seen', at: at.toISOString(), facts },
    exercises: [],
    standings: [],
    ...changes,
  };
}

export function heard(report: ReadinessReport): ReportReading {
  return { kind: 'heard', site: report.site, report };
}
