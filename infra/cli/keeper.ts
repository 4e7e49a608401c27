// `causeway keeper`: the same keeper as the scheduled function, as a process beside the application: the second renewer.
import type { Command } from 'commander';
import { testConditionalWrites } from '../../shared/authority/self-test.ts';
import { createJsonLog, errorFields, type Log } from '../../shared/engine/log.ts';
import { addCommand, type CommonFlags, fail, GOOD, UNUSABLE, withStrategy } from './command.ts';
import { Unusable } from './failure.ts';
import type { Estate } from './open.ts';
import type { Terminal } from './terminal.ts';

/** How long steps that were begun may go on after the signal. Container platforms kill after 30 s. */
const graceSeconds = 25;
const selfTestSeconds = 24 * 3600;

export function addKeeper(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'keeper',
    summary:
      'keep a site as a process: renew the lease, watch, decide, carry out. Beside the scheduled function, not instead of it',
    examples: ['keeper --site aws', 'keeper --site gcp --verbose   # also each beat'],
    codes: [
      'ended by SIGTERM or SIGINT, with everything begun finished',
      '(not used)',
      'could not start, or steps were left unfinished',
    ],
  });
  withStrategy(command)
    .option('--site <site>', 'the site to keep (default: $CAUSEWAY_SITE)')
    .action(async (flags: CommonFlags) => {
      try {
        await keep(terminal, flags);
      } catch (error) {
        fail(terminal.io, flags, error);
      }
    });
}

async function keep(terminal: Terminal, flags: CommonFlags): Promise<void> {
  const { io, clock, env, stop } = terminal;
  const [{ openEstate }, { composeEngine }] = await Promise.all([
    import('./open.ts'),
    import('../../shared/engine/compose.ts'),
  ]);
  const site = flags.site ?? env.CAUSEWAY_SITE;
  if (!site) throw new Unusable('a keeper keeps one site: name it with --site <site> or in CAUSEWAY_SITE');
  const log = quietly(flags, createJsonLog(io.out, clock, { site, process: 'keeper' }));
  const estate = openEstate(terminal, { ...flags, site }, log);
  await mustBeSound(terminal, estate, log);
  const living = new Set<Promise<void>>();
  const live = (incarnation: string): Promise<void> => {
    const engine = composeEngine({ ...estate.around, incarnation });
    return (
      engine.keeper
        // A signal of its own: the loops of all lives on one signal would be more listeners than Node takes without a warning.
        .run({ lifetimeSeconds: estate.config.keeperSeconds, signal: AbortSignal.any([stop]) })
        .then(engine.settle)
        .catch((error) => log('ERROR', `the keeper ${incarnation} ended`, errorFields(error)))
    );
  };
  const testing = retest(terminal, estate, log);
  log('INFO', `keeping ${site}`, { keeperSeconds: estate.config.keeperSeconds });
  // The next life begins on time, also while the one before still finishes a step: the lease must not wait for it.
  while (!stop.aborted) {
    const life = live(terminal.chance.id().slice(0, 8));
    living.add(life);
    void life.then(() => living.delete(life));
    await clock.sleep(estate.config.keeperSeconds, stop);
  }
  log('INFO', 'asked to end: finishing what was begun', { graceSeconds });
  const over = new AbortController();
  const all = Promise.all([...living, testing]).then(() => over.abort());
  await Promise.race([all, clock.sleep(graceSeconds, over.signal)]);
  if (living.size === 0) {
    log('INFO', 'ended');
    return io.exit(GOOD);
  }
  log(
    'WARNING',
    `ended with steps unfinished after ${graceSeconds} s; another keeper takes them over when their claims lapse`,
  );
  io.exit(UNUSABLE);
}

/** A store that ignores conditions is found before this process writes to it; one that does not answer may come back. */
async function mustBeSound(terminal: Terminal, { stores }: Estate, log: Log): Promise<void> {
  const verdicts = await Promise.allSettled(
    stores.map(({ store }) => testConditionalWrites(store, terminal.chance, terminal.clock)),
  );
  for (const [index, one] of verdicts.entries()) {
    const name = stores[index]?.declared.name ?? '';
    if (one.status === 'rejected') log('WARNING', `${name} did not answer the self-test`, errorFields(one.reason));
    else if (one.value.kind === 'unsound') throw new Unusable(one.value.because);
  }
}

/** Once a day: said aloud and not died of, because the lease is worth more than the test. */
async function retest(terminal: Terminal, estate: Estate, log: Log): Promise<void> {
  const { clock, stop } = terminal;
  for (;;) {
    await clock.sleep(selfTestSeconds, stop);
    if (stop.aborted) return;
    await mustBeSound(terminal, estate, log).catch((error) =>
      log('ERROR', 'a register store is unsound', errorFields(error)),
    );
  }
}

/** Each beat is news only to who asks for it. */
export function quietly({ verbose }: CommonFlags, log: Log): Log {
  return (severity, message, fields) => {
    if (severity !== 'DEBUG' || verbose) log(severity, message, fields);
  };
}
