// The program as a whole: help, wrong usage, and failures told in a sentence.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEstate, type TestEstate } from './estate.ts';

const COMMANDS = [
  ['status'],
  ['plan'],
  ['pause'],
  ['resume'],
  ['override'],
  ['approve'],
  ['abandon'],
  ['journal', 'show'],
  ['journal', 'verify'],
  ['init'],
  ['keeper'],
  ['watchtower'],
  ['break-glass', 'explain'],
  ['break-glass', 'open'],
  ['break-glass', 'close'],
];

let estate: TestEstate;
beforeEach(async () => {
  estate = await startEstate();
});
afterEach(() => estate?.close());

describe('help', () => {
  it.each(COMMANDS)('%s %s has examples and exit codes', async (...command) => {
    const { out, err, code } = await estate.causeway(...command.filter((part) => part !== undefined), '--help');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toContain(`Examples:\n  $ causeway ${command.filter(Boolean).join(' ')}`);
    expect(out).toMatch(/Exit codes:\n {2}0 {2}.+\n {2}1 {2}.+\n {2}2 {2}.+/);
    expect(out).toContain('--json');
  });

  it('without a command: the list of all, and exit 2', async () => {
    const { err, code } = await estate.causeway();
    expect(code).toBe(2);
    for (const [name] of COMMANDS) expect(err).toContain(`\n  ${name}`);
    for (const name of ['db', 'validate', 'drill']) expect(err).toContain(`\n  ${name}`);
  });

  it('an unknown command: named, with the list, and exit 2', async () => {
    const { err, code } = await estate.causeway('statsu');
    expect(code).toBe(2);
    expect(err).toContain("unknown command 'statsu'");
    expect(err).toContain('Did you mean status?');
    expect(err).toContain('Commands:');
  });

  it('the README of the commands documents every command', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../../infra/cli/README.md', import.meta.url)), 'utf8');
    for (const command of COMMANDS) expect(readme).toContain(`causeway ${command.join(' ')}`);
  });
});

describe('failures', () => {
  it('a strategy that is not there: a sentence with the way out, never a stack', async () => {
    const { err, code } = await estate.causeway('status', '--strategy', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(err).toContain("ENOENT: no such file or directory, open '/estate/nowhere.yaml'");
    expect(err).toContain('Name the file with --strategy <file> or in CAUSEWAY_STRATEGY');
    expect(err).not.toContain('    at ');
  });

  it('--verbose shows the causes and where each was thrown', async () => {
    const { err } = await estate.causeway('status', '--strategy', 'nowhere.yaml', '--verbose');
    expect(err).toContain('caused by Error: ENOENT');
    expect(err).toContain('    at ');
  });

  it('--json says it in JSON too', async () => {
    const { out, code } = await estate.causeway('status', '--strategy', 'nowhere.yaml', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out).error).toContain('the strategy could not be read');
  });

  it('a strategy that is not valid: the first places, and the command that explains', async () => {
    await estate.close();
    estate = await startEstate([{ path: ['objectives', 'rto'], value: 5 }]);
    const { err, code } = await estate.causeway('status');
    expect(code).toBe(2);
    expect(err).toMatch(/strategy.yaml:\d+:\d+ /);
    expect(err).toContain('`causeway validate strategy.yaml` explains each');
  });

  it('a site that there is not: the sites that there are', async () => {
    const { err, code } = await estate.causeway('keeper', '--site', 'azure');
    expect(code).toBe(2);
    expect(err).toContain('no site "azure" in the strategy; it names aws, gcp');
  });
});
