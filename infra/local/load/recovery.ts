// When clients were served again, and how each second of the run looked to them. Pure.
import type { DnsRequest } from './records.ts';

export type Recovery = {
  /**
   * From the failure until the slowest client was served again for good; null when some client was not. A client is served again at
   * the answer to the first write of its last run in which every write was acknowledged, if that lasted at least `sustainedSeconds`: a
   * failure may take as long as a lease until clients feel it. One whose writes were all acknowledged was never unserved (0).
   */
  rtoSeconds: number | null;
  clients: { client: string; recoveredAfterSeconds: number | null }[];
};

export function measureRecovery(input: {
  requests: readonly DnsRequest[];
  clients: readonly string[];
  failedAtSeconds: number;
  sustainedSeconds: number;
}): Recovery {
  const clients = input.clients.map((client) => {
    const writes = input.requests
      .filter((request) => request.client === client && request.kind === 'write')
      .filter((request) => request.endedAtSeconds >= input.failedAtSeconds)
      .sort((one, other) => one.endedAtSeconds - other.endedAtSeconds);
    return { client, recoveredAfterSeconds: recoveryOf(writes, input.failedAtSeconds, input.sustainedSeconds) };
  });
  const times = clients.map((client) => client.recoveredAfterSeconds);
  const known = times.filter((seconds) => seconds !== null);
  const rtoSeconds = known.length === times.length && known.length > 0 ? Math.max(...known) : null;
  return { rtoSeconds, clients };
}

function recoveryOf(writes: readonly DnsRequest[], failedAtSeconds: number, sustainedSeconds: number): number | null {
  // The run that was under way at the failure began then, as far as this measure goes.
  let runStart: number | null = failedAtSeconds;
  for (const write of writes) {
    if (write.outcome !== 'acknowledged') runStart = null;
    else runStart ??= write.endedAtSeconds;
  }
  const last = writes.at(-1)?.endedAtSeconds ?? failedAtSeconds;
  return runStart !== null && last - runStart >= sustainedSeconds ? runStart - failedAtSeconds : null;
}

export type ClientSecond = { atSecond: number; acknowledged: number; refused: number; unknown: number };

/** Requests by outcome for each second, counted by their ends; `atSecond` 0 is the second that begins at `zeroSeconds`. */
export function clientSeconds(
  requests: readonly DnsRequest[],
  range: { zeroSeconds: number; fromSeconds: number; toSeconds: number },
): ClientSecond[] {
  const first = Math.floor(range.fromSeconds - range.zeroSeconds);
  const last = Math.floor(range.toSeconds - range.zeroSeconds);
  const seconds = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    atSecond: first + index,
    acknowledged: 0,
    refused: 0,
    unknown: 0,
  }));
  for (const request of requests) {
    const second = seconds[Math.floor(request.endedAtSeconds - range.zeroSeconds) - first];
    if (second) second[request.outcome] += 1;
  }
  return seconds;
}
