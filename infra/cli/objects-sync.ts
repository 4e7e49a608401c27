// `causeway objects sync`: counted and priced first, guarded, confirmed, carried out, and said what became of it.
import { beginRun } from '../../shared/objects/reconcile/begin-run.ts';
import { type Carried, carryRun } from '../../shared/objects/reconcile/carry-run.ts';
import type { Difference } from '../../shared/objects/reconcile/classify.ts';
import type { Begun, PairWork } from '../../shared/objects/reconcile/pair-work.ts';
import { type Surveyed, surveyRun } from '../../shared/objects/reconcile/survey-run.ts';
import { workIn } from '../../shared/objects/reconcile/tally.ts';
import { auditText, createAudit } from './audit.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING, GOOD, UNUSABLE } from './command.ts';
import { Unusable } from './failure.ts';
import { openPair, pairsOf, type SurveyedPair, scopeOf } from './objects-pairs.ts';
import {
  carriedData,
  carriedLines,
  doneWell,
  listLine,
  surveyData,
  surveyLines,
  surveyProgress,
  workProgress,
} from './objects-sync-text.ts';
import { type Estate, journalStores, openEstate } from './open.ts';
import { createProgressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';

export type SyncFlags = CommonFlags & {
  dryRun?: true;
  list?: true;
  pair?: string;
  prefix: string;
  direction: string;
  yes?: true;
  force?: true;
  fromStart?: true;
  reason?: string;
  by?: string;
};

const forever = Number.POSITIVE_INFINITY;

export async function syncObjects(terminal: Terminal, flags: SyncFlags): Promise<Answer> {
  const reason = flags.reason?.trim() ?? '';
  if (flags.force && reason === '')
    throw new Unusable('--force needs --reason "...": why the guards do not hold today');
  if (flags.dryRun && flags.yes) throw new Unusable('--dry-run does nothing, and --yes does it: leave one');
  const estate = openEstate(terminal, flags);
  const scopes = pairsOf(estate, flags.pair).map((pair) => ({ pair, scope: scopeOf(pair, flags) }));
  const all: SurveyedPair[] = [];
  for (const { pair, scope } of scopes) {
    const work = await openPair(terminal, estate, pair);
    const begun = await beginRun(work, scope, { fresh: flags.fromStart ?? false });
    all.push({ pair, work, begun, surveyed: await surveyPair(terminal, flags, work, begun) });
    if (terminal.stop.aborted) throw new Unusable('stopped before everything was counted; nothing was done');
  }
  const shown = all.flatMap((one) => surveyLines(one, colorsOf(terminal.io)));
  const go = await mayGoOn(terminal, flags, all, shown);
  if (go.kind === 'answer') return go.answer;
  return carryAll(terminal, flags, estate, all);
}

async function surveyPair(terminal: Terminal, flags: SyncFlags, work: PairWork, begun: Begun): Promise<Surveyed> {
  const line = createProgressLine(terminal, flags);
  const from = terminal.clock.elapsedSeconds();
  const surveyed = await surveyRun(work, begun, {
    untilSeconds: forever,
    stop: terminal.stop,
    found: ({ key }, difference: Difference) => {
      if (flags.list && !flags.json) terminal.io.out(listLine(work.pair, key, difference));
    },
    progress: (tally) => line.show(() => surveyProgress(work.pair, tally, terminal.clock.elapsedSeconds() - from)),
  });
  line.end();
  return surveyed;
}

type Go = { kind: 'go' } | { kind: 'answer'; answer: Answer };

/** What was found is shown before anybody is asked; off a terminal nothing is done without `--yes`. */
async function mayGoOn(terminal: Terminal, flags: SyncFlags, all: SurveyedPair[], shown: string[]): Promise<Go> {
  const { green, yellow } = colorsOf(terminal.io);
  const { io, person } = terminal;
  const answer = (code: Answer['code'], outcome: string, sentence: string): Go => ({
    kind: 'answer',
    answer: {
      text: [...shown, '', `${(code === GOOD ? green : yellow)(outcome)}: ${sentence}`].join('\n'),
      data: { outcome, because: sentence, pairs: all.map(surveyData) },
      code,
    },
  });
  const keys = all.reduce((total, { surveyed }) => total + workIn(surveyed.left).keys, 0);
  const refused = all.flatMap(({ surveyed }) => surveyed.refusals);
  if (refused.length > 0 && !flags.force)
    return answer(FINDING, 'refused', 'nothing was changed; what stands against it is said above');
  if (flags.dryRun && keys > 0) return answer(FINDING, 'dry run', 'nothing was changed');
  if (flags.dryRun) return answer(GOOD, 'dry run', 'nothing differs');
  if (flags.yes || keys === 0) {
    if (!flags.json) io.out(shown.join('\n'));
    return { kind: 'go' };
  }
  if (!person) return answer(FINDING, 'not-confirmed', 'nothing was changed: add --yes to do it');
  io.err(shown.join('\n'));
  const said = await person.ask('\nDo it? Type yes: ');
  return said === 'yes' ? { kind: 'go' } : answer(FINDING, 'not-confirmed', 'nothing was changed');
}

async function carryAll(terminal: Terminal, flags: SyncFlags, estate: Estate, all: SurveyedPair[]): Promise<Answer> {
  const by = flags.by ?? terminal.user;
  const audit = createAudit(terminal, journalStores(estate), estate.incarnation);
  const done: { one: SurveyedPair; carried: Carried }[] = [];
  for (const one of all) {
    if (one.surveyed.refusals.length > 0)
      await audit.append(commanded(one, flags, by, 'begins against the guards'), null);
    const carried = await carryPair(terminal, flags, one, by);
    await audit.append(commanded(one, flags, by, carriedLines(one, carried, null).join('; ')), null);
    done.push({ one, carried });
    if (terminal.stop.aborted) break;
  }
  const journal = await audit.settle();
  const stopped = done.some(({ carried }) => !carried.ended) || done.length < all.length;
  const code = stopped ? UNUSABLE : done.every(({ carried }) => doneWell(carried)) ? GOOD : FINDING;
  const colors = colorsOf(terminal.io);
  return {
    text: `${done.flatMap(({ one, carried }) => carriedLines(one, carried, colors)).join('\n')}${auditText(journal)}`,
    data: {
      outcome: stopped ? 'stopped' : 'done',
      pairs: done.map(({ one, carried }) => ({ ...surveyData(one), ...carriedData(carried) })),
      journal,
    },
    code,
  };
}

async function carryPair(terminal: Terminal, flags: SyncFlags, one: SurveyedPair, by: string): Promise<Carried> {
  const { work, begun, surveyed } = one;
  const line = createProgressLine(terminal, flags);
  const from = terminal.clock.elapsedSeconds();
  const before = { keys: surveyed.checkpoint.done.keys, outBytes: outBytes(surveyed.checkpoint.usage) };
  const carried = await carryRun(work, begun, surveyed.checkpoint, {
    untilSeconds: forever,
    stop: terminal.stop,
    forced: flags.force ?? false,
    by,
    progress: ({ done, usage }) =>
      line.show(() =>
        workProgress(one, {
          keys: done.keys - before.keys,
          bytes: outBytes(usage) - before.outBytes,
          seconds: terminal.clock.elapsedSeconds() - from,
        }),
      ),
  });
  line.end();
  return carried;
}

function outBytes({ left, right }: Surveyed['checkpoint']['usage']): number {
  return left.outBytes + right.outBytes;
}

function commanded(
  { pair }: SurveyedPair,
  { prefix, direction, force, reason = '' }: SyncFlags,
  by: string,
  what: string,
) {
  const options = [
    prefix === '' ? '' : ` --prefix ${prefix}`,
    direction === 'both' ? '' : ` --direction ${direction}`,
    force ? ' --force' : '',
  ];
  const command = `objects sync --pair ${pair.name}${options.join('')} (${what})`;
  return {
    kind: 'operator-commanded' as const,
    command,
    by,
    reason: reason.trim() || 'both buckets are brought together',
  };
}
