// The entry point of `causeway`: one command line, run at the real terminal.
import { runCommandLine } from './program.ts';
import { createProcessTerminal } from './terminal.ts';

await runCommandLine(process.argv.slice(2), createProcessTerminal());
// Connections that are kept for the next call would keep the process: everything has been said, so it may end once that is written.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
