// Late, doubled and out-of-order deliveries never change the board, and the order of deliveries never matters.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit } from '../../../shared/events/freshness.ts';
import { AlarmBoard } from '../../../shared/model/bulletin.ts';
import type { HealthSignal, LagSignal } from '../../../shared/model/signal.ts';

const now = new Date('2026-03-04T10:05:00.000Z');
const maxAgeSeconds = 300;
const empty: AlarmBoard = { schema: 1, health: [], lag: [] };

function health(changes: Partial<HealthSignal> = {}): HealthSignal {
  return {
    kind: 'health',
    id: 'alarm-a|ALARM|10:04',
    vantage: { kind: 'managed-check', name: 'alarm-a', ground: 'aws' },
    observedAt: '2026-03-04T10:04:00.000Z',
    because: 'it says so',
    site: 'aws',
    component: 'app',
    health: 'unhealthy',
    ...changes,
  };
}

function lag(changes: Partial<LagSignal> = {}): LagSignal {
  const { kind: _, component: __, health: ___, ...heard } = health();
  return { kind: 'lag', ...heard, lagSeconds: 9, breached: true, ...changes };
}

function boardAfter(...signals: (HealthSignal | LagSignal)[]): AlarmBoard {
  return signals.reduce((board, signal) => {
    const admission = admit(board, signal, now, maxAgeSeconds);
    return admission.kind === 'admitted' ? admission.board : board;
  }, empty);
}

describe('a delivery', () => {
  it('that is fresh is put on the board, and the board given stays as it was', () => {
    const board = structuredClone(empty);
    expect(admit(board, health(), now, maxAgeSeconds)).toEqual({
      kind: 'admitted',
      board: { ...empty, health: [health()] },
    });
    expect(board).toEqual(empty);
  });

  it('that is newer takes the place of what its vantage said before', () => {
    const newer = health({ id: 'b', observedAt: '2026-03-04T10:04:30.000Z', health: 'healthy' });
    expect(boardAfter(health(), newer).health).toEqual([newer]);
  });

  it('of another vantage, of another site, or about lag stands beside it', () => {
    const other = health({ id: 'c', vantage: { kind: 'managed-check', name: 'alarm-b', ground: 'gcp' } });
    const board = boardAfter(health(), other, health({ id: 'd', site: 'gcp' }), lag());
    expect(board.health.map((entry) => [entry.vantage.name, entry.site])).toEqual([
      ['alarm-a', 'aws'],
      ['alarm-a', 'gcp'],
      ['alarm-b', 'aws'],
    ]);
    expect(board.lag).toEqual([lag()]);
  });

  it('that is late is ignored, and the sentence has age and limit', () => {
    const late = health({ observedAt: '2026-03-04T09:59:59.900Z' });
    expect(admit(empty, late, now, maxAgeSeconds)).toEqual({
      kind: 'ignored',
      because: 'late: alarm-a says what was so at 2026-03-04T09:59:59.900Z, 300.1 s ago; at most 300 s are accepted',
    });
  });

  it('that is exactly as old as may be is not late', () => {
    expect(admit(empty, health({ observedAt: '2026-03-04T10:00:00.000Z' }), now, maxAgeSeconds).kind).toBe('admitted');
  });

  it('from the future is ignored, or it would shut out all that follow', () => {
    const early = health({ observedAt: '2036-03-04T10:00:00.000Z' });
    expect(admit(empty, early, now, maxAgeSeconds)).toMatchObject({
      because: expect.stringMatching(/^from the future: alarm-a/),
    });
  });

  it('that comes again is a duplicate', () => {
    expect(admit(boardAfter(health()), health(), now, maxAgeSeconds)).toEqual({
      kind: 'ignored',
      because: 'duplicate: alarm-a|ALARM|10:04 is on the board already',
    });
    expect(admit(boardAfter(lag()), lag(), now, maxAgeSeconds).kind).toBe('ignored');
  });

  it('that is older than what its vantage said last is out of order', () => {
    const older = health({ id: 'old', observedAt: '2026-03-04T10:03:00.000Z' });
    expect(admit(boardAfter(health()), older, now, maxAgeSeconds)).toEqual({
      kind: 'ignored',
      because:
        'out of order: alarm-a has already told of 2026-03-04T10:04:00.000Z for aws, and this is of 2026-03-04T10:03:00.000Z',
    });
  });
});

describe('any deliveries', () => {
  const instant = fc.integer({ min: -400, max: 400 }).map((s) => new Date(now.getTime() + s * 1000).toISOString());
  const common = fc.record({
    id: fc.nat({ max: 1000 }).map(String),
    observedAt: instant,
    site: fc.constantFrom('aws', 'gcp'),
    vantage: fc
      .constantFrom('a', 'b', 'c')
      .map((name) => ({ kind: 'managed-check' as const, name, ground: 'aws' as const })),
  });
  const signal = fc.oneof(
    fc
      .tuple(common, fc.constantFrom('healthy', 'unhealthy', 'unknown'))
      .map(([each, state]) => health({ ...each, health: state })),
    fc.tuple(common, fc.nat({ max: 60 })).map(([each, lagSeconds]) => lag({ ...each, lagSeconds })),
  );
  const deliveries = fc
    .uniqueArray(signal, { selector: (each) => each.id, maxLength: 20 })
    .chain((set) =>
      fc.tuple(
        fc.constant(set),
        fc.shuffledSubarray(set, { minLength: set.length }),
        fc.array(fc.nat(), { maxLength: 20 }),
      ),
    );

  it('end in the same board in any order and however often they come', () => {
    fc.assert(
      fc.property(deliveries, ([set, shuffled, repeats]) => {
        const again = set.length === 0 ? [] : repeats.flatMap((index) => set[index % set.length] ?? []);
        const mixed = [...again.slice(0, repeats.length / 2), ...shuffled, ...again.slice(repeats.length / 2)];
        expect(boardAfter(...mixed)).toEqual(boardAfter(...set));
      }),
    );
  });

  it('leave a board that its schema knows, with one entry for each vantage and site', () => {
    fc.assert(
      fc.property(deliveries, ([set]) => {
        const board = AlarmBoard.parse(boardAfter(...set));
        const keys = board.health.map((entry) => `${entry.vantage.name} ${entry.site}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
