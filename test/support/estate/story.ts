// How stories begin and how they are judged: an estate that has been well for a while, and what must be true at every end.
import { expect } from 'vitest';
import type { Response } from '../../../shared/engine/respond.ts';
import type { JournalEvent } from '../../../shared/model/journal.ts';
import type { OperatorCommand } from '../../../shared/model/operator.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Signal } from '../../../shared/model/signal.ts';
import type { SiteName } from '../../../shared/model/site.ts';
import { createEstate, type Estate } from './estate.ts';
import type { EstateOptions } from './parts.ts';
import { type Schedules, startSchedules } from './schedules.ts';

export type Story = { estate: Estate; schedules: Schedules };

/** Long enough for two generations of keepers to overlap. */
const wellSeconds = 70;

export async function begin(options: EstateOptions): Promise<Story> {
  const estate = await createEstate(options);
  const schedules = startSchedules(estate, options.seed);
  await estate.pass(wellSeconds);
  expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null, lastRun: null });
  return { estate, schedules };
}

export async function runEnds({ estate }: Story, limitSeconds: number): Promise<Run> {
  await estate.until('a run has ended', () => estate.situation().lastRun !== null, limitSeconds);
  await entriesArrive(estate);
  const [run, ...more] = runsEnded(await events(estate));
  expect(more.map(({ id }) => id)).toEqual([]);
  if (!run) throw new Error('the register says that a run has ended, and the journal does not');
  return run;
}

/** The journal is written after the register, and kept back for a store that is lost. */
async function entriesArrive(estate: Estate): Promise<void> {
  await estate.pass(3);
}

export async function events(estate: Estate): Promise<JournalEvent[]> {
  return (await estate.journal()).map(({ event }) => event);
}

export const moveDeadlineSeconds = 20;

/** The command for a planned move, as an operator gives it. */
export const moveTo = (to: SiteName, id = 'move-1'): OperatorCommand => ({
  command: 'switchover',
  id,
  by: 'ada',
  reason: 'maintenance of the other region',
  to,
  deadlineSeconds: moveDeadlineSeconds,
});

/** An operator's command, given through a function of the site; its outcome in the register's words. */
export async function command({ estate, schedules }: Story, site: SiteName, given: OperatorCommand): Promise<string> {
  const service = schedules.callFunction(site);
  const [{ outcome }] = await Promise.all([service.onOperator(given), estate.pass(10)]);
  return outcome;
}

/** A delivery to the alarm function of the site, which answers when the keeper that it wakes is calm again. */
export async function deliver({ estate, schedules }: Story, site: SiteName, signals: Signal[]): Promise<Response> {
  const service = schedules.callFunction(site);
  const [response] = await Promise.all([service.onEvent({ signals, rejections: [] }), estate.pass(150)]);
  return response;
}

/** Each run once, as it ended: two keepers may both have journaled the end. */
function runsEnded(all: JournalEvent[]): Run[] {
  const ended = all.flatMap((event) => (event.kind === 'run-ended' ? [event.run] : []));
  return [...new Map(ended.map((run) => [run.id, run])).values()];
}

/** The names of the rules that were journaled, in order, without repetitions. */
export function rulesDecided(all: JournalEvent[]): string[] {
  const rules = all.flatMap((event) => (event.kind === 'decided' ? [event.rule] : []));
  return rules.filter((rule, index) => rule !== rules[index - 1]);
}

export function statuses(run: Run): Record<string, string> {
  return Object.fromEntries(run.steps.map((step) => [step.id, step.status]));
}

/** The sites that have acknowledged writes, in order; each stands once when no site accepted after another had begun to. */
export function writersInOrder({ clients }: Estate): SiteName[] {
  const sites = clients.acknowledged.map(({ site }) => site);
  return sites.filter((site, index) => site !== sites[index - 1]);
}

/** Of the writes that some database acknowledged, those that the writer does not have now. */
export function lostWrites({ clients, databases, situation }: Estate): Estate['clients']['acknowledged'] {
  const has = new Set(databases[situation().writer]?.rows().map(({ id, origin }) => `${origin} ${id}`));
  return clients.acknowledged.filter(({ site, id }) => !has.has(`${site} ${id}`));
}

export function acknowledgedSince({ clients }: Estate, site: SiteName, sinceSeconds: number): number {
  return clients.acknowledged.filter((one) => one.site === site && one.atSeconds >= sinceSeconds).length;
}

/** What people were told, as a provider that knows deduplication keys shows it. */
export function messages(estate: Estate): { channel: string; dedupKey: string; severity: string; title: string }[] {
  return Object.keys(estate.channels).flatMap((channel) => {
    const told = new Map(estate.told(channel).map((one) => [`${one.kind} ${one.dedupKey}`, one]));
    return [...told.values()].map(({ dedupKey, severity, title }) => ({ channel, dedupKey, severity, title }));
  });
}

/** Of those, what a run has sent: alarms that go on after it come at their own time. */
export function messagesOf(estate: Estate, { id }: Run): ReturnType<typeof messages> {
  return messages(estate).filter(({ dedupKey }) => dedupKey.startsWith(`${id}/`));
}
