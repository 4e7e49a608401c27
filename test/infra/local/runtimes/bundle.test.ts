// Bundles of functions: they run, share chunks, and keep what is imported lazily out of the start.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleFunctions } from '../../../../infra/local/runtimes/bundle.ts';
import { environmentProgram } from '../../../../infra/local/runtimes/execution-environment.ts';
import { createLambdaRuntime, defaultAsyncPolicy } from '../../../../infra/local/runtimes/lambda-runtime.ts';
import { scriptedChance } from '../chance.ts';
import { machineClock } from '../machine-clock.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-bundle-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function source(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

test('a bundled function runs in the Lambda runtime, with CommonJS inside, and its heavy part is lazy', async () => {
  source('legacy.cjs', "const { sep } = require('node:path'); exports.sep = sep; exports.here = __dirname;");
  source('heavy.ts', `export const heavy = ${JSON.stringify('x'.repeat(50_000))};`);
  const entry = source(
    'on-alarm.ts',
    `import legacy from './legacy.cjs';
     export const handler = async (event: { lazy: boolean }): Promise<unknown> =>
       ({ sep: legacy.sep, here: legacy.here, heavy: event.lazy ? (await import('./heavy.ts')).heavy.length : null });`,
  );
  const other = source('on-beat.ts', `export { handler } from './on-alarm.ts';`);
  const outDir = join(directory, 'out');
  mkdirSync(outDir);
  const [bundled, second, program] = await bundleFunctions(
    [
      { name: 'on-alarm', path: entry },
      { name: 'on-beat', path: other },
      { name: 'lambda-environment', path: environmentProgram },
    ],
    outDir,
  );
  expect(bundled?.startSizeBytes).toBeLessThan(5_000);
  expect(bundled?.lazySizeBytes).toBeGreaterThan(50_000);
  expect(second?.lazySizeBytes).toBe(bundled?.lazySizeBytes);
  const runtime = createLambdaRuntime({
    functions: [
      {
        name: 'on-alarm',
        entry: bundled?.path ?? '',
        handlerExport: 'handler',
        timeoutSeconds: 10,
        env: {},
        reservedConcurrency: null,
        async: defaultAsyncPolicy,
      },
    ],
    program: program?.path ?? '',
    region: 'us-east-1',
    account: '123456789012',
    timeFactor: 1,
    duplicateFraction: 0,
    clock: machineClock,
    chance: scriptedChance(),
    onLog: () => undefined,
    onFailure: () => undefined,
  });
  try {
    const answer = await runtime.invoke('on-alarm', { lazy: true });
    expect(answer).toMatchObject({ kind: 'returned', payload: { sep: '/', heavy: 50_000 } });
  } finally {
    await runtime.close();
  }
});

test('a source that does not compile says where', async () => {
  const entry = source('broken.ts', 'export const = 1;');
  await expect(bundleFunctions([{ name: 'broken', path: entry }], directory)).rejects.toThrow(/broken\.ts:1:13/);
});
