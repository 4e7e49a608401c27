// `causeway init`: the register's first situation, once, after every store has shown that it keeps the conditions of a write.
import { type Command, InvalidArgumentError } from 'commander';
import type { Change } from '../../shared/authority/change.ts';
import { testConditionalWrites } from '../../shared/authority/self-test.ts';
import { initialise } from '../../shared/authority/situation-changes.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { firstShares } from '../../shared/traffic/present.ts';
import { auditText, createAudit } from './audit.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  FINDING,
  GOOD,
  respond,
  UNUSABLE,
  withStrategy,
} from './command.ts';
import type { Estate } from './open.ts';
import type { Terminal } from './terminal.ts';
import { columns, messageOf, sharesText } from './text.ts';

type Flags = CommonFlags & { writer: string; epoch: number; yes?: true; by?: string; reason?: string };

export function addInit(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'init',
    summary: "write the register's first situation: who the writer is. Once in the life of an estate",
    examples: [
      'init --writer aws          # tests the stores, shows what would be written, writes nothing',
      'init --writer aws --yes',
      'init --writer gcp --epoch 7 --yes --reason "register lost, gcp opened by hand at epoch 6"',
    ],
    codes: [
      'the first situation is written',
      'refused: there is one already, a store is unsound, or --yes is missing',
      'wrong usage, or a store did not answer',
    ],
  });
  withStrategy(command)
    .requiredOption('--writer <site>', 'the site whose database accepts writes now')
    .option(
      '--epoch <number>',
      'begin at a later epoch: after a lost register, above every epoch that was ever open',
      epochOf,
      1,
    )
    .option('--yes', 'write it')
    .option('--by <who>', 'who you are (default: user@host)')
    .option('--reason <text>', 'why, for the journal')
    .action(async (flags: Flags) => {
      const { openEstate } = await import('./open.ts');
      await respond(terminal, flags, () => init(terminal, openEstate(terminal, flags), flags));
    });
}

export function epochOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('An epoch is a whole number from 1.');
  return Number(text);
}

async function init(terminal: Terminal, estate: Estate, flags: Flags): Promise<Answer> {
  const { strategy, register } = estate;
  const writer = siteOf(strategy, flags.writer).name;
  const read = await register.read();
  if (read.kind === 'unknown') {
    return answerOf(terminal, UNUSABLE, 'unknown', `the register could not be read: ${read.because}`);
  }
  if (read.kind === 'value') {
    const { writer: current, epoch } = read.value;
    const because = `the register holds a situation already: ${current} is the writer at epoch ${epoch}. \`causeway status\` shows it`;
    return answerOf(terminal, FINDING, 'refused', because);
  }
  const tests = await Promise.all(estate.stores.map((one) => testStore(terminal, one)));
  const traffic = firstShares(strategy);
  const shown = [
    'Conditional writes, tried on a scratch object in each store:',
    ...columns(tests.map(({ store, verdict, because }) => [`  ${store}`, `${verdict}${because && `: ${because}`}`])),
    '',
    'The first situation:',
    ...columns([
      ['  writer', `${writer}, at epoch ${flags.epoch}`],
      ['  traffic', `${sharesText(traffic)} (from routing_policies)`],
    ]),
    '',
  ].join('\n');
  const details = { tests, situation: { writer, epoch: flags.epoch, traffic } };
  const bad = tests.find(({ verdict }) => verdict !== 'sound');
  if (bad) {
    const because = `${bad.store} is ${bad.verdict}; a register begins its life with all of its stores`;
    return answerOf(terminal, bad.verdict === 'unsound' ? FINDING : UNUSABLE, 'refused', because, shown, details);
  }
  if (!flags.yes) {
    const because = `nothing was written: add --yes when ${writer} is the one site whose database accepts writes`;
    return answerOf(terminal, FINDING, 'not-confirmed', because, shown, details);
  }
  return write(terminal, estate, flags, { writer, traffic, shown, details });
}

async function write(
  terminal: Terminal,
  estate: Estate,
  flags: Flags,
  first: { writer: SiteName; traffic: Record<SiteName, number>; shown: string; details: object },
): Promise<Answer> {
  const { writer, traffic, shown, details } = first;
  const { journalStores } = await import('./open.ts');
  const result = await estate.register.change(terminal.chance.id(), firstSituation(writer, traffic, flags.epoch));
  const outcome = result.kind === 'committed' ? 'done' : `${result.kind}: ${result.because}`;
  const audit = createAudit(terminal, journalStores(estate), estate.incarnation);
  await audit.append(
    {
      kind: 'operator-commanded',
      command: `init --writer ${writer} --epoch ${flags.epoch} (${outcome})`,
      by: flags.by ?? terminal.user,
      reason: flags.reason ?? 'the first situation of this estate',
    },
    result.kind === 'committed' ? result.value.epoch : null,
  );
  const journal = await audit.settle();
  if (result.kind !== 'committed') {
    const code = result.kind === 'refused' ? FINDING : UNUSABLE;
    return answerOf(terminal, code, result.kind, `${result.because}${auditText(journal)}`, shown, details);
  }
  const said = `${writer} is the writer at epoch ${flags.epoch}. Start its keeper next; \`causeway status\` shows the lease rise.`;
  return answerOf(terminal, GOOD, 'done', `${said}${auditText(journal)}`, shown, { ...details, journal });
}

/** The first situation, at a later epoch when a register is made anew: guards never go back to an epoch that they have had. */
function firstSituation(writer: SiteName, traffic: Record<SiteName, number>, epoch: number) {
  const first = initialise(writer, traffic);
  return (current: Situation | null): Change<Situation> => {
    const change = first(current);
    return change.kind === 'to' ? { kind: 'to', value: { ...change.value, epoch } } : change;
  };
}

type StoreTest = { store: string; verdict: 'sound' | 'unsound' | 'unreachable'; because: string };

async function testStore(terminal: Terminal, { declared, store }: Estate['stores'][number]): Promise<StoreTest> {
  try {
    const verdict = await testConditionalWrites(store, terminal.chance, terminal.clock);
    return { store: declared.name, verdict: verdict.kind, because: verdict.kind === 'sound' ? '' : verdict.because };
  } catch (error) {
    return { store: declared.name, verdict: 'unreachable', because: messageOf(error) };
  }
}

function answerOf(
  { io }: Terminal,
  code: Answer['code'],
  outcome: string,
  because: string,
  shown = '',
  details: object = {},
): Answer {
  const colors = colorsOf(io);
  const word = code === GOOD ? colors.green(outcome) : code === FINDING ? colors.yellow(outcome) : colors.red(outcome);
  return { text: `${shown}${shown && '\n'}${word}: ${because}`, data: { outcome, because, ...details }, code };
}
