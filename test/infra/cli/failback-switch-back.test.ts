// `causeway failback switch-back`: never on a site that is not well, and not before it has been well for the whole window.
import { afterEach, expect, it } from 'vitest';
import { initialise, takeAuthority } from '../../../shared/authority/situation-changes.ts';
import type { Edit } from '../../../shared/strategy/override.ts';
import {
  allWell,
  healthy,
  registerOf,
  startEstate,
  startLivingEstate,
  type TestEstate,
  unhealthy,
  type Words,
} from './estate.ts';

let estate: TestEstate;
afterEach(() => estate?.close());

/** An estate whose writer's role has gone from AWS to GCP. */
async function afterTakeover(edits: Edit[] = []): Promise<TestEstate> {
  const made = await startEstate(edits);
  const register = registerOf(made);
  await register.change('initialised', initialise('aws', { aws: 100, gcp: 0 }));
  const taken = await register.change('taken', takeAuthority('gcp', { epoch: 1, renewal: 0 }, false));
  expect(taken.kind).toBe('committed');
  // Nobody keeps it: what is watched is known at once.
  made.meanwhile = async () => {};
  return made;
}

const applied = { epoch: 1, number: 1, writtenAt: '2026-11-24T12:00:00.000Z', lsn: '0/16B3748' };
const yes = ['--yes', '--reason', 'back home'];

it('shows what stands in the way, and how long it would watch, without --yes', async () => {
  estate = await startLivingEstate(() => allWell(applied));
  const { out, code } = await estate.causeway('failback', 'switch-back', '--to', 'aws');
  expect(code).toBe(1);
  expect(out).toContain('aws is the writer already');
  expect(out).toContain('with --yes it is first watched that aws is well for 10m without a break');
});

it('moves nothing while the site is not well, and says why', async () => {
  const ill: Words = { ...allWell(applied), watchtower: { sites: { aws: healthy, gcp: unhealthy } } };
  estate = await startLivingEstate(() => ({ ...ill, gcp: { ...ill.gcp!, sites: { aws: healthy, gcp: unhealthy } } }));
  const { out, err, code } = await estate.causeway(
    'failback',
    'switch-back',
    '--to',
    'gcp',
    '--stable-for',
    '100ms',
    ...yes,
  );
  expect(code).toBe(1);
  expect(err).toContain('not well: ');
  expect(out).toContain('refused: gcp was not well for 100ms without a break');
  expect(out).toContain('Nothing was moved');
});

it('finds by the register which site came back, and watches it for as long as the strategy says', async () => {
  estate = await afterTakeover();
  const { out, code } = await estate.causeway('failback', 'switch-back');
  expect(code).toBe(1);
  expect(out).toContain('with --yes it is first watched that aws is well for 10m without a break');
});

it('goes by the window of the strategy, unless it is told another', async () => {
  estate = await afterTakeover([{ path: ['replication', 'failback_window'], value: '1h' }]);
  expect((await estate.causeway('failback', 'switch-back')).out).toContain('well for 1h without a break');
  const told = await estate.causeway('failback', 'switch-back', '--stable-for', '2m');
  expect(told.out).toContain('well for 2m without a break');
});

it('says that it needs a site, where the register cannot tell one', async () => {
  estate = await startEstate();
  const { err, code } = await estate.causeway('failback', 'switch-back');
  expect(code).toBe(2);
  expect(err).toContain('the register does not say where the role came from: it was never written. Say it with --to');
});

it('does not wait for a site that is the writer already', async () => {
  estate = await startLivingEstate(() => allWell(applied));
  const { out, code } = await estate.causeway('failback', 'switch-back', '--to', 'aws', ...yes);
  expect(code).toBe(1);
  expect(out).toContain('refused: the writer was not moved to aws');
});

it.each([
  ['no reason', ['--to', 'gcp', '--yes'], '--yes needs --reason'],
  ['a window that is none', ['--to', 'gcp', '--stable-for', 'soon'], '--stable-for is a duration'],
])('%s is wrong usage', async (_, args, says) => {
  estate = await startEstate();
  const { err, code } = await estate.causeway('failback', 'switch-back', ...args);
  expect(code).toBe(2);
  expect(err).toContain(says);
});
