// The program: all commands, and what happens when none fits. What a command needs is loaded when it runs, so that help is quick.
import { Command, CommanderError } from 'commander';
import { addBreakGlass } from './break-glass.ts';
import { fail, onTerminal, UNUSABLE } from './command.ts';
import { addCost } from './cost.ts';
import { addDb } from './db.ts';
import { addFailback } from './failback.ts';
import { addInit } from './init.ts';
import { addJournal } from './journal.ts';
import { addKeeper } from './keeper.ts';
import { addObjects } from './objects.ts';
import { addOperate } from './operate.ts';
import { addPlan } from './plan.ts';
import { addPublish } from './publish.ts';
import { addReadiness } from './readiness.ts';
import { addStatus } from './status.ts';
import { addSwitchover } from './switchover.ts';
import type { Terminal } from './terminal.ts';
import { addValidate } from './validate.ts';
import { addWatchtower } from './watchtower.ts';

const EPILOGUE = `
Exit codes: 0 good, 1 a finding or a refusal, 2 wrong usage or something did not answer. Each command's --help says what they mean there.

At night:  causeway status        what is, what is blocked, and what would unblock it
           causeway pause         stop all automation, with a reason
           causeway break-glass explain   when the register itself is lost`;

/** Runs one command line. Never rejects: what goes wrong is a sentence on standard error and an exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<void> {
  const { io } = terminal;
  try {
    const program = await createProgram(args, terminal);
    if (args.length === 0) {
      io.err(program.helpInformation());
      return io.exit(UNUSABLE);
    }
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has said what is wrong, and set the exit code, before it threw.
    if (!(error instanceof CommanderError)) fail(io, args.includes('--verbose') ? { verbose: true } : {}, error);
  }
}

async function createProgram(args: readonly string[], terminal: Terminal): Promise<Command> {
  const program = onTerminal(new Command('causeway'), terminal.io)
    .description('keeps one application alive across AWS and Google Cloud')
    .showHelpAfterError(true)
    .addHelpText('after', EPILOGUE);
  addStatus(program, terminal);
  addReadiness(program, terminal);
  addPlan(program, terminal);
  addSwitchover(program, terminal);
  addOperate(program, terminal);
  addJournal(program, terminal);
  addInit(program, terminal);
  addPublish(program, terminal);
  addKeeper(program, terminal);
  addWatchtower(program, terminal);
  addFailback(program, terminal);
  addObjects(program, terminal);
  addCost(program, terminal);
  addBreakGlass(program, terminal);
  addDb(program, terminal.io);
  addValidate(program, terminal.io);
  await addDrillOf(program, args, terminal);
  return program;
}

/** The drill brings two clouds with it: it is loaded when it is asked for, and only named otherwise. */
async function addDrillOf(program: Command, args: readonly string[], terminal: Terminal): Promise<void> {
  const wanted = args.find((arg) => !arg.startsWith('-'));
  if (wanted === 'drill' || (wanted === 'help' && args.includes('drill'))) {
    const { addDrill } = await import('./drill.ts');
    addDrill(program, terminal.io);
  } else {
    program.command('drill').description('rehearse a failover on this machine: two clouds, one of them killed');
  }
}
