// `causeway failback rejoin`: the old writer becomes a replica of the new one; what the divergence touched is copied again, the rest goes on.
import { awaitCopies, sizeText } from '../../shared/database/failback/await-copies.ts';
import { refusalOf } from '../../shared/database/failback/precondition.ts';
import { foretell } from '../../shared/database/failback/reconcile.ts';
import {
  type ComingBack,
  makeRecords,
  readComingBack,
  writeReconciled,
  writeRejoined,
  writeRejoinPlan,
} from '../../shared/database/failback/records.ts';
import { beginRejoin, clearUp } from '../../shared/database/failback/rejoin.ts';
import { readRejoinFacts } from '../../shared/database/failback/rejoin-facts.ts';
import { planRejoin, type RejoinPlan } from '../../shared/database/failback/rejoin-plan.ts';
import { replicationNames } from '../../shared/engine/surround.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { type Answer, colorsOf, FINDING, GOOD } from './command.ts';
import { type DoingFlags, journal, knowableOf, progressLine, refusal, sayingOf } from './failback-answers.ts';
import { betweenOf } from './failback-reconcile.ts';
import { connectionFromOld, type Sides, withSides } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';
import { columns } from './text.ts';

export type RejoinFlags = DoingFlags & { full?: true; withoutDivergence?: true; newUrlFromOld?: string };

type Plan = Extract<RejoinPlan, { kind: 'plan' }>;
const { subscription, publication, slot: firstSlot } = replicationNames;

export function showRejoin(terminal: Terminal, flags: RejoinFlags): Promise<Answer> {
  const saying = flags.yes ? sayingOf(terminal, flags) : null;
  return withSides(terminal, flags, async (sides) => {
    const { found } = sides;
    const record = await readComingBack(sides.new, found.old.epoch);
    const refused = refusalOf(found) ?? (await unreconciled(terminal, sides, record, flags));
    if (refused !== null) return refusal(terminal, refused);
    const plan = await planOf(sides, record, flags);
    if (plan.kind === 'refused') return refusal(terminal, plan.because);
    if (!saying) return dryAnswer(terminal, sides, plan, flags);
    const connection = await connectionFromOld(sides.estate, found, flags.newUrlFromOld ?? null);
    const released = await carryOut(terminal, sides, plan, { flags, record, connection });
    const how = plan.copied.length > 0 ? `${plan.copied.length} table(s) copied` : 'nothing copied';
    const said = await journal(terminal, sides, `failback rejoin (done, ${how})`, saying);
    return doneAnswer(terminal, sides, plan, { released, said });
  });
}

/** Why the old rows may not be touched yet; null when all that was stranded is decided, or given up by name. */
async function unreconciled(
  terminal: Terminal,
  sides: Sides,
  record: ComingBack | null,
  flags: RejoinFlags,
): Promise<string | null> {
  // Once it was begun the old rows have been emptied, and the slot may be gone: that was decided then.
  if (record?.rejoin || flags.withoutDivergence) return null;
  const knowable = await knowableOf(sides, flags);
  if (knowable.kind === 'unknown') return `${knowable.because}. ${knowable.wayOut}`;
  const { found } = sides;
  const { changes, decidedBefore } = await foretell(sides.old, sides.new, {
    source: knowable.source,
    between: betweenOf(sides),
    oldOrigin: found.old.origin,
    tracksCommits: found.new.tracksCommits,
    rowLimit: 0,
    progress: progressLine(terminal, flags),
  });
  if (changes === decidedBefore) return null;
  return `${changes - decidedBefore} stranded change(s) of ${found.oldSite} have not been reconciled, and rejoining would take the only copy away: \`causeway failback reconcile\` first`;
}

async function planOf({ estate, found, old, new: fresh }: Sides, record: ComingBack | null, flags: RejoinFlags) {
  const schemas = siteOf(estate.strategy, found.newSite).database?.schemas ?? [];
  const everything = flags.full === true || flags.withoutDivergence === true;
  return planRejoin(await readRejoinFacts(old, fresh, { found, record, schemas, publication, everything }));
}

async function carryOut(
  terminal: Terminal,
  sides: Sides,
  plan: Plan,
  { flags, record, connection }: { flags: RejoinFlags; record: ComingBack | null; connection: string },
): Promise<string[]> {
  const { old, new: fresh, found } = sides;
  const say = (sentence: string) => (flags.json ? undefined : terminal.io.err(sentence));
  const between = betweenOf(sides);
  await makeRecords(fresh);
  if (!record) await writeReconciled(fresh, between, { appliedLsn: '0/0', touched: [], changes: 0 });
  await writeRejoinPlan(fresh, between.oldEpoch, { slot: plan.slot, copied: plan.copied.map(({ name }) => name) });
  await beginRejoin(old, fresh, { plan, subscription, publication, connection, say });
  const sizes = new Map(plan.copied.map(({ name, bytes }) => [name, bytes]));
  const { clock, stop } = terminal;
  await awaitCopies(old, fresh, { subscription, slot: plan.slot, sizes, clock, stop, say });
  const released = await clearUp(old, fresh, { plan, subscription, firstSlot, epoch: found.epoch });
  await writeRejoined(fresh, between.oldEpoch);
  return released;
}

function planLines({ found }: Sides, plan: Plan): string[] {
  const total = plan.copied.reduce((sum, { bytes }) => sum + bytes, 0);
  const slot = found.new.slots.find(({ name }) => name === plan.slot);
  const behind = slot?.retainedBytes ? `, ${sizeText(slot.retainedBytes)} of the log` : '';
  return [
    ...(plan.whyAll === null ? [] : [`every table is copied: ${plan.whyAll}`]),
    ...(plan.resumes
      ? [`${plan.streamed.length} table(s) go on from the slot ${plan.slot}${behind}, and are not copied`]
      : []),
    plan.copied.length === 0
      ? 'nothing is copied'
      : `${plan.copied.length} table(s) of ${found.oldSite} are emptied and copied again from ${found.newSite}, about ${sizeText(total)}:`,
    ...columns(plan.copied.map(({ name, bytes, because }) => [`  ${name}`, sizeText(bytes), because])),
    ...(plan.left.length > 0 ? [`only ${found.oldSite} has ${plan.left.join(', ')}: left as they are`] : []),
  ];
}

function dryAnswer(terminal: Terminal, sides: Sides, plan: Plan, flags: RejoinFlags): Answer {
  const { found } = sides;
  const text = [
    ...planLines(sides, plan),
    ...(flags.withoutDivergence
      ? [
          `what ${found.oldSite} had accepted and ${found.newSite} never got is lost with it: keep a dump of ${found.oldSite}`,
        ]
      : []),
    `${colorsOf(terminal.io).yellow('not-confirmed')}: nothing was changed: add --yes and --reason to make ${found.oldSite} follow ${found.newSite}`,
  ];
  return { text: text.join('\n'), data: { outcome: 'not-confirmed', ...plan }, code: FINDING };
}

function doneAnswer(
  terminal: Terminal,
  sides: Sides,
  plan: Plan,
  { released, said }: { released: string[]; said: string },
): Answer {
  const { oldSite, newSite } = sides.found;
  const text = [
    `${colorsOf(terminal.io).green('done')}: ${oldSite} follows ${newSite}; ${plan.streamed.length} table(s) went on, ${plan.copied.length} were copied`,
    ...(released.length > 0
      ? [`slots of ${oldSite} that nobody reads any more were dropped: ${released.join(', ')}`]
      : []),
    `next: causeway failback switch-back${said}`,
  ];
  return { text: text.join('\n'), data: { outcome: 'done', ...plan, released }, code: GOOD };
}
