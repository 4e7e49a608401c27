// `causeway failback`: where we are on the way back, and what the next phase would do. Reads only.
import { refusalOf } from '../../shared/database/failback/precondition.ts';
import { type ComingBack, countOutcomes, readComingBack } from '../../shared/database/failback/records.ts';
import { type Answer, colorsOf, FINDING, GOOD } from './command.ts';
import { knowableOf, type ReadingFlags } from './failback-answers.ts';
import { type Sides, withSides } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';
import { columns } from './text.ts';

type Phase = { phase: string; state: 'done' | 'next' | 'later' | 'stuck'; found: string };

export function showStatus(terminal: Terminal, flags: ReadingFlags): Promise<Answer> {
  return withSides(terminal, flags, async (sides) => {
    const { oldSite, newSite, old, epoch } = sides.found;
    const refused = refusalOf(sides.found);
    const record = await readComingBack(sides.new, old.epoch);
    const phases = [
      await divergencePhase(sides, record, flags),
      await reconcilePhase(sides, record),
      rejoinPhase(sides, record),
      switchBackPhase(sides, record),
    ];
    const next = phases.find(({ state }) => state === 'next');
    const colors = colorsOf(terminal.io);
    const paint = { done: colors.green, next: colors.cyan, later: colors.dim, stuck: colors.red };
    const rows = columns(phases.map(({ phase, state, found }) => [state, phase, found]));
    const text = [
      `${oldSite} wrote until epoch ${old.epoch}; ${newSite} writes at epoch ${epoch}`,
      ...phases.map(({ state }, index) => paint[state](rows[index] ?? '')),
      ...(refused === null ? [] : [`${colors.yellow('nothing may be done now')}: ${refused}`]),
      ...(next && refused === null ? [`next: causeway failback ${next.phase}   (shows what it would do)`] : []),
    ];
    const code = next === undefined && refused === null ? GOOD : FINDING;
    return { text: text.join('\n'), data: { oldSite, newSite, phases, refused, next: next?.phase ?? null }, code };
  });
}

async function divergencePhase(sides: Sides, record: ComingBack | null, flags: ReadingFlags): Promise<Phase> {
  const phase = 'divergence';
  if (record) return { phase, state: 'done', found: `${record.changes} stranded change(s) were read` };
  const knowable = await knowableOf(sides, flags);
  return knowable.kind === 'unknown'
    ? { phase, state: 'stuck', found: `${knowable.because}. ${knowable.wayOut}` }
    : { phase, state: 'next', found: `what is stranded stands in the slot ${knowable.source.slot}` };
}

async function reconcilePhase({ found, new: fresh }: Sides, record: ComingBack | null): Promise<Phase> {
  const phase = 'reconcile';
  if (!record)
    return { phase, state: 'later', found: 'brings what is stranded to the writer, where it is the last write' };
  const { applied, same, archived, listed } = await countOutcomes(fresh, found.old.epoch);
  const counts = `${applied} applied, ${same} there already, ${archived} archived, ${listed} listed for a person`;
  return { phase, state: 'done', found: `at ${record.reconciledAt}: ${counts}` };
}

function rejoinPhase({ found }: Sides, record: ComingBack | null): Phase {
  const phase = 'rejoin';
  if (record?.rejoinedAt) return { phase, state: 'done', found: `at ${record.rejoinedAt}` };
  if (record?.rejoin) return { phase, state: 'next', found: 'begun, and not ended: give it again' };
  const what = `${found.oldSite} becomes a replica of ${found.newSite}`;
  return { phase, state: record ? 'next' : 'later', found: what };
}

function switchBackPhase({ found }: Sides, record: ComingBack | null): Phase {
  const state = record?.rejoinedAt ? 'next' : 'later';
  return {
    phase: 'switch-back',
    state,
    found: `${found.oldSite} becomes the writer again, when it has been well for a while`,
  };
}
