// What operators command: done, refused or unknown, journaled in every store with who and why.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerOf, startEstate, type TestEstate, withRun } from './estate.ts';

let estate: TestEstate;
beforeEach(async () => {
  estate = await startEstate();
  await estate.causeway('init', '--writer', 'aws', '--yes');
});
afterEach(() => estate?.close());

const situation = async () => {
  const read = await registerOf(estate).read();
  if (read.kind !== 'value') throw new Error(`the register is ${read.kind}`);
  return read.value;
};

it('pauses and resumes, and says that the lease goes on', async () => {
  const paused = await estate.causeway('pause', '--reason', 'network maintenance');
  expect(paused).toMatchObject({ code: 0, err: '' });
  expect(paused.out).toContain('all automation is paused. The lease is still renewed');
  expect((await situation()).paused).toMatchObject({ by: 'ada@desk', reason: 'network maintenance' });
  expect((await estate.causeway('resume', '--reason', 'over', '--by', 'grace')).code).toBe(0);
  expect((await situation()).paused).toBeNull();
  const again = await estate.causeway('resume', '--reason', 'over');
  expect(again).toMatchObject({ code: 1, out: 'refused: automation is not paused\n' });
});

it('journals every command in both clouds, refused ones too', async () => {
  await estate.causeway('pause', '--reason', 'network maintenance');
  await estate.causeway('pause', '--reason', 'still');
  await estate.causeway('abandon', 'no-such-run', '--reason', 'a try');
  const { out } = await estate.causeway('journal', 'show');
  expect(out).toContain('ada@desk: pause (done), because network maintenance');
  expect(out).toContain('ada@desk: abandon no-such-run (refused: the run no-such-run is not open), because a try');
  expect((await estate.causeway('journal', 'verify')).code).toBe(0);
});

it('gives an override once for an id, and approves as an override of authority', async () => {
  await estate.causeway('override', 'rpo', '--reason', 'the queue can be replayed', '--id', 'a1');
  await estate.causeway('override', 'rpo', '--reason', 'the queue can be replayed', '--id', 'a1');
  expect((await situation()).overrides).toMatchObject([{ id: 'a1', what: 'rpo', by: 'ada@desk' }]);
  const { out } = await estate.causeway('approve', '--reason', 'the old instance is stopped');
  expect(out).toContain('allowed once: taking the role without an outside witness');
  expect((await situation()).overrides.map(({ what }) => what)).toEqual(['rpo', 'authority']);
});

it('abandons an open run, and names it when automation is paused over it', async () => {
  const { id: run } = await withRun(estate);
  expect((await estate.causeway('pause', '--reason', 'let me look')).out).toContain(
    `the run ${run} stands where it is`,
  );
  const { out, code } = await estate.causeway('abandon', run, '--reason', 'the region is back');
  expect(code).toBe(0);
  expect(out).toContain('what it had done stays done. aws is the writer at epoch 1');
  expect(await situation()).toMatchObject({ run: null, lastRun: { id: run, outcome: 'abandoned' } });
});

it('says that nobody knows, how to look, and how to give the same command again', async () => {
  estate.faults.witness = { kind: 'drop' };
  estate.faults['gcs-us-central1'] = { kind: 'refuse', status: 503, code: 'backendError' };
  const { out, code } = await estate.causeway('pause', '--reason', 'look into it', '--json', '--id', 'p1');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    outcome: 'unknown',
    because: expect.stringContaining('give it again with --id p1'),
    journal: { missingIn: ['gcs-us-central1'], kept: true },
  });
});

it.each([
  ['no reason', ['pause'], "required option '--reason <text>' not specified"],
  ['an empty reason', ['pause', '--reason', '  '], 'say why'],
  ['an override that there is not', ['override', 'everything', '--reason', 'x'], 'Allowed choices are rpo, authority'],
])('%s is wrong usage', async (_, args, says) => {
  const { err, code } = await estate.causeway(...args);
  expect(code).toBe(2);
  expect(err).toContain(says);
});
