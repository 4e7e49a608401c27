// A planned move whose target is lost on the way. Until it may have opened its database the old writer has its role back by itself, with
// everything; from then on it is a loss like any other, and what keeps it from being answered is said with its way out.
import { expect, it } from 'vitest';
import type { OperatorCommand } from '../../shared/model/operator.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import type { PortCall } from '../support/estate/mortal.ts';
import {
  acknowledgedSince,
  begin,
  command,
  events,
  lostWrites,
  rulesDecided,
  type Story,
  writersInOrder,
} from '../support/estate/story.ts';

const said = { by: 'ada', reason: 'maintenance of the other region' };
const move: OperatorCommand = { command: 'switchover', id: 'move-1', to: 'gcp', deadlineSeconds: 20, ...said };

/** GCP is gone just after the first call of a port after which it is so. */
async function loseGcp(isSo: (story: Story, call: PortCall) => boolean, change?: (strategy: Strategy) => Strategy) {
  const story = await begin({ seed: 91, ...(change && { change }) });
  const { estate, schedules } = story;
  let struck = false;
  schedules.onCall((call) => {
    if (struck || !isSo(story, call)) return;
    struck = true;
    schedules.killSite('gcp');
  });
  expect(await command(story, 'aws', move)).toBe('committed');
  await estate.until('GCP is lost', () => struck, 100);
  return story;
}

const opensGuard = ({ estate }: Story, { port, method }: PortCall) =>
  port === 'guard' && method === 'open' && estate.situation().writer === 'gcp';

it.each([
  ['before AWS is fenced', 2, ({ estate }: Story) => estate.situation().run !== null],
  ['when AWS is fenced', 2, ({ estate }: Story) => estate.situation().lease.fenced !== null],
  ['when it has taken the role', 3, ({ estate }: Story) => estate.situation().writer === 'gcp'],
] as const)(
  'GCP is lost %s: AWS has its role back with everything, at epoch %i at the latest',
  async (_, atMost, isSo) => {
    const story = await loseGcp(isSo);
    const { estate } = story;
    await estate.pass(150);
    const { writer, epoch, lease, run, traffic } = estate.situation();
    expect({ writer, fenced: lease.fenced, run, traffic }).toEqual({
      writer: 'aws',
      fenced: null,
      run: null,
      traffic: { aws: 100, gcp: 0 },
    });
    expect(epoch).toBeLessThanOrEqual(atMost);
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
    expect(lostWrites(estate)).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws']);
    expect(estate.clients.openTogether).toEqual([]);
  },
);

it('GCP comes back after AWS has taken its role back, and opens nothing', async () => {
  const story = await loseGcp(({ estate }) => estate.situation().writer === 'gcp');
  const { estate, schedules } = story;
  await estate.until('AWS is the writer again', () => estate.situation().writer === 'aws', 120);
  const told = (await events(estate)).flatMap((one) => (one.kind === 'authority-taken' ? [one.because] : [])).at(-1);
  expect(told).toContain('gcp took the role that was handed over, and was lost before it opened its database');
  schedules.reviveSite('gcp');
  await estate.pass(90);
  expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 3, lease: { fenced: null } });
  expect(writersInOrder(estate)).toEqual(['aws']);
  expect(lostWrites(estate)).toEqual([]);
});

it('GCP comes back in time: it opens, and AWS does not take the role from it', async () => {
  const story = await loseGcp(({ estate }) => estate.situation().writer === 'gcp');
  const { estate, schedules } = story;
  await estate.pass(6);
  schedules.reviveSite('gcp');
  // Who had claimed the promotion is gone: the others wait for its deadline.
  await estate.pass(150);
  expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
  expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
  expect(lostWrites(estate)).toEqual([]);
  expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
});

it('GCP is lost once its database may have been open: what AWS misses is not known, and the hold says what a person can do', async () => {
  const story = await loseGcp(opensGuard);
  const { estate } = story;
  await estate.pass(120);
  expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, lastRun: { outcome: 'overtaken' } });
  const decided = (await events(estate)).flatMap((one) => (one.kind === 'decided' ? [one] : []));
  expect(decided.findLast(({ rule }) => rule === 'no-promotion')).toMatchObject({
    because: expect.stringContaining('the writer gcp is down, and the scenario gcp_region_lost promotes no database'),
    unblock: '`promote_aws_db: read_write_mode` in the scenario, or gcp healthy again',
  });
  story.schedules.reviveSite('gcp');
  await estate.pass(90);
  expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
  expect(lostWrites(estate)).toEqual([]);
});

/** The scenario for the loss of GCP also makes AWS the writer. */
const promotesAws = (strategy: Strategy): Strategy => ({
  ...strategy,
  scenarios: strategy.scenarios.map((scenario) =>
    scenario.trigger.kind === 'site_down' && scenario.trigger.site === 'gcp'
      ? {
          ...scenario,
          actions: [
            { written: 'promote_aws_db: read_write_mode', action: { kind: 'promote_db', site: 'aws' } },
            ...scenario.actions,
          ],
        }
      : scenario,
  ),
});

it('with a scenario that promotes AWS, a person who allows the unknown loss ends that', async () => {
  const story = await loseGcp(opensGuard, promotesAws);
  const { estate } = story;
  await estate.pass(90);
  expect(rulesDecided(await events(estate))).toContain('standby-behind');
  expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
  const allowed = { command: 'override', id: 'allow-1', what: 'rpo', ...said } as const;
  expect(await command(story, 'aws', allowed)).toBe('committed');
  await estate.until('AWS accepts', () => acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 2) > 2, 120);
  expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 3 });
  expect(estate.clients.openTogether).toEqual([]);
});

it('The keepers of AWS are lost on the way home, with the records before them: GCP has its role back, and its name leads clients to it again', async () => {
  const story = await begin({ seed: 92 });
  const { estate, schedules } = story;
  expect(await command(story, 'aws', move)).toBe('committed');
  await estate.until('GCP is the writer', () => estate.situation().lastRun !== null, 200);
  const allowed = { command: 'override', id: 'allow-1', what: 'cool-down', ...said } as const;
  expect(await command(story, 'gcp', allowed)).toBe('committed');
  // The role is taken and the records are written, and nothing opens the database.
  schedules.onCall(() => {
    if (estate.situation().writer === 'aws') estate.databases.aws?.setTrouble('unreachable');
  });
  expect(await command(story, 'gcp', { ...move, id: 'move-2', to: 'aws' })).toBe('committed');
  const ledTo = async () => {
    const { nameServers, writerName } = estate.strategy.dns;
    const servers = [...nameServers.route53.slice(0, 1), ...nameServers.clouddns.slice(0, 1)];
    const answers = await Promise.all(servers.map((server) => estate.answers.resolver.ask(server, writerName, 'A')));
    const addresses = answers.flatMap((answer) => answer.map(({ data }) => data));
    return estate.strategy.sites
      .filter((site) => site.addresses.some((one) => addresses.includes(one)))
      .map(({ name }) => name);
  };
  await estate.until('the records are written', () => estate.situation().traffic.aws === 70, 30);
  expect(await ledTo()).toEqual(['aws']);
  // Its application is well: nothing but the lease that nobody renews says that it is lost.
  schedules.setScheduled('aws', false);
  for (const { mortal } of schedules.living('aws')) mortal.kill();
  await estate.until('GCP has its role back', () => estate.situation().epoch === 4, 120);
  estate.databases.aws?.setTrouble(null);
  schedules.setScheduled('aws', true);
  await estate.pass(60);
  expect(estate.situation()).toMatchObject({ writer: 'gcp', run: null });
  expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
  expect(await ledTo()).toEqual(['gcp']);
  expect(lostWrites(estate)).toEqual([]);
});

it('the keepers of GCP are lost with the records written: AWS has its role back, and is not left by traffic', async () => {
  const story = await begin({ seed: 93 });
  const { estate, schedules } = story;
  schedules.onCall(() => {
    if (estate.situation().writer === 'gcp') estate.databases.gcp?.setTrouble('unreachable');
  });
  expect(await command(story, 'aws', move)).toBe('committed');
  await estate.until('the records are written', () => estate.situation().traffic.gcp === 100, 60);
  schedules.setScheduled('gcp', false);
  for (const { mortal } of schedules.living('gcp')) mortal.kill();
  await estate.until('AWS has its role back', () => estate.situation().epoch === 3, 120);
  estate.databases.gcp?.setTrouble(null);
  schedules.setScheduled('gcp', true);
  await estate.pass(60);
  const { nameServers, writerName } = estate.strategy.dns;
  const answer = await estate.answers.resolver.ask(nameServers.route53[0] ?? '', writerName, 'A');
  const addresses = estate.strategy.sites.find(({ name }) => name === 'aws')?.addresses;
  expect(addresses).toEqual(expect.arrayContaining(answer.map(({ data }) => data)));
  expect(answer).not.toEqual([]);
  expect(lostWrites(estate)).toEqual([]);
});
