// The measures of a run over recorded arrays: each with cases in which it is not zero.
import { describe, expect, test } from 'vitest';
import { type MeasureInput, measure, orderKey } from '../../../../infra/local/load/measure.ts';
import type { DirectWrite, DnsRequest } from '../../../../infra/local/load/records.ts';
import { clientSeconds } from '../../../../infra/local/load/recovery.ts';

const awsDatabase = '127.0.0.1:5001';
const gcpDatabase = '127.0.0.2:5002';

function order(endedAtSeconds: number, more: Partial<DnsRequest> = {}): DnsRequest {
  return {
    client: 'ann',
    kind: 'write',
    sequence: endedAtSeconds,
    startedAtSeconds: endedAtSeconds - 0.5,
    endedAtSeconds,
    outcome: 'acknowledged',
    address: '127.0.0.1',
    site: 'aws',
    acceptedBy: endedAtSeconds < 140 ? awsDatabase : gcpDatabase,
    found: null,
    because: '',
    ...more,
  };
}

function direct(site: string, endedAtSeconds: number, more: Partial<DirectWrite> = {}): DirectWrite {
  return {
    site,
    marker: `${site}/${endedAtSeconds}`,
    startedAtSeconds: endedAtSeconds - 2,
    commitSentAtSeconds: endedAtSeconds - 1,
    endedAtSeconds,
    outcome: 'acknowledged',
    sqlState: null,
    because: '',
    ...more,
  };
}

/** The failure is at 100 s; the other site's guard opens at 140 s. */
function run(input: Partial<MeasureInput>): ReturnType<typeof measure> {
  const requests = input.requests ?? [];
  const writes = input.direct ?? [];
  return measure({
    requests,
    direct: writes,
    clients: ['ann'],
    failedAtSeconds: 100,
    writers: [
      { site: 'aws', fromSeconds: 0 },
      { site: 'gcp', fromSeconds: 140 },
    ],
    databases: [
      { site: 'aws', address: awsDatabase },
      { site: 'gcp', address: gcpDatabase },
    ],
    present: {
      orders: new Set(requests.map((request) => orderKey(request.client, request.sequence))),
      direct_writes: new Set(writes.map((write) => write.marker)),
    },
    sustainedSeconds: 5,
    ...input,
  });
}

describe('lost writes', () => {
  test('an acknowledged write that is absent is lost, by table and key; one that was not acknowledged is not', () => {
    const measured = run({
      requests: [order(97), order(99), order(99.5, { outcome: 'unknown' }), order(98, { kind: 'read' })],
      direct: [direct('aws', 98), direct('aws', 96)],
      present: { orders: new Set([orderKey('ann', 97)]), direct_writes: new Set(['aws/96']) },
    });
    expect(measured.acknowledgedWrites).toBe(4);
    expect(measured.lostWrites?.map((write) => `${write.table} ${write.key}`)).toEqual([
      'orders ann/99',
      'direct_writes aws/98',
    ]);
    // The direct write was begun at 96 s, four seconds before the failure.
    expect(measured.rpoSeconds).toBe(4);
  });

  test('nothing lost is a loss of 0 s', () => {
    expect(run({ requests: [order(99)] })).toMatchObject({ lostWrites: [], rpoSeconds: 0 });
  });

  test('writes that the old side acknowledged after the failure and that are lost lengthen the span', () => {
    const measured = run({
      requests: [order(95), order(112)],
      present: { orders: new Set(), direct_writes: new Set() },
    });
    expect(measured.rpoSeconds).toBe(112 - 94.5);
  });

  test('a database that could not be read gives no number at all', () => {
    expect(run({ requests: [order(99)], present: null })).toMatchObject({ lostWrites: null, rpoSeconds: null });
  });
});

describe('dual writes', () => {
  test('the old writer acknowledging after the new guard opened is one, however early the COMMIT was sent', () => {
    const measured = run({ direct: [direct('aws', 139), direct('aws', 141, { commitSentAtSeconds: 99 })] });
    expect(measured.dualWrites).toEqual([
      { table: 'direct_writes', key: 'aws/141', site: 'aws', endedAtSeconds: 141, writer: 'gcp' },
    ]);
  });

  test('the standby acknowledging before its guard opened is one', () => {
    expect(run({ direct: [direct('gcp', 139), direct('gcp', 141)] }).dualWrites.map((write) => write.key)).toEqual([
      'gcp/139',
    ]);
  });

  test('an order counts by the database that took it, not by the site that answered', () => {
    const measured = run({
      requests: [order(150, { site: 'gcp', acceptedBy: awsDatabase }), order(151, { site: 'aws' })],
    });
    expect(measured.dualWrites.map((write) => write.key)).toEqual(['ann/150']);
  });

  test('refused and unknown writes are none', () => {
    const measured = run({
      direct: [direct('aws', 141, { outcome: 'refused' }), direct('aws', 142, { outcome: 'unknown' })],
    });
    expect(measured.dualWrites).toEqual([]);
  });

  test('without a change of writer, any write at the other side is one', () => {
    const measured = run({
      writers: [{ site: 'aws', fromSeconds: 0 }],
      direct: [direct('gcp', 150), direct('aws', 150)],
    });
    expect(measured.dualWrites.map((write) => write.site)).toEqual(['gcp']);
  });

  test('an order from a database that nobody declared is counted apart, and judged by nobody', () => {
    const measured = run({ requests: [order(150, { acceptedBy: '10.0.0.9:5432' })] });
    expect(measured).toMatchObject({ unplacedWrites: 1, dualWrites: [] });
  });

  test('no writer at all is an error', () => {
    expect(() => run({ writers: [], direct: [direct('aws', 150)] })).toThrow('no writer was given');
  });
});

describe('recovery', () => {
  const every = (from: number, to: number, more: Partial<DnsRequest> = {}): DnsRequest[] =>
    Array.from({ length: to - from + 1 }, (_, index) => order(from + index, more));

  test('is the first of the last run of successes: what goes well for a while and then fails was not the recovery', () => {
    const requests = [...every(101, 111), order(112, { outcome: 'refused' }), ...every(130, 140)];
    expect(run({ requests }).rtoSeconds).toBe(30);
    expect(run({ requests: [...requests, order(141, { outcome: 'refused' })] }).rtoSeconds).toBeNull();
  });

  test('is the first of a run of successes that lasts, and not a flicker before it', () => {
    const measured = run({
      requests: [
        ...every(90, 99),
        ...every(101, 120, { outcome: 'refused' }),
        ...every(121, 123),
        order(124, { outcome: 'unknown' }),
        ...every(130, 140),
      ],
    });
    expect(measured.rtoSeconds).toBe(30);
  });

  test('waits for the slowest client', () => {
    const measured = run({
      clients: ['ann', 'bob'],
      requests: [
        order(101, { outcome: 'refused' }),
        ...every(110, 120),
        order(102, { client: 'bob', outcome: 'refused' }),
        ...every(125, 135, { client: 'bob' }),
      ],
    });
    expect(measured.clients).toEqual([
      { client: 'ann', recoveredAfterSeconds: 10 },
      { client: 'bob', recoveredAfterSeconds: 25 },
    ]);
    expect(measured.rtoSeconds).toBe(25);
  });

  test('a client that was always served was never away', () => {
    expect(run({ requests: every(90, 110) }).rtoSeconds).toBe(0);
  });

  test('a client that was not served for long enough, or wrote nothing, leaves it unknown', () => {
    expect(run({ requests: [order(101, { outcome: 'refused' }), ...every(110, 114)] }).rtoSeconds).toBeNull();
    expect(run({ clients: ['ann', 'bob'], requests: every(90, 110) }).rtoSeconds).toBeNull();
    expect(run({ clients: [] }).rtoSeconds).toBeNull();
  });

  test('a write that was under way at the failure and failed counts against it', () => {
    const hung = order(108, { startedAtSeconds: 99, outcome: 'unknown' });
    expect(run({ requests: [hung, ...every(109, 120)] }).rtoSeconds).toBe(9);
  });
});

test('requests are counted in the second in which they ended', () => {
  const requests = [
    order(99.9),
    order(100.1),
    order(100.9, { outcome: 'refused' }),
    order(102.5, { outcome: 'unknown' }),
  ];
  expect(clientSeconds(requests, { zeroSeconds: 100, fromSeconds: 99, toSeconds: 102.9 })).toEqual([
    { atSecond: -1, acknowledged: 1, refused: 0, unknown: 0 },
    { atSecond: 0, acknowledged: 1, refused: 1, unknown: 0 },
    { atSecond: 1, acknowledged: 0, refused: 0, unknown: 0 },
    { atSecond: 2, acknowledged: 0, refused: 0, unknown: 1 },
  ]);
});
