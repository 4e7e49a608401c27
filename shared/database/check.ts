// `db check`: everything an operator should know about one database, with the way out of each finding.
import * as z from 'zod';
import { type Finding, ok } from './findings.ts';
import { inspectReach, inspectSettings, inspectSlots, inspectTables } from './inspect.ts';
import { inspectRights } from './inspect-rights.ts';
import { isInstalled } from './install.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';
import { readTables } from './tables.ts';

/** What no setting mends: told with every check, so that nobody learns of it in an incident. */
const BY_DESIGN: Finding[] = [
  {
    about: 'SET CONSTRAINTS by the client',
    status: 'escape',
    found: 'a client that makes constraints immediate is checked at its statements only, not again at its commit',
    wayOut:
      'a fence ends such a transaction all the same; do not use SET CONSTRAINTS ALL IMMEDIATE in long transactions',
  },
  {
    about: 'a COMMIT stalled in progress',
    status: 'escape',
    found: 'a server frozen between the check at commit and the commit itself can finish later than the lease',
    wayOut: 'the margin of the lease covers short stalls, and a fence waits for it',
  },
  {
    about: 'who owns a table',
    status: 'escape',
    found: 'its owner may drop or disable the guard on it',
    wayOut: 'let clients connect as roles that own nothing; the sweep finds it within a minute',
  },
];

/** Reads only. Findings of status `fail` mean that two sites could write, or that a failover would lose data. */
export async function checkDatabase(session: Session): Promise<Finding[]> {
  if (!(await isInstalled(session))) {
    const settings = [...(await inspectSettings(session)), ...(await inspectSlots(session))];
    const finding: Finding = {
      about: 'the guard',
      status: 'fail',
      found: 'not installed',
      wayOut: 'run causeway db install',
    };
    return [finding, ...settings];
  }
  return [
    await guardFinding(session),
    ...inspectTables(await readTables(session)),
    ...(await inspectReach(session)),
    ...(await inspectSettings(session)),
    ...(await inspectSlots(session)),
    ...(await inspectRights(session)),
    ...BY_DESIGN,
  ];
}

const State = z.object({
  epoch: z.int(),
  open: z.boolean(),
  dormant: z.boolean(),
  mode: z.string(),
  remainingSeconds: z.number(),
});

async function guardFinding(session: Session): Promise<Finding> {
  const state = State.parse(oneValue(await session.rows('select causeway.state() as value')));
  const about = 'the guard';
  if (state.mode === 'observe') {
    return {
      about,
      status: 'warn',
      found: 'observes, refuses nothing',
      wayOut: 'run causeway db install --mode enforce',
    };
  }
  if (state.dormant) {
    const wayOut = 'start the keeper of this site if it is the writer; on a standby run causeway db install --arm';
    return { about, status: 'warn', found: 'no epoch has been opened here, so nothing is refused yet', wayOut };
  }
  const shown = state.open ? `open for ${state.remainingSeconds.toFixed(1)} s` : 'shut';
  return ok(about, `enforces; epoch ${state.epoch}, ${shown}`);
}
