// The terminal that a command runs at: what it may print to, who sits there, and what else it needs of its process. Tests bring their own.
import { hostname, userInfo } from 'node:os';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import type { Chance, Clock } from '../../shared/ports/clock.ts';
import { type Environment, readEnvironment } from './config.ts';
import { type CliIo, createProcessIo } from './io.ts';
import { createPerson, type Person } from './person.ts';

export type Terminal = {
  io: CliIo;
  env: Environment;
  clock: Clock;
  chance: Chance;
  /** `user@host`: who is journaled when `--by` does not say. */
  user: string;
  /** Aborted by the first SIGINT or SIGTERM. */
  stop: AbortSignal;
  /** Who can be asked, and watches; null: a pipe, a script, a schedule. */
  person: Person | null;
};

/** The real one. Signals are listened to only by who asks for `stop`: other commands end at once, as every program does. */
export function createProcessTerminal(): Terminal {
  let stop: AbortSignal | null = null;
  return {
    io: createProcessIo(),
    env: readEnvironment(),
    clock: systemClock,
    chance: systemChance,
    user: `${userInfo().username}@${hostname()}`,
    get stop() {
      stop ??= stopOnSignal();
      return stop;
    },
    person: createPerson(),
  };
}

/** A second signal ends the process at once, as people expect who press Ctrl-C twice. */
function stopOnSignal(): AbortSignal {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ended.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
      ended.abort();
    });
  }
  return ended.signal;
}
