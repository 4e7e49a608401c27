// `causeway cost snapshot`: four real wire protocols, what asking costs said first, and exit codes that a script can trust.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../infra/cli/program.ts';
import { type CostWorld, startCostWorld } from '../../../infra/local/cost/cost-world.ts';
import { headerOf } from '../../../infra/local/standins/http.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { overrideStrategy } from '../../../shared/strategy/override.ts';

const now = new Date('2026-11-25T14:00:00Z');
const example = readFileSync(new URL('../../../infra/local/strategy.yaml', import.meta.url), 'utf8');
const window3 = overrideStrategy(example, [{ path: ['cost', 'restate_window'], value: '3d' }]);

let world: CostWorld;
let asked: string[];
let away: Provider[];
let refused: boolean;
beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'secret';
  [asked, away, refused] = [[], [], false];
  const bucket = (site: Provider) => () => (away.includes(site) ? ('away' as const) : null);
  world = await startCostWorld({
    strategy: window3,
    seed: 11,
    firstDate: '2026-11-10',
    endDate: '2026-11-25',
    now: () => now,
    groupsPerPage: 20,
    onTold: () => undefined,
    faults: {
      explorer: (request) => {
        asked.push(headerOf(request, 'x-amz-target')?.split('.').at(-1) ?? '');
        return refused ? { kind: 'refuse', status: 400, code: 'AccessDeniedException' } : null;
      },
      bigQuery: () => null,
      buckets: { aws: bucket('aws'), gcp: bucket('gcp') },
    },
  });
});
afterEach(() => world.close());

async function causeway(...args: string[]): Promise<{ out: string; err: string; code: number | undefined }> {
  const said: { out: string; err: string; code: number | undefined } = { out: '', err: '', code: undefined };
  await runCommandLine(['cost', 'snapshot', ...args], {
    io: {
      out: (text) => {
        said.out += `${text}\n`;
      },
      err: (text) => {
        said.err += `${text}\n`;
      },
      exit: (code) => {
        said.code = code;
      },
      color: false,
      readFile: (path) => readFileSync(path, 'utf8'),
      cwd: '/',
    },
    env: world.env('aws'),
    clock: { ...systemClock, now: () => now, sleep: async () => undefined },
    chance: systemChance,
    user: 'ada@desk',
    stop: new AbortController().signal,
    person: null,
  });
  return said;
}

describe('cost snapshot', () => {
  it('shows which days are due and what asking for them costs, and asks for none of it', async () => {
    const { out, err, code } = await causeway('--dry-run');
    expect(err).toBe('');
    expect(out).toContain('aws: 3 of 62 days are asked for, 2026-11-22 to 2026-11-24');
    expect(out).toMatch(/at least \d+ requests: \$0\.0\d/);
    expect(out).toMatch(/gcp: 3 of 62 days .*\n {2}at least \d+ requests that read \d+/);
    expect(out).toContain('dry run: nothing was asked for');
    expect(code).toBe(0);
    expect(asked.filter((one) => one === 'GetCostAndUsage')).toEqual([]);
  });

  it('takes what is due of both bills, and the second time finds it as it was', async () => {
    const first = await causeway();
    expect(first.err).toBe('');
    expect(first.out).toMatch(/^aws: 3 of 62 days are asked for.*\n {2}at least/);
    expect(first.out).toMatch(/\naws: 3 taken; \d+ requests: \$0\.\d+\ngcp: 3 taken; \d+ requests that read/);
    expect(first.code).toBe(0);
    const again = JSON.parse((await causeway('--json')).out);
    expect(again.outcome).toBe('done');
    for (const { days } of again.providers)
      expect(days.map((day: { kind: string }) => day.kind)).toEqual(Array(3).fill('unchanged'));
  });

  it('fills in a range, one provider alone, and says of what the provider does not tell that it does not', async () => {
    const filled = await causeway('--provider', 'aws', '--from', '2026-11-08', '--to', '2026-11-13');
    expect(filled.out).toContain('aws: 5 of 5 days are asked for, 2026-11-08 to 2026-11-12');
    expect(filled.out).toMatch(/aws: 2 not taken, 3 taken/);
    expect(filled.out).toContain('2026-11-08 to 2026-11-09 were not taken: ');
    expect(filled.out).not.toContain('gcp');
    expect(filled.code).toBe(1);
  });

  it('goes on with one bucket, and catches the other up when it is back', async () => {
    away = ['gcp'];
    const alone = await causeway('--provider', 'aws');
    expect(alone.out).toMatch(/aws: 3 taken; /);
    expect(alone.out).toContain('the cost bucket of site gcp: ');
    expect(alone.code).toBe(1);
    away = [];
    const both = await causeway('--provider', 'aws');
    expect(both.out).toContain('3 days were copied to a bucket that lacked them');
    expect(both.code).toBe(0);
  });

  it('says what a bill that refuses wants, once for all its days, and takes the other', async () => {
    refused = true;
    const { out, code } = await causeway();
    expect(out).toMatch(/aws: 3 not taken; /);
    expect(out).toContain('2026-11-22 to 2026-11-24 were not taken: ');
    expect(out).toMatch(/ce:GetCostAndUsage/);
    expect(out).toMatch(/gcp: 3 taken/);
    expect(code).toBe(1);
  });

  it('asks no bill when no bucket answers', async () => {
    away = ['aws', 'gcp'];
    const { err, code } = await causeway();
    expect(err).toContain('no cost bucket can be reached, so that no provider was asked');
    expect(code).toBe(2);
    expect(asked).toEqual([]);
  });

  it.each([
    [['--to', '2026-11-20'], '--to needs --from'],
    [['--from', '2026-11-20', '--to', '2026-11-20'], '--to is the day after the last, such as 2026-11-21'],
    [['--from', '2026-12-01', '--to', '2026-12-02'], 'is not over'],
    [['--from', '2026-02-30'], 'A day is written 2026-08-01'],
    [['--again'], '--again needs --from'],
    [['--provider', 'azure'], 'aws or gcp'],
  ])('%j is refused with the way out', async (args, says) => {
    const { err, code } = await causeway(...args);
    expect(err).toContain(says);
    expect(code).toBe(2);
  });
});
