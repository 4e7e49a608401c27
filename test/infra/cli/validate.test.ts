// `causeway validate` as an operator uses it: through the program, with what it prints and how it exits.
import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { CliIo } from '../../../infra/cli/io.ts';
import { addValidate } from '../../../infra/cli/validate.ts';
import { EXAMPLE, spoilt } from '../../shared/strategy/example.ts';

type Outcome = { out: string; err: string; code: number | undefined };

async function causeway(args: string[], files: Record<string, string> = {}, color = false): Promise<Outcome> {
  const outcome: Outcome = { out: '', err: '', code: undefined };
  const io: CliIo = {
    out: (text) => {
      outcome.out += `${text}\n`;
    },
    err: (text) => {
      outcome.err += `${text}\n`;
    },
    exit: (code) => {
      outcome.code = code;
    },
    color,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return text;
    },
    cwd: '/estate',
  };
  const program = new Command('causeway');
  addValidate(program, io);
  // Commander throws on wrong usage and on --help, after the exit code has been set.
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error)) throw error;
  });
  return outcome;
}

const validate = (text: string, ...options: string[]): Promise<Outcome> =>
  causeway(['validate', 'strategy.yaml', ...options], { '/estate/strategy.yaml': text });

test('a valid file: exit 0, a summary with the worst case, and the warnings', async () => {
  const { out, err, code } = await validate(EXAMPLE);
  expect(code).toBe(0);
  expect(err).toBe('');
  expect(out).toContain('valid: strategy.yaml');
  expect(out).toContain('aws: aws us-east-1, writer');
  expect(out).toContain('gcp: gcp us-central1, replica (logical, ready below 5s of lag)');
  expect(out).toContain('witness in cloudflare/weur');
  expect(out).toContain('RTO 5m, RPO 1m');
  expect(out).toContain('detection 18s + lease 21s + health check 30s + DNS TTL 30s = 99s');
  expect(out).toContain('201s of the RTO (5m) are left');
  expect(out).toContain('aws_region_lost, when site aws is down\n                1. update_dns: route_to_gcp');
  expect(out).toContain('replication_lag, on db_replication_lag > 10s for 2m');
  expect(out).toContain('warning alerts[0].name [alert-not-carried-out]');
  expect(out).toContain('5 warnings');
});

test('an RTO that is out of reach: still valid, and said with the sum', async () => {
  const { out, code } = await validate(spoilt('rto: 5m', 'rto: 1m'));
  expect(code).toBe(0);
  expect(out).toContain('the RTO (1m) is used up 39s before promotion could begin');
  expect(out).toContain('warning objectives.rto [rto-out-of-reach]');
});

test('an invalid file: exit 1, every error with its line and a caret, on standard error', async () => {
  const text = spoilt('rto: 5m', 'rto: 5').replace('guard: enforce', 'gaurd: enforce');
  const { out, err, code } = await validate(text);
  const line = (part: string): number => text.split('\n').findIndex((candidate) => candidate.includes(part)) + 1;
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toContain(`strategy.yaml:${line('rto: 5')}:8 error objectives.rto [not-allowed]`);
  expect(err).toContain('found the number 5');
  expect(err).toContain('9 |   rto: 5\n    |        ^\n');
  expect(err).toContain(`strategy.yaml:${line('gaurd')}:3 error authority.gaurd [unknown-key]`);
  expect(err).toContain('Did you mean "guard"?');
  expect(err).toContain('invalid: 2 errors in strategy.yaml');
});

test('--json of a valid file', async () => {
  const { out, code } = await validate(EXAMPLE, '--json');
  const answer = JSON.parse(out);
  expect(code).toBe(0);
  expect(answer).toMatchObject({ file: 'strategy.yaml', valid: true, errors: [] });
  expect(answer.summary).toMatchObject({ writer: 'aws', budget: { totalSeconds: 99, leftSeconds: 201 } });
  expect(answer.warnings).toHaveLength(5);
});

test('--json of an invalid file', async () => {
  const { out, err, code } = await validate(spoilt('rto: 5m', 'rto: 5'), '--json');
  expect(code).toBe(1);
  expect(err).toBe('');
  expect(JSON.parse(out)).toMatchObject({
    valid: false,
    errors: [
      { file: 'strategy.yaml', line: 9, column: 8, path: 'objectives.rto', found: 'the number 5', rule: 'not-allowed' },
    ],
  });
});

test('--schema prints the JSON Schema and needs no file', async () => {
  const { out, code } = await causeway(['validate', '--schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ title: 'Causeway strategy', type: 'object', additionalProperties: false });
});

test.each([
  ['a file that is not there', ['validate', 'nowhere.yaml'], 'cannot read nowhere.yaml: ENOENT'],
  ['no file', ['validate'], 'validate needs the strategy file'],
  ['an option that is not known', ['validate', 'a.yaml', '--jsno'], "unknown option '--jsno'"],
  ['a second file', ['validate', 'a.yaml', 'b.yaml'], 'too many arguments'],
])('%s: exit 2', async (_, args, says) => {
  const { err, code } = await causeway(args);
  expect(code).toBe(2);
  expect(err).toContain(says);
});

test('--help exits 0 and names the exit codes', async () => {
  const { out, code } = await causeway(['validate', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('Exit codes: 0 valid, 1 invalid, 2 wrong usage');
});

test('colours only when asked for', async () => {
  const colour = String.fromCharCode(27);
  const files = { '/estate/strategy.yaml': EXAMPLE };
  expect((await causeway(['validate', 'strategy.yaml'], files, true)).out).toContain(colour);
  expect((await causeway(['validate', 'strategy.yaml'], files)).out).not.toContain(colour);
});
