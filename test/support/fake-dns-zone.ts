// A DNS zone in memory that keeps the port's promises, with an API that can be made not to answer.
import { plainName } from '../../shared/model/record-sets.ts';
import {
  type ApplyResult,
  type DnsZone,
  TrafficUnavailable,
  type ZoneChange,
  type ZoneRecord,
} from '../../shared/ports/traffic.ts';
import { recordKey } from '../../shared/traffic/plan.ts';

export type FakeDnsZone = DnsZone & {
  /** What is there, for a test to look at. */
  records(): ZoneRecord[];
  /** `before`: nothing is done. `after`: the change is made and its answer is lost. Null: it answers. */
  setOutage(outage: 'before' | 'after' | null): void;
};

export function createFakeDnsZone(provider: DnsZone['provider']): FakeDnsZone {
  let records: ZoneRecord[] = [];
  let outage: 'before' | 'after' | null = null;
  let changes = 0;
  const reach = () => {
    if (outage === 'before') throw new TrafficUnavailable(`${provider} does not answer (a fault of the test)`);
  };
  return {
    provider,
    records: () => records,
    setOutage: (kind) => {
      outage = kind;
    },
    list: async (asked) => {
      reach();
      const name = plainName(asked);
      return records.filter((record) => record.name === name || record.name.endsWith(`.${name}`));
    },
    apply: async (change): Promise<ApplyResult> => {
      reach();
      const result = judge(records, change);
      if (typeof result === 'string') return { kind: 'conflict', because: result };
      records = result;
      if (outage === 'after') throw new TrafficUnavailable(`${provider} did not answer in time (a fault of the test)`);
      return { kind: 'accepted', changeId: `change-${++changes}` };
    },
  };
}

function judge(before: ZoneRecord[], change: ZoneChange): ZoneRecord[] | string {
  let records = before;
  for (const deletion of change.deletions) {
    const stored = records.find((record) => recordKey(record) === recordKey(deletion));
    if (stored?.native !== deletion.native) return `${recordKey(deletion)} is not as it was read`;
    records = records.filter((record) => record !== stored);
  }
  const taken = change.additions.find((addition) =>
    records.some((record) => recordKey(record) === recordKey(addition)),
  );
  return taken ? `${recordKey(taken)} is there already` : [...records, ...change.additions];
}
