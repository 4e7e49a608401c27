// What a run cost: recovery time, lost writes and how far back they reach, and writes that two sides took. Pure.

import type { DirectWrite, DnsRequest } from './records.ts';
import { measureRecovery, type Recovery } from './recovery.ts';

export type Table = 'orders' | 'direct_writes';

export type MeasureInput = {
  requests: readonly DnsRequest[];
  direct: readonly DirectWrite[];
  clients: readonly string[];
  /** When the failure was made. */
  failedAtSeconds: number;
  /**
   * Who was the writer, and from when: the moment that the guard was opened at that site, or the earliest that it can have
   * been. In order of time; the first is the writer at the start.
   */
  writers: readonly { site: string; fromSeconds: number }[];
  /** Which database (`host:port`) is whose. */
  databases: readonly { site: string; address: string }[];
  /** Keys in the final writer's database after the run (see `orderKey`); null when it could not be read. */
  present: Record<Table, ReadonlySet<string>> | null;
  /** For how long successes must go on to count as recovered. */
  sustainedSeconds: number;
};

type LostWrite = { table: Table; key: string; startedAtSeconds: number; endedAtSeconds: number };
type DualWrite = { table: Table; key: string; site: string; endedAtSeconds: number; writer: string };

export type Measured = Recovery & {
  acknowledgedWrites: number;
  /** Null: could not be found out, which is not none. */
  lostWrites: LostWrite[] | null;
  /**
   * How much time the lost writes span: from the start of the oldest acknowledged write that is lost to the failure, or to the
   * end of the newest one that is lost when that came later. 0 when none was lost. Null: could not be found out.
   */
  rpoSeconds: number | null;
  /** Writes acknowledged by a site that was not the writer when the acknowledgement came, however early they were sent. */
  dualWrites: DualWrite[];
  /** Acknowledged orders whose database is none of those given: they could not be judged. */
  unplacedWrites: number;
};

export function orderKey(client: string, sequence: number | string): string {
  return `${client}/${sequence}`;
}

type Acknowledged = LostWrite & { site: string | null };

/** Throws when no writer is given. */
export function measure(input: MeasureInput): Measured {
  const acknowledged = acknowledgedOf(input);
  const { present } = input;
  const lostWrites =
    present === null
      ? null
      : acknowledged
          .filter((write) => !present[write.table].has(write.key))
          .map(({ table, key, startedAtSeconds, endedAtSeconds }) => ({
            table,
            key,
            startedAtSeconds,
            endedAtSeconds,
          }));
  return {
    ...measureRecovery(input),
    acknowledgedWrites: acknowledged.length,
    lostWrites,
    rpoSeconds: lostWrites === null ? null : spanOf(lostWrites, input.failedAtSeconds),
    dualWrites: acknowledged.flatMap((write) => dualOf(write, input.writers)),
    unplacedWrites: acknowledged.filter((write) => write.site === null).length,
  };
}

function acknowledgedOf(input: MeasureInput): Acknowledged[] {
  const siteAt = new Map(input.databases.map((database) => [database.address, database.site]));
  const orders = input.requests
    .filter((request) => request.kind === 'write' && request.outcome === 'acknowledged')
    .map(
      (request): Acknowledged => ({
        table: 'orders',
        key: orderKey(request.client, request.sequence),
        startedAtSeconds: request.startedAtSeconds,
        endedAtSeconds: request.endedAtSeconds,
        site: siteAt.get(request.acceptedBy ?? '') ?? null,
      }),
    );
  const direct = input.direct
    .filter((write) => write.outcome === 'acknowledged')
    .map(
      (write): Acknowledged => ({
        table: 'direct_writes',
        key: write.marker,
        startedAtSeconds: write.startedAtSeconds,
        endedAtSeconds: write.endedAtSeconds,
        site: write.site,
      }),
    );
  return [...orders, ...direct];
}

function spanOf(lost: readonly LostWrite[], failedAtSeconds: number): number {
  if (lost.length === 0) return 0;
  const oldest = Math.min(...lost.map((write) => write.startedAtSeconds));
  const newest = Math.max(failedAtSeconds, ...lost.map((write) => write.endedAtSeconds));
  return newest - oldest;
}

/** Judged by when the acknowledgement came: a commit that went through late is no better than one that was sent late. */
function dualOf(write: Acknowledged, writers: MeasureInput['writers']): DualWrite[] {
  if (write.site === null) return [];
  const writer = writers.findLast((entry) => entry.fromSeconds <= write.endedAtSeconds) ?? writers[0];
  if (!writer) throw new Error('no writer was given, so no write can be judged; name at least the one at the start');
  if (writer.site === write.site) return [];
  const { table, key, site, endedAtSeconds } = write;
  return [{ table, key, site, endedAtSeconds, writer: writer.site }];
}
