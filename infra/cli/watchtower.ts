// `causeway watchtower`: the lookout outside both clouds, as a process: it probes every beat and puts up its bulletin.
import type { Command } from 'commander';
import { createBulletinBoard } from '../../shared/engine/bulletin-board.ts';
import { createJsonLog, errorFields } from '../../shared/engine/log.ts';
import { createLookout } from '../../shared/engine/lookout.ts';
import { createWatchtower } from '../../shared/engine/watchtower.ts';
import { addCommand, type CommonFlags, fail, GOOD, withStrategy } from './command.ts';
import { Unusable } from './failure.ts';
import { quietly } from './keeper.ts';
import type { Terminal } from './terminal.ts';

type Flags = CommonFlags & { name: string };

export function addWatchtower(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'watchtower',
    summary:
      'watch every site from outside as a process; decides nothing, does nothing, and is what automatic failover rests on',
    examples: ['watchtower --name watchtower'],
    codes: ['ended by SIGTERM or SIGINT', '(not used)', 'could not start'],
  });
  withStrategy(command)
    .requiredOption('--name <lookout>', "the lookout's name in the strategy")
    .action(async (flags: Flags) => {
      try {
        await watch(terminal, flags);
      } catch (error) {
        fail(terminal.io, flags, error);
      }
    });
}

async function watch(terminal: Terminal, flags: Flags): Promise<void> {
  const { io, clock, chance, stop } = terminal;
  const { lookoutStores, openEstate } = await import('./open.ts');
  const log = quietly(flags, createJsonLog(io.out, clock, { lookout: flags.name, process: 'watchtower' }));
  const estate = openEstate(terminal, flags, log);
  const { strategy, around } = estate;
  const declared = strategy.lookouts.find(({ name }) => name === flags.name);
  const all = lookoutStores(estate);
  const own = all.find(({ name }) => name === flags.name)?.store;
  if (!declared || !own) {
    const names = strategy.lookouts.map(({ name }) => name).join(', ') || 'none';
    throw new Unusable(
      `the strategy names no lookout "${flags.name}": it names ${names}. A site's keeper is one by itself`,
    );
  }
  const tower = createWatchtower({
    strategy,
    name: declared.name,
    ground: declared.ground,
    incarnation: chance.id().slice(0, 8),
    lookout: createLookout({ strategy, probe: around.probe, clock }),
    board: createBulletinBoard({ own, all, clock, readSeconds: strategy.healthChecks.timeoutSeconds }),
    clock,
    onTrouble: (where, error) => log('WARNING', `trouble while ${where}`, errorFields(error)),
  });
  log('INFO', `watching ${strategy.sites.map(({ name }) => name).join(' and ')}`, {
    everySeconds: strategy.authority.beatSeconds,
  });
  await tower.run({ lifetimeSeconds: Number.POSITIVE_INFINITY, signal: stop });
  log('INFO', 'ended');
  io.exit(GOOD);
}
