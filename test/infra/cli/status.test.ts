// `causeway status` as it is read at night: what needs a person first, and an exit code that a script can trust.
import { afterEach, describe, expect, it } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import { recordFence } from '../../../shared/authority/situation-changes.ts';
import { updateAlarmBoard } from '../../../shared/engine/alarm-board.ts';
import { aHeartbeat } from '../../support/situation.ts';
import {
  allWell,
  healthy,
  registerOf,
  renew,
  speak,
  startEstate,
  startLivingEstate,
  type TestEstate,
  unhealthy,
  withRun,
} from './estate.ts';

let estate: TestEstate;
afterEach(() => estate?.close());

const well = () => allWell(aHeartbeat({ number: 1 }));
const awsDown = () => ({
  gcp: {
    sites: { aws: unhealthy, gcp: healthy },
    database: { site: 'gcp', applied: null, lagSeconds: null, ready: false, because: 'apply is not running' },
  },
  watchtower: { sites: { aws: unhealthy, gcp: healthy } },
});

describe('an estate that is well', () => {
  it('says so, exits 0, and shows who writes, a lease that rises, and every store', async () => {
    estate = await startLivingEstate(well);
    const { out, err, code } = await estate.causeway('status');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('go-pro: aws writes at epoch 1');
    expect(out).toContain('All is well: nothing blocks, nothing is down.');
    expect(out).toMatch(/lease +renewal 2, rises in the 3.9 s that we watched \(TTL 15 s\)/);
    expect(out).toMatch(/traffic +aws 70 %, gcp 30 %/);
    expect(out).toMatch(/watchtower +elsewhere +fresh, beat \d+ +aws healthy for 10 min; gcp healthy for 10 min/);
    expect(out).toMatch(/gcp +standby +ready +0.4 s behind/);
    expect(out).toContain('all-well (nothing to do): aws is the writer at epoch 1');
    expect(out).toMatch(/witness +cloudflare\/weur +(current|behind) +at ballot/);
  });

  it('--once goes by what the bulletins say of themselves, and says that it does not know whether the lease rises', async () => {
    estate = await startLivingEstate(well);
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(0);
    expect(out).toContain('read once, so not known whether it rises');
  });

  it('--json has the same and more', async () => {
    estate = await startLivingEstate(well);
    const { out } = await estate.causeway('status', '--json');
    expect(JSON.parse(out)).toMatchObject({
      application: 'go-pro',
      problems: [],
      register: 'value',
      leaseRises: true,
      situation: { writer: 'aws', epoch: 1 },
      decision: { rule: 'all-well', kind: 'hold', blocked: null },
    });
  });
});

describe('an estate that needs somebody', () => {
  it('a dead writer, a standby that is not ready: what blocks the failover and what would unblock it', async () => {
    estate = await startEstate();
    await estate.causeway('init', '--writer', 'aws', '--yes');
    await speak(estate, awsDown());
    estate.meanwhile = () => speak(estate, awsDown());
    const { out, code } = await estate.causeway('status');
    expect(code).toBe(1);
    expect(out).toContain(
      '! site aws is down: lookout gcp and lookout watchtower have seen aws unhealthy for 10 s or more',
    );
    expect(out).toMatch(/! standby-behind: aws is down, but promoting gcp could lose more than the RPO allows/);
    expect(out).toContain('> blocked by the RPO of 60 s; unblocked by gcp catching up, or `causeway override rpo`');
    expect(out).toMatch(
      /! the lease: was not renewed in \d+\.\d s; the guard shuts after 15 s\n +> is a keeper of aws running\?/,
    );
    expect(out).toContain('! lookout aws: has never put up a bulletin');
    expect(out).toContain('standby-behind (held)');
    expect(out.indexOf('need you')).toBeLessThan(out.indexOf('Authority'));
  });

  it('a pause and an override are told with who and why', async () => {
    estate = await startLivingEstate(well);
    await estate.causeway('pause', '--reason', 'network maintenance');
    await estate.causeway('override', 'cool-down', '--reason', 'it flaps for a known reason');
    const { out, code } = await estate.causeway('status');
    expect(code).toBe(1);
    expect(out).toContain('! paused: ada@desk paused all automation: network maintenance');
    expect(out).toMatch(/paused by ada@desk .* ago: network maintenance/);
    expect(out).toMatch(/override cool-down by ada@desk .* not used yet: it flaps for a known reason/);
  });

  it('an open run: each step with who, how often, and its blocker', async () => {
    estate = await startLivingEstate(well);
    await withRun(estate, {
      '1-take_authority': { status: 'blocked', by: 'gcp keeper 1', blocker: 'the lease must stand still for 23 s' },
      '3-scale_cluster': { status: 'claimed', by: 'aws keeper 2', attempts: 2 },
      '5-notify': { status: 'done', by: 'gcp keeper 1', attempts: 1, detail: 'ops_team was told' },
    });
    const { out, code } = await estate.causeway('status');
    expect(code).toBe(1);
    expect(out).toContain('! step 1-take_authority is blocked: the lease must stand still for 23 s');
    expect(out).toMatch(/aws_region_lost-e1-test to gcp, opened .* ago by gcp keeper\n +because aws is down/);
    expect(out).toMatch(/take_authority +blocked +- +by gcp keeper 1: the lease must stand still for 23 s/);
    expect(out).toMatch(/scale_gcp_cluster: min_replicas=10 +claimed +2x +by aws keeper 2/);
    expect(out).toMatch(/notify: ops_team +done +1x +by gcp keeper 1: ops_team was told/);
    expect(out).toMatch(/promote_gcp_db: read_write_mode +pending +- +after 1-take_authority/);
  });

  it('alarm boards are shown, and one that cannot be read is not taken for an empty one', async () => {
    estate = await startLivingEstate(well);
    const opened = openEstate(estate.terminal(), {});
    const { clock, chance } = estate.terminal();
    await updateAlarmBoard({ store: opened.stores[0]!.store, provider: 'aws', clock, chance }, (board) => ({
      ...board,
      health: [
        {
          kind: 'health',
          id: '1',
          vantage: { kind: 'managed-check', name: 'gopro-aws-endpoint-health', ground: 'aws' },
          observedAt: new Date().toISOString(),
          because: 'three of three checkers see it',
          site: 'aws',
          component: 'application',
          health: 'healthy',
        },
      ],
    }));
    await opened.stores[1]!.store.put('alarms/gcp.json', 'not json', {
      condition: { kind: 'none' },
      contentType: 'application/json',
      cacheControl: null,
    });
    const { out } = await estate.causeway('status');
    expect(out).toMatch(/alarm gopro-aws-endpoint-health \(aws\), .* ago: aws healthy, three of three checkers see it/);
    expect(out).toContain('alarm board of gcp: could not be read: ');
  });
});

describe('a register that fails', () => {
  it('one store lost: told, and the rest goes on', async () => {
    estate = await startLivingEstate(well);
    estate.faults.witness = { kind: 'drop' };
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(1);
    expect(out).toContain('go-pro: aws writes at epoch 1');
    expect(out).toMatch(/! store witness: did not answer: witness: /);
    expect(out).toContain('two of three are enough to go on');
    expect(out).toMatch(/witness +cloudflare\/weur +unreachable/);
  });

  it('the majority lost: exit 2, what was seen is still shown, and break-glass is named', async () => {
    estate = await startLivingEstate(well);
    estate.faults.witness = { kind: 'drop' };
    estate.faults['s3-us-east-1'] = { kind: 'drop' };
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(2);
    expect(out).toContain('nobody knows who writes');
    expect(out).toContain('! the register: could not be read: 1 of 3 stores answered');
    expect(out).toContain('`causeway break-glass explain`');
    expect(out).toMatch(/gcp +gcp +fresh/);
    expect(out).toContain('none can be made: the situation is not known');
  });

  it('never written: says how to begin', async () => {
    estate = await startEstate();
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(1);
    expect(out).toContain('`causeway init --writer <site>`');
  });

  it('a fence without a run is told as nobody writing', async () => {
    estate = await startLivingEstate(well);
    await renew(estate, 90);
    const fence = { by: 'aws keeper 1', at: new Date().toISOString(), heartbeat: null };
    await registerOf(estate).change('fence', recordFence('aws', 1, fence));
    const { out, code } = await estate.causeway('status', '--once');
    expect(code).toBe(1);
    expect(out).toContain('! the lease: aws is fenced at epoch 1, and no run is open: nobody may write');
    expect(out).toMatch(/lease +fenced by aws keeper 1/);
  });
});

it('colours only when asked for', async () => {
  estate = await startEstate([], { color: true });
  expect((await estate.causeway('status', '--once')).out).toContain(String.fromCharCode(27));
  await estate.close();
  estate = await startEstate();
  expect((await estate.causeway('status', '--once')).out).not.toContain(String.fromCharCode(27));
});
