// Watching the register during a drill: the situation as it was last read, and what stands now for who looks at the terminal.
import { systemClock } from '../../../shared/engine/system.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { createClosing } from '../closing.ts';
import type { DnsLoad } from '../load/dns-load.ts';
import type { Timeline } from '../report/timeline.ts';
import type { OperatorView } from './operator-view.ts';

export type Watch = {
  latest(): Situation;
  /** Stops watching, after one last look. Null: the register does not answer. */
  close(): Promise<Situation | null>;
};

/** Throws when the register cannot be read to begin with. */
export async function startWatch(view: OperatorView, timeline: Timeline, dnsLoad: DnsLoad): Promise<Watch> {
  const first = await situationOf(view);
  if (!first) throw new Error('the register was lost before the drill began');
  let latest = first;
  const closing = createClosing();
  const watching = (async () => {
    while (!closing.signal.aborted) {
      latest = (await situationOf(view)) ?? latest;
      showStatus(timeline, latest, dnsLoad);
      await systemClock.sleep(1, closing.signal);
    }
  })();
  return {
    latest: () => latest,
    close: async () => {
      closing.abort();
      await watching;
      return situationOf(view);
    },
  };
}

async function situationOf(view: OperatorView): Promise<Situation | null> {
  const read = await view.register.read();
  return read.kind === 'value' ? read.value : null;
}

function showStatus(timeline: Timeline, situation: Situation, dnsLoad: DnsLoad): void {
  const since = systemClock.elapsedSeconds() - 1;
  const lately = dnsLoad.records().filter((one) => one.endedAtSeconds >= since);
  const count = (outcome: string) => lately.filter((one) => one.outcome === outcome).length;
  const sites = [...new Set(lately.map((one) => one.site).filter((site) => site !== null))].sort();
  timeline.status({
    writer: situation.writer,
    epoch: String(situation.epoch),
    lease: situation.lease.fenced ? 'fenced' : `renewal ${situation.lease.renewal}`,
    dns: sites.join(' and ') || 'nobody answers',
    clients: { acknowledged: count('acknowledged'), refused: count('refused'), unknown: count('unknown') },
    steps:
      situation.run?.steps.map((step) => ({ action: step.written, status: step.status, attempts: step.attempts })) ??
      [],
  });
}
