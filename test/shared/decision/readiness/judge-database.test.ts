// What of a database makes a site ready or not, sentence by sentence: slots, following, schema, sequences, the guard.
import { describe, expect, it } from 'vitest';
import type { ReportReading } from '../../../../shared/decision/readiness/case.ts';
import { bytesText, isOpen, type ReadinessFinding } from '../../../../shared/decision/readiness/finding.ts';
import { judgeReadiness } from '../../../../shared/decision/readiness/judge.ts';
import { notReadyFor } from '../../../../shared/decision/readiness/moving.ts';
import type { DatabaseFacts } from '../../../../shared/model/readiness.ts';
import type { Situation } from '../../../../shared/model/situation.ts';
import { aReport, aSlot, heard, standbyFacts, writerFacts } from '../../../support/readiness.ts';
import { aHeartbeat, aSituation } from '../../../support/situation.ts';
import { theStrategy } from '../../../support/strategy.ts';

const now = new Date('2026-11-20T03:00:00.000Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const strategy = theStrategy();

type World = { aws?: DatabaseFacts; gcp?: DatabaseFacts; situation?: Situation; reports?: ReportReading[] };

function judged({ aws = writerFacts(), gcp = standbyFacts(), situation = aSituation(), reports }: World) {
  const both = [heard(aReport('aws', ago(30), aws)), heard(aReport('gcp', ago(40), gcp))];
  return judgeReadiness({ strategy, situation, reports: reports ?? both, now });
}

function about(findings: ReadinessFinding[], site: string, what: string): ReadinessFinding | undefined {
  return findings.find((one) => one.site === site && one.about === what);
}

const open = (findings: ReadinessFinding[]) =>
  findings.filter(isOpen).map(({ site, about: what }) => `${site}: ${what}`);

/** gcp took the role three hours ago and keeps a slot for aws, which is not back. */
const afterFailover = {
  situation: aSituation({
    writer: 'gcp',
    epoch: 2,
    previous: { writer: 'aws', epoch: 1, renewal: 10, heartbeat: aHeartbeat(), fenced: null, handedOver: false },
    lastRun: {
      id: 'aws_region_lost-e1',
      scenario: 'aws_region_lost',
      target: 'gcp',
      outcome: 'done',
      endedAt: ago(3 * 3600).toISOString(),
      epoch: 2,
    },
  }),
  aws: writerFacts({ slots: [aSlot({ active: false, inactiveSeconds: 10_800 })] }),
  gcp: standbyFacts({
    publication: { all: false },
    slots: [
      aSlot({ name: 'causeway_epoch_2', active: false, inactiveSeconds: 10_800, retainedBytes: 2.1 * 1024 ** 3 }),
    ],
    subscription: { enabled: false, slot: null, working: false },
    tables: writerFacts().tables,
  }),
};

it('a pair that replicates is ready, and says what was looked at', () => {
  const findings = judged({});
  expect(open(findings)).toEqual([]);
  expect(about(findings, 'aws', 'slot causeway')?.found).toBe(
    'gcp reads it; 12 MB of write-ahead log are held back for it, of at most 10 GB',
  );
  expect(about(findings, 'gcp', 'following aws')?.found).toBe('applies what aws writes, by the slot causeway');
  expect(about(findings, 'gcp', 'copies of the tables')?.found).toBe('2 tables are copied and stream');
  expect(about(findings, 'gcp', 'schema')?.found).toBe(
    '2 tables have the same columns, keys and constraints as at aws',
  );
});

describe('a slot', () => {
  const rows: [string, Partial<DatabaseFacts>, string, string, ReadinessFinding['verdict'], string][] = [
    [
      'without a limit can fill the disk of the writer',
      { slotLimitBytes: null, slots: [aSlot({ retainedBytes: 3 * 1024 ** 3 })] },
      'max_slot_wal_keep_size',
      'critical',
      'not-ready',
      'is -1, no limit: a peer that does not come back fills the disk of aws until nobody can write; 3 GB are held back now',
    ],
    [
      'at half of its limit is worth a warning',
      { slots: [aSlot({ retainedBytes: 6 * 1024 ** 3 })] },
      'slot causeway',
      'high',
      'not-ready',
      'gcp reads it; 6 GB of write-ahead log are held back for it, of at most 10 GB',
    ],
    [
      'near its limit is about to be lost',
      {
        slots: [aSlot({ active: false, inactiveSeconds: 4000, retainedBytes: 8.5 * 1024 ** 3, walStatus: 'extended' })],
      },
      'slot causeway',
      'critical',
      'not-ready',
      'gcp reads it, and is away; 8.5 GB of write-ahead log are held back for it, of at most 10 GB: it is about to be lost',
    ],
    [
      'that PostgreSQL calls unreserved is about to be lost',
      { slots: [aSlot({ walStatus: 'unreserved', retainedBytes: 1024 })] },
      'slot causeway',
      'critical',
      'not-ready',
      'gcp reads it; 1 kB of write-ahead log are held back for it, of at most 10 GB: it is about to be lost',
    ],
    [
      'that is lost means a standby that gets nothing any more',
      { slots: [aSlot({ active: false, walStatus: 'lost', retainedBytes: null })] },
      'slot causeway',
      'critical',
      'not-ready',
      'is lost: PostgreSQL gave up the write-ahead log that it stood for, to save the disk; gcp gets nothing any more, and a failover to it would lose all since',
    ],
    [
      'whose reader is away for a moment is no news',
      { slots: [aSlot({ active: false, inactiveSeconds: 20 })] },
      'slot causeway',
      'info',
      'ready',
      'gcp reads it, and is away; 12 MB of write-ahead log are held back for it, of at most 10 GB',
    ],
    [
      'whose reader stays away is',
      { slots: [aSlot({ active: false, inactiveSeconds: 900 })] },
      'slot causeway',
      'high',
      'not-ready',
      'gcp has not read it for 15 min; 12 MB of write-ahead log are held back for it, of at most 10 GB',
    ],
    [
      'that nobody knows and nobody reads is told with the command that drops it',
      { slots: [aSlot(), aSlot({ name: 'debezium', active: false, inactiveSeconds: 90_000 })] },
      'slot debezium',
      'medium',
      'not-ready',
      'nobody has read it for 25 h; 12 MB of write-ahead log are held back for it, of at most 10 GB',
    ],
    [
      'that keeps the catalogue from being cleaned is told',
      { slots: [aSlot({ catalogAge: 300_000_000 })] },
      'slot causeway',
      'high',
      'not-ready',
      'gcp reads it, and holds the catalogue back by 300000000 transactions: vacuum cannot clean behind it',
    ],
  ];
  it.each(rows)('%s', (_title, facts, what, severity, verdict, found) => {
    const finding = about(judged({ aws: writerFacts(facts) }), 'aws', what);
    expect(finding).toMatchObject({ severity, verdict, found });
    if (verdict === 'not-ready') expect(finding?.wayOut).toMatch(/./);
  });

  it('is never dropped by Causeway: the command is the operator’s', () => {
    const slots = [aSlot({ name: 'debezium', active: false, inactiveSeconds: 90_000 })];
    expect(about(judged({ aws: writerFacts({ slots }) }), 'aws', 'slot debezium')?.wayOut).toBe(
      "start its reader, or: select pg_drop_replication_slot('debezium') at aws",
    );
  });
});

describe('after a failover', () => {
  it('the site that is not back is what is not ready; slots that wait for it are as they have to be', () => {
    const findings = judged(afterFailover);
    expect(open(findings)).toEqual(['aws: following gcp']);
    expect(about(findings, 'aws', 'following gcp')).toMatchObject({
      severity: 'high',
      found:
        'aws has not come back for 3 h, since gcp took the role at epoch 2: until it has, nobody can take over from gcp',
      wayOut: '`causeway failback` shows what was stranded and brings it back',
    });
    expect(about(findings, 'gcp', 'slot causeway_epoch_2')).toMatchObject({
      verdict: 'noted',
      found:
        'kept for aws, which has not come back for 3 h; 2.1 GB of write-ahead log are held back for it, of at most 10 GB',
    });
    expect(about(findings, 'aws', 'slot causeway')).toMatchObject({
      verdict: 'noted',
      found:
        'holds what aws wrote as the writer and nobody has read: `causeway failback` reads it; 12 MB of write-ahead log are held back for it, of at most 10 GB',
    });
  });

  it('a slot that was kept and is lost says that coming back means a copy of everything', () => {
    const gcp = { ...afterFailover.gcp, slots: [aSlot({ name: 'causeway_epoch_2', walStatus: 'lost' as const })] };
    expect(about(judged({ ...afterFailover, gcp }), 'gcp', 'slot causeway_epoch_2')).toMatchObject({
      verdict: 'not-ready',
      severity: 'high',
      found: expect.stringContaining('when aws comes back, every table is copied anew'),
      wayOut: "select pg_drop_replication_slot('causeway_epoch_2') at gcp",
    });
  });

  it('the lost site’s own word is unknown, and neither ready nor a failure', () => {
    const reports = [
      heard(aReport('aws', ago(3 * 3600), afterFailover.aws)),
      heard(aReport('gcp', ago(20), afterFailover.gcp)),
    ];
    const findings = judged({ situation: afterFailover.situation, reports });
    expect(findings.filter(({ site }) => site === 'aws')).toMatchObject([
      {
        verdict: 'unknown',
        about: "its keeper's word",
        found: 'the keeper of aws has said nothing about its readiness since 2026-11-20T00:00:00.000Z',
      },
    ]);
    // Its slot is still known for what it is.
    expect(about(findings, 'gcp', 'slot causeway_epoch_2')?.verdict).toBe('noted');
  });

  it('a site that has come back and reads the slot of the new writer is ready again', () => {
    const aws = standbyFacts({ subscription: { enabled: true, slot: 'causeway_epoch_2', working: true } });
    const gcp = { ...afterFailover.gcp, slots: [aSlot({ name: 'causeway_epoch_2' })] };
    expect(open(judged({ ...afterFailover, aws, gcp }))).toEqual([]);
  });
});

describe('a standby', () => {
  const rows: [string, World, string, string][] = [
    [
      'without a subscription gets nothing',
      { gcp: standbyFacts({ subscription: null }) },
      'following aws',
      'there is no subscription "causeway": gcp gets nothing of what is written, and cannot take over',
    ],
    [
      'whose subscription is disabled gets nothing',
      { gcp: standbyFacts({ subscription: { enabled: false, slot: 'causeway', working: false } }) },
      'following aws',
      'its subscription is disabled, and nothing arrives',
    ],
    [
      'whose worker does not run says where to look',
      { gcp: standbyFacts({ subscription: { enabled: true, slot: 'causeway', working: false } }) },
      'following aws',
      'its subscription is enabled, and no worker of it runs: the network to aws, its password, or a row that cannot be applied',
    ],
    [
      'whose slot is gone at the writer misses what was written since',
      { aws: writerFacts({ slots: [] }) },
      'following aws',
      'the slot causeway that it reads is not there at aws: nothing arrives, and what was written since is missing',
    ],
    [
      'that does not subscribe to a published table would lose its rows',
      {
        gcp: standbyFacts({
          tables: standbyFacts().tables.map((one) => ({ ...one, subscribed: one.name === 'shop.items' ? null : 'r' })),
        }),
      },
      'copies of the tables',
      '1 of 2 published tables are not subscribed to, and a failover would lose their rows: shop.items',
    ],
    [
      'that still copies is not there yet',
      {
        gcp: standbyFacts({
          tables: standbyFacts().tables.map((one) => ({ ...one, subscribed: one.name === 'shop.items' ? 'd' : 'r' })),
        }),
      },
      'copies of the tables',
      '1 of 2 tables are still being copied: shop.items',
    ],
    [
      'whose sequence would end at a promotion is told before it',
      { gcp: standbyFacts({ sequences: [{ name: 'shop.items_id_seq', usedPercent: 99.9, wouldEnd: true }] }) },
      'sequences',
      'a promotion would move shop.items_id_seq to the end, and the next insert would fail',
    ],
    [
      'of whose sequences the writer tells no value goes by the rows alone',
      { gcp: standbyFacts({ untold: ['shop.orders_id_seq'] }) },
      'sequences',
      "the writer's heartbeats tell no value of shop.orders_id_seq: a promotion goes by the rows alone",
    ],
    [
      'with a guard that was never armed lets clients write',
      { gcp: standbyFacts({ guard: { mode: 'enforce', dormant: true } }) },
      'the guard',
      'has never been armed: clients may write here whoever has the role',
    ],
    [
      'with a guard that only observes keeps nobody from writing',
      { gcp: standbyFacts({ guard: { mode: 'observe', dormant: false } }) },
      'the guard',
      'only observes, and the strategy says enforce: nothing keeps two sites from writing',
    ],
  ];
  it.each(rows)('%s', (_title, world, what, found) => {
    const findings = judged(world);
    expect(about(findings, 'gcp', what)).toMatchObject({
      verdict: 'not-ready',
      found,
      wayOut: expect.stringMatching(/./),
    });
  });

  it('whose tables differ is told of per table, and per column when both keepers have told the parts', () => {
    const shapes = standbyFacts().tables.map((one) => ({
      ...one,
      shape: one.name === 'shop.orders' ? 'cccccccccccc' : one.shape,
    }));
    const first = judged({ gcp: standbyFacts({ tables: shapes }) });
    expect(about(first, 'gcp', 'schema')).toMatchObject({
      verdict: 'not-ready',
      severity: 'high',
      found: 'differs from aws: shop.orders is of another shape (how, both keepers tell within two minutes)',
    });
    const parts = { 'shop.orders': ['PRIMARY KEY (id)', 'column id bigint not null', 'column note text'] };
    const later = judged({
      aws: writerFacts({ parts: { 'shop.orders': [...parts['shop.orders'], 'column gift boolean'] } }),
      gcp: standbyFacts({
        tables: shapes,
        parts: { 'shop.orders': ['PRIMARY KEY (id)', 'column id integer not null', 'column note text'] },
      }),
    });
    expect(about(later, 'gcp', 'schema')?.found).toBe(
      'differs from aws: shop.orders (only at aws: column id bigint not null, column gift boolean; only at gcp: column id integer not null)',
    );
  });

  it('that lacks a table is critical, and one that has more is only noted', () => {
    const [items] = standbyFacts().tables;
    const gcp = standbyFacts({
      tables: [items!, { name: 'shop.notes', shape: 'd', published: false, subscribed: null }],
    });
    const findings = judged({ gcp });
    expect(about(findings, 'gcp', 'schema')).toMatchObject({
      severity: 'critical',
      found: 'differs from aws: shop.orders is missing at gcp',
    });
    expect(about(findings, 'gcp', 'tables of its own')).toMatchObject({
      verdict: 'noted',
      found: 'shop.notes are not at aws',
    });
  });
});

describe('a writer', () => {
  it('without a publication, or with a table outside of it, would lose rows', () => {
    expect(about(judged({ aws: writerFacts({ publication: null }) }), 'aws', 'what travels')).toMatchObject({
      severity: 'critical',
      found: 'there is no publication "causeway": nothing of what is written here reaches another site',
    });
    const tables = [...writerFacts().tables, { name: 'shop.late', shape: 'e', published: false, subscribed: null }];
    expect(about(judged({ aws: writerFacts({ tables }) }), 'aws', 'what travels')).toMatchObject({
      severity: 'critical',
      found: '1 of 3 tables are in no publication, and a failover would lose their rows: shop.late',
      wayOut:
        'at aws: alter publication causeway add table shop.late; then at each standby: alter subscription causeway refresh publication',
    });
  });

  it('tells what an inspection found by how bad it is, and what escapes by design is only noted', () => {
    const said = { about: 'x', found: 'y', wayOut: 'z' };
    const inspected = [
      { ...said, about: 'tables without the guard', status: 'fail' as const },
      { ...said, about: 'track_commit_timestamp', status: 'warn' as const },
      { ...said, about: 'large objects', status: 'escape' as const },
    ];
    const findings = judged({ aws: writerFacts({ inspected }) });
    expect(about(findings, 'aws', 'tables without the guard')).toMatchObject({
      verdict: 'not-ready',
      severity: 'critical',
    });
    expect(about(findings, 'aws', 'track_commit_timestamp')).toMatchObject({
      verdict: 'not-ready',
      severity: 'medium',
    });
    expect(about(findings, 'aws', 'large objects')).toMatchObject({ verdict: 'noted' });
  });

  it('tells sequences near their end, unlogged tables and a difference of versions', () => {
    const findings = judged({
      aws: writerFacts({
        sequences: [{ name: 'shop.items_id_seq', usedPercent: 93.1, wouldEnd: false }],
        unlogged: ['shop.cache'],
        version: 150_014,
      }),
    });
    expect(about(findings, 'aws', 'sequences')).toMatchObject({
      verdict: 'not-ready',
      found: 'are almost used up: shop.items_id_seq (93.1 %)',
    });
    expect(about(findings, 'aws', 'unlogged tables')).toMatchObject({
      verdict: 'noted',
      found: 'shop.cache are unlogged: their rows never travel, and a failover finds them empty',
    });
    expect(about(findings, 'gcp', 'server version')).toMatchObject({
      verdict: 'noted',
      found: 'PostgreSQL 17 here, 15 at aws: rows travel both ways, new types and commands may not',
    });
  });
});

describe('what is not known', () => {
  it('is said with why and since when, and nothing is made of facts that are too old', () => {
    const at = ago(20);
    const unknown = {
      kind: 'unknown' as const,
      at: at.toISOString(),
      because: 'could not connect to 10.20.0.3:5432/gopro within 2 s',
      seenAt: ago(720).toISOString(),
    };
    const reports = [
      heard(aReport('aws', at, writerFacts())),
      heard(aReport('gcp', at, standbyFacts(), { database: unknown })),
    ];
    const findings = judged({ reports });
    expect(about(findings, 'gcp', 'the database')).toMatchObject({
      verdict: 'unknown',
      found:
        'could not be looked at: could not connect to 10.20.0.3:5432/gopro within 2 s; it was looked at 12 min ago',
    });
    // The slot is there, and its reader cannot be asked.
    expect(open(findings)).toEqual(['gcp: the database']);
  });

  it('of the writer leaves the comparison open at the standby', () => {
    const reports: ReportReading[] = [
      { kind: 'unknown', site: 'aws', because: 's3-us-east-1: no answer' },
      heard(aReport('gcp', ago(20), standbyFacts())),
    ];
    const findings = judged({ reports });
    expect(about(findings, 'aws', "its keeper's word")?.found).toBe(
      'what the keeper of aws says could not be read: s3-us-east-1: no answer',
    );
    expect(open(findings)).toEqual(["aws: its keeper's word", 'gcp: copies of the tables', 'gcp: schema']);
  });

  it('a keeper that has never spoken is not ready either', () => {
    const findings = judged({
      reports: [
        { kind: 'absent', site: 'aws' },
        { kind: 'absent', site: 'gcp' },
      ],
    });
    expect(findings.map(({ verdict, found }) => [verdict, found])).toEqual([
      ['unknown', 'the keeper of aws has never said anything about its readiness'],
      ['unknown', 'the keeper of gcp has never said anything about its readiness'],
    ]);
  });
});

it('the loudest comes first, and what a person should know before a move begins with where it goes', () => {
  const findings = judged({
    aws: writerFacts({
      slots: [aSlot(), aSlot({ name: 'debezium', active: false, inactiveSeconds: 9000 })],
      slotLimitBytes: null,
    }),
    gcp: standbyFacts({ untold: ['shop.orders_id_seq'] }),
  });
  expect(open(findings)).toEqual(['aws: max_slot_wal_keep_size', 'aws: slot debezium', 'gcp: sequences']);
  const { blocking, besides } = notReadyFor('gcp', findings);
  expect(blocking).toEqual([]);
  expect(open(besides)).toEqual(['gcp: sequences', 'aws: max_slot_wal_keep_size', 'aws: slot debezium']);
});

it('a planned move is blocked by what would lose rows or not come to its end, and by nothing that could not be found out', () => {
  const unpublished = notReadyFor('gcp', judged({ aws: writerFacts({ publication: null }) }));
  expect(open(unpublished.blocking)).toEqual(['aws: what travels']);
  const alone = notReadyFor('gcp', judged({ gcp: standbyFacts({ subscription: null }) }));
  expect(open(alone.blocking)).toEqual(['gcp: following aws']);
  const silent = notReadyFor('gcp', judged({ reports: [] }));
  expect(silent.blocking).toEqual([]);
  expect(open(silent.besides)).toEqual(["gcp: its keeper's word", "aws: its keeper's word"]);
});

it('a replica that its provider keeps is judged without subscriptions', () => {
  const managed = { ...strategy, replication: { ...strategy.replication, method: 'managed' as const } };
  const gcp = standbyFacts({ subscription: null });
  const reports = [heard(aReport('aws', now, writerFacts({ publication: null }))), heard(aReport('gcp', now, gcp))];
  expect(open(judgeReadiness({ strategy: managed, situation: aSituation(), reports, now }))).toEqual([]);
});

it('sizes are said as disks are counted', () => {
  expect([0, 900, 2048, 1.5 * 1024 ** 2, 20 * 1024 ** 3, 3 * 1024 ** 4].map(bytesText)).toEqual([
    '0 B',
    '900 B',
    '2 kB',
    '1.5 MB',
    '20 GB',
    '3 TB',
  ]);
});
