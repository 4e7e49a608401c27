// A planned move as a run: its steps, what each waits for, when its writer may fence, and how long that may last.
import { describe, expect, it } from 'vitest';
import { compileSwitchover, isPausing, mayHandOver, roleHasMoved } from '../../../shared/decision/switchover.ts';
import type { Run, StepStatus } from '../../../shared/model/run.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const opening = {
  id: 'switchover-gcp-move-1',
  target: 'gcp',
  because: 'ada moves it',
  by: 'ada',
  at: '2026-11-20T03:00:00.000Z',
  deadlineSeconds: 20,
};
const compiled = (strategy: Strategy = theStrategy()) => compileSwitchover(strategy, aSituation(), opening);
const spelt = ({ steps }: Run) => steps.map(({ id, written, onlyAt, after }) => [id, written, onlyAt, after]);

/** The run as it is when those steps have come that far. */
const having = (changes: Record<string, StepStatus>, run = compiled()): Run => ({
  ...run,
  steps: run.steps.map((step) => ({ ...step, status: changes[step.id] ?? step.status })),
});

describe('compiling a planned move', () => {
  it("tells people and grows capacity first, and has the user's own spelling where there is one", () => {
    expect(spelt(compiled())).toEqual([
      ['1-notify', expect.stringMatching(/^notify/), null, []],
      ['2-scale_cluster', expect.stringMatching(/^scale_gcp_cluster/), null, []],
      ['3-hand_over', 'hand_over', 'aws', ['2-scale_cluster']],
      ['4-take_authority', 'take_authority', 'gcp', ['3-hand_over']],
      ['5-promote_db', 'promote_gcp_db: read_write_mode', 'gcp', ['4-take_authority']],
      ['6-update_dns', 'update_dns: route_to_gcp', null, ['4-take_authority']],
      ['7-verify_service', 'verify_service', null, ['4-take_authority', '5-promote_db', '6-update_dns']],
      ['8-follow_writer', 'follow_writer', 'aws', ['5-promote_db']],
    ]);
  });

  it('names who hands over, the deadline, the epoch, and who gave the command', () => {
    expect(compiled()).toMatchObject({
      scenario: 'switchover',
      target: 'gcp',
      epochBefore: 1,
      handOver: { from: 'aws', deadlineSeconds: 20 },
      openedBy: 'ada',
      evidence: [],
    });
  });

  it('verifies capacity where the strategy says nothing of it, and asks for none where there is no cluster', () => {
    const strategy = theStrategy();
    const bare = { ...strategy, scenarios: [] };
    expect(compiled(bare).steps.map(({ id }) => id)).toEqual([
      '1-verify_capacity',
      '2-hand_over',
      '3-take_authority',
      '4-promote_db',
      '5-update_dns',
      '6-verify_service',
      '7-follow_writer',
    ]);
    const sites = strategy.sites.map((site) => ({ ...site, cluster: null }));
    const [first] = compiled({ ...bare, sites }).steps;
    expect([first?.action.kind, first?.after]).toEqual(['hand_over', []]);
  });
});

describe('the pause in writing', () => {
  const ready = { '2-scale_cluster': 'done' } as const;

  it('may begin when capacity is ready, whether or not people were told, and not before', () => {
    expect(mayHandOver(compiled())).toBe(false);
    expect(mayHandOver(having({ '1-notify': 'done', '2-scale_cluster': 'failed' }))).toBe(false);
    expect(mayHandOver(having(ready))).toBe(true);
    expect(mayHandOver({ ...compiled(), handOver: null })).toBe(true);
  });

  it('lasts until the role has moved or is given up', () => {
    expect(isPausing(compiled())).toBe(false);
    expect(isPausing(having(ready))).toBe(true);
    expect(isPausing(having({ ...ready, '3-hand_over': 'done', '4-take_authority': 'blocked' }))).toBe(true);
    const moved = having({ ...ready, '3-hand_over': 'done', '4-take_authority': 'done' });
    expect([isPausing(moved), roleHasMoved(moved)]).toEqual([false, true]);
    for (const given of ['failed', 'refused'] as const) {
      const run = having({ ...ready, '3-hand_over': 'done', '4-take_authority': given });
      expect([isPausing(run), roleHasMoved(run)]).toEqual([false, false]);
    }
    expect(isPausing({ ...having(ready), handOver: null })).toBe(false);
  });
});
