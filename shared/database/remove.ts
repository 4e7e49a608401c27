// `db remove`: takes the guard away, table by table, and then the schema.
import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import { type Deed, isInstalled } from './install.ts';
import { type Session, sentence, sqlState } from './session.ts';
import { EVENT_TRIGGER_NAMES } from './sql/ddl.ts';
import { readTables, withShortLock } from './tables.ts';

const dropTrigger = (table: string): string => `drop trigger if exists causeway_guard on ${table}`;

/** What `removeGuard` would run now. */
export async function planRemove(session: Session): Promise<string[]> {
  if (!(await isInstalled(session))) return [];
  const tables = (await readTables(session)).filter(({ guard }) => guard !== 'missing');
  return [
    ...(await eventTriggers(session)).map((name) => `drop event trigger if exists ${name}`),
    ...tables.map(({ name }) => dropTrigger(name)),
    'drop schema causeway cascade',
  ];
}

/**
 * Takes everything away that install made; replication is left as it is, but for the heartbeat table. Afterwards nothing keeps
 * two sites from writing. Stops before the schema when a table or an event trigger still depends on it.
 */
export async function removeGuard(session: Session, clock: Clock): Promise<Deed[]> {
  if (!(await isInstalled(session)))
    return [{ what: 'the schema causeway', outcome: 'already', detail: 'not installed' }];
  const deeds: Deed[] = [];
  for (const name of await eventTriggers(session)) deeds.push(await dropEventTrigger(session, name));
  for (const table of await readTables(session)) {
    if (table.guard === 'missing') continue;
    const { outcome, detail } = await withShortLock(session, clock, table.name, dropTrigger(table.name));
    deeds.push({ what: `unguard ${table.name}`, outcome: outcome === 'guarded' ? 'done' : 'problem', detail });
  }
  if (deeds.some(({ outcome }) => outcome === 'problem')) {
    return [
      ...deeds,
      { what: 'the schema causeway', outcome: 'problem', detail: 'left, because the above depend on it' },
    ];
  }
  await session.rows('drop schema causeway cascade');
  return [...deeds, { what: 'the schema causeway', outcome: 'done', detail: '' }];
}

async function eventTriggers(session: Session): Promise<string[]> {
  const rows = await session.rows('select evtname from pg_event_trigger where evtname = any ($1)', [
    EVENT_TRIGGER_NAMES,
  ]);
  return z
    .array(z.object({ evtname: z.string() }))
    .parse(rows)
    .map(({ evtname }) => evtname);
}

async function dropEventTrigger(session: Session, name: string): Promise<Deed> {
  const what = `the event trigger ${name}`;
  try {
    await session.rows(`drop event trigger if exists ${name}`);
    return { what, outcome: 'done', detail: '' };
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    return { what, outcome: 'problem', detail: `${sentence(error)}: whoever made it must drop it` };
  }
}
