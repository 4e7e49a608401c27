// `causeway switchover`: what it checks, what it refuses, and how it follows the run that keepers carry out.
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordFence, takeAuthority } from '../../../shared/authority/situation-changes.ts';
import { closeRun, recordSteps, type StepRecord } from '../../../shared/engine/run-changes.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { aHeartbeat } from '../../support/situation.ts';
import { eventually } from '../../support/test-postgres.ts';
import { allWell, registerOf, startLivingEstate, type TestEstate, type Words } from './estate.ts';

let estate: TestEstate;
let words: Words;
/** Nobody listens there: what a step would meet at zones and clusters is `causeway plan`'s own test. */
const nobody = 'http://127.0.0.1:1';

beforeEach(async () => {
  words = allWell(aHeartbeat({ number: 1 }));
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', nobody);
  const env = { CAUSEWAY_ENDPOINT_DNS: nobody, CAUSEWAY_ENDPOINT_CONTAINER: nobody };
  const nameServers = { route53: ['127.0.0.1:1'], clouddns: ['127.0.0.1:1'] };
  estate = await startLivingEstate(() => words, [{ path: ['dns', 'name_servers'], value: nameServers }], { env });
});
afterEach(() => estate?.close());
afterAll(() => vi.unstubAllEnvs());

async function situation(): Promise<Situation> {
  const read = await registerOf(estate).read();
  if (read.kind !== 'value') throw new Error(`the register is ${read.kind}`);
  return read.value;
}

const moveIt = ['switchover', '--to', 'gcp', '--yes', '--reason', 'maintenance', '--id', 'm1'] as const;

/** What keepers would record of the run's steps. */
async function record(run: Run, statuses: Record<string, StepRecord['status']>): Promise<void> {
  const at = new Date().toISOString();
  const records = run.steps.flatMap(({ id, action, attempts }): StepRecord[] => {
    const status = statuses[action.kind];
    const detail = `${action.kind} is ${status}`;
    if (!status) return [];
    return [
      { stepId: id, status, detail, blocker: null, by: 'keeper', attempts, at, traffic: null, overrideUsed: null },
    ];
  });
  await registerOf(estate).change(`record-${Object.keys(statuses).join()}`, recordSteps(run.id, records));
}

async function openedRun(): Promise<Run> {
  await eventually('the run is open', async () => (await situation()).run !== null);
  const { run } = await situation();
  if (!run) throw new Error('the run has gone');
  return run;
}

describe('without --yes', () => {
  it('shows every precondition and every step, and changes nothing', async () => {
    const { out } = await estate.causeway('switchover', '--to', 'gcp', '--json');
    const { checks, steps } = JSON.parse(out);
    expect(checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect(steps.map(({ id, who, after }: Record<string, unknown>) => [id, who, after])).toEqual([
      ['1-notify', 'any keeper, of either cloud', []],
      ['2-scale_cluster', 'any keeper, of either cloud', []],
      ['3-hand_over', 'the keeper of aws', ['2-scale_cluster']],
      ['4-take_authority', 'the keeper of gcp', ['3-hand_over']],
      ['5-promote_db', 'the keeper of gcp', ['4-take_authority']],
      ['6-update_dns', 'any keeper, of either cloud', ['4-take_authority']],
      ['7-verify_service', 'any keeper, of either cloud', ['4-take_authority', '5-promote_db', '6-update_dns']],
      ['8-follow_writer', 'the keeper of aws', ['5-promote_db']],
    ]);
    expect(await situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null });
  });

  it('says what stands in the way, with the way out, and that a loss of the new writer would not be failed over', async () => {
    await estate.causeway('pause', '--reason', 'a look around');
    words = {
      ...words,
      gcp: {
        sites: {},
        database: { site: 'gcp', applied: null, lagSeconds: 9, ready: false, because: '9.0 s behind' },
      },
    };
    const { out, code } = await estate.causeway('switchover', '--to', 'gcp');
    expect(code).toBe(1);
    expect(out).toContain('no   automation: was paused by ada@desk: a look around\n       > `causeway resume`');
    expect(out).toContain('no   the standby: is not ready: 9.0 s behind');
    expect(out).toContain('note while gcp is the writer, its loss is not failed over by itself');
    expect(out).toContain('2 of 14 preconditions are not met: it would be refused');
  });

  it.each([
    ['aws', 1, 'no   the target: aws is the writer already'],
    ['azure', 2, 'no site "azure" in the strategy; it names aws, gcp'],
  ])('to %s is told for what it is', async (to, code, says) => {
    const answer = await estate.causeway('switchover', '--to', to);
    expect(answer.code).toBe(code);
    expect(`${answer.out}${answer.err}`).toContain(says);
  });
});

describe('with --yes', () => {
  it('needs a reason, and a deadline that can be kept', async () => {
    const without = await estate.causeway('switchover', '--to', 'gcp', '--yes');
    expect(without).toMatchObject({ code: 2, err: expect.stringContaining('--yes needs --reason') });
    const late = await estate.causeway(...moveIt, '--deadline', '1h');
    expect(late).toMatchObject({ code: 2, err: expect.stringContaining('deadlineSeconds') });
  });

  it('refuses what the dry run would, and opens nothing', async () => {
    await estate.causeway('pause', '--reason', 'a look around');
    const { out, code } = await estate.causeway(...moveIt);
    expect([code, (await situation()).run]).toEqual([1, null]);
    expect(out).toContain('refused: the writer was not moved to gcp, and nothing was changed');
  });

  it('follows the run to its end, step by step, and says how long nobody could write', async () => {
    const following = estate.begin(...moveIt);
    const run = await openedRun();
    expect(run).toMatchObject({ id: 'switchover-gcp-m1', handOver: { from: 'aws', deadlineSeconds: 20 } });
    const fence = { by: 'aws keeper', at: new Date().toISOString(), heartbeat: aHeartbeat({ number: 99 }) };
    const register = registerOf(estate);
    await register.change('fence', recordFence('aws', 1, fence));
    await record(run, { notify: 'done', scale_cluster: 'done', hand_over: 'done' });
    await register.change('take', takeAuthority('gcp', { epoch: 1, renewal: 0 }, true));
    await record(run, { take_authority: 'done', promote_db: 'done', update_dns: 'done', verify_service: 'done' });
    await record(run, { follow_writer: 'done' });
    await register.change('close', closeRun(run.id));
    const { out, err, code } = await following.ended;
    expect(code).toBe(0);
    expect(err).toContain('Ctrl-C ends this command and not the run');
    expect(err).toMatch(/\d s {2}hand_over done: hand_over is done/);
    expect(out).toContain('done: gcp is the writer at epoch 2, and aws follows it');
    const again = await estate.causeway(...moveIt, '--once');
    expect([again.code, (await situation()).epoch]).toEqual([0, 2]);
  });

  it('says that it was given up, and exits 1', async () => {
    const following = estate.begin(...moveIt);
    const run = await openedRun();
    await record(run, { notify: 'done', scale_cluster: 'done', hand_over: 'failed', take_authority: 'failed' });
    await registerOf(estate).change('close', closeRun(run.id));
    const { out, code } = await following.ended;
    expect(code).toBe(1);
    expect(out).toContain('aborted: the move was given up: aws is the writer at epoch 1 and open again');
  });

  it('leaves the run alone when it is interrupted, says so, and refuses another move meanwhile', async () => {
    const following = estate.begin(...moveIt);
    const run = await openedRun();
    following.stop();
    const { out, code } = await following.ended;
    expect(code).toBe(2);
    expect(out).toContain('The run goes on: `causeway status` shows it, and --id m1 follows it again');
    expect((await situation()).run?.id).toBe(run.id);
    const other = await estate.causeway(...moveIt.slice(0, -1), 'm2');
    expect(other).toMatchObject({
      code: 1,
      out: expect.stringContaining('the run switchover-gcp-m1 (switchover) is open'),
    });
  });
});
