// An estate of fakes in virtual time: two sites and a witness. Processes live in it by `schedules.ts`, and stories happen to it.

import { readJournal } from '../../../shared/engine/journal-read.ts';
import { registerKey } from '../../../shared/engine/situation-register.ts';
import type { JournalEntry } from '../../../shared/model/journal.ts';
import type { Notification } from '../../../shared/model/notification.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { beginEstate } from './beginning.ts';
import { createParts, type EstateOptions, type Parts } from './parts.ts';
import { viewRegister } from './register-view.ts';

export type Estate = Parts & {
  clock: Clock;
  situation: () => Situation;
  /** While true nothing more of the writer's changes reaches the standby. */
  replicationHeld: boolean;
  told(channel: string): Notification[];
  /** Of all stores together, each entry once, oldest first. */
  journal(): Promise<JournalEntry[]>;
  /** Lets virtual time pass. */
  pass(seconds: number): Promise<void>;
  /** Lets time pass until it is so. Throws after the limit, with the last lines of the log. */
  until(what: string, isSo: () => boolean, limitSeconds: number): Promise<void>;
};

export async function createEstate(options: EstateOptions): Promise<Estate> {
  const parts = createParts(options);
  const { time, storage } = parts;
  const { clock } = time;
  const estate: Estate = {
    ...parts,
    clock,
    situation: viewRegister([...storage.buckets.values()], registerKey),
    replicationHeld: false,
    told: (channel) => parts.channels[channel]?.arrived ?? [],
    journal: () => readAll(parts),
    pass: (seconds) => time.runUntil(clock.elapsedSeconds() + seconds),
    async until(what, isSo, limitSeconds) {
      await time.runUntil(clock.elapsedSeconds() + limitSeconds, isSo);
      if (!isSo()) throw new Error(`after ${limitSeconds} s it was still not so that ${what}\n${tell(estate)}`);
    },
  };
  await beginEstate(parts, () => estate.replicationHeld);
  return estate;
}

async function readAll({ storage }: Parts): Promise<JournalEntry[]> {
  const all = { appender: null, since: null, limit: 10_000 };
  const copies = await Promise.all([...storage.buckets.keys()].map((name) => readJournal(storage.atHand(name), all)));
  const entries = copies.flatMap((copy) => copy.entries);
  const once = new Map(entries.map((entry) => [`${entry.appender}/${entry.sequence}`, entry]));
  return [...once.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function tell({ seed, log, situation }: Estate): string {
  const steps = situation().run?.steps ?? [];
  const said = steps.map(({ id, status, blocker, detail }) => `  ${id} ${status}: ${blocker ?? detail}`);
  return [`seed ${seed}`, ...said, ...log.slice(-25)].join('\n');
}
