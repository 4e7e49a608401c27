// Style, as far as a machine can see it. Every failure names the file, the line and the mend.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from './support/tidy/rules.ts';
import { filesBelow, productFolders, root, source, textOf } from './support/tidy/tree.ts';

const files = [...productFolders, 'test'].flatMap(filesBelow);
const sources = files.filter((path) => /\.(ts|mjs)$/.test(path)).map((path) => source(path, textOf(path)));
const folders = [...new Set(files.map((path) => dirname(path)))];

it('looks at the whole tree', () => {
  expect(sources.length).toBeGreaterThan(300);
});

describe('each source file', () => {
  it.each(rules)('$name', ({ mend, broken }) => {
    const lines = sources.flatMap((file) => broken(file).map(({ line, found }) => `${file.path}:${line} ${found}`));
    expect(lines, `${mend}:\n${lines.join('\n')}`).toEqual([]);
  });

  it.each(rules)('would be found out: $name', ({ broken, example }) => {
    expect(broken(source(example.path, example.text))).toHaveLength(1);
  });
});

describe('the tree', () => {
  it('keeps the direction of its imports, as dependency-cruiser sees it', () => {
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...productFolders];
    const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const run = spawnSync(process.execPath, [program, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1e9 });
    expect(run.stderr).toBe('');
    const { modules, summary } = JSON.parse(run.stdout);
    // A cruiser that cannot read TypeScript finds nothing wrong in nothing.
    const seen = modules.filter((module: { source: string }) =>
      productFolders.some((folder) => module.source.startsWith(`${folder}/`)),
    );
    expect(
      seen.length,
      'dependency-cruiser sees too few modules: has the version of TypeScript changed?',
    ).toBeGreaterThan(100);
    const broken = summary.violations.map(
      (one: { from: string; to: string; rule: { name: string } }) => `${one.from} -> ${one.to} (${one.rule.name})`,
    );
    expect(broken, 'the rule in .dependency-cruiser.cjs says where such code lives').toEqual([]);
  }, 60_000);

  it('has at its top only what belongs there', () => {
    const ignored = readFileSync(join(root, '.gitignore'), 'utf8')
      .split('\n')
      .map((line) => line.replace(/\/$/, ''));
    const top = readdirSync(root).filter(
      (name) => name !== '.git' && !ignored.includes(name) && !name.endsWith('.tsbuildinfo'),
    );
    const belongs = [
      '.biome.jsonc',
      '.ci',
      '.dependency-cruiser.cjs',
      '.gitignore',
      '.knip.jsonc',
      'LICENSE',
      'README.md',
      'aws',
      'gcp',
      'infra',
      'package-lock.json',
      'package.json',
      'shared',
      'test',
      'tsconfig.json',
    ];
    const strange = top.filter((name) => !belongs.includes(name));
    expect(strange, 'put it into the folder whose role it has; what is made by a run belongs into .gitignore').toEqual(
      [],
    );
    expect(
      belongs.filter((name) => !top.includes(name)),
      'the top level misses',
    ).toEqual([]);
  });

  it('names folders by their role', () => {
    const technical = files.filter((path) => /(^|\/)(utils?|helpers?|types|services|common|lib|misc)\//.test(path));
    expect(technical, 'name the folder by its role in the flow').toEqual([]);
  });

  it('has no barrels', () => {
    expect(
      files.filter((path) => /\/index\.\w+$/.test(path)),
      'import the file that holds it',
    ).toEqual([]);
  });

  it('has in both clouds the same five parts', () => {
    const parts = (cloud: string) => readdirSync(join(root, cloud)).sort();
    const five = [
      'README.md',
      'adapters',
      'config.ts',
      'events',
      'functions',
      'wiring-cost.ts',
      'wiring-objects.ts',
      'wiring.ts',
    ];
    expect([parts('aws'), parts('gcp')], 'a reader who knows one cloud knows the other').toEqual([five, five]);
  });

  it('tells in each folder what lives there', () => {
    const silent = folders.filter((folder) => !isTold(folder));
    expect(
      silent,
      'write its README.md (what lives here, what must not, how to add one), or name it as `folder/` in the README above it',
    ).toEqual([]);
  });

  it('tells of files that are there', () => {
    const gone = files.filter((path) => path.endsWith('README.md')).flatMap(missingIn);
    expect(gone, 'a README names a file that is not there: correct it').toEqual([]);
  });

  it('holds no copy of the payloads that are kept beside the project (skipped where they are not there)', ({
    skip,
  }) => {
    const beside = join(root, '../shared/fixtures');
    if (!existsSync(beside)) skip('the folder of published payloads is not beside this project');
    const prints = new Map(readdirSync(beside).map((name) => [fingerprint(readFileSync(join(beside, name))), name]));
    const copies = files.filter((path) => prints.has(fingerprint(readFileSync(join(root, path)))));
    expect(copies, 'read it from where it is kept, by test/fixtures/folder.ts').toEqual([]);
  });
});

/** A folder is told by its own README, by one above that names it, or, below `test`, by being the mirror of one that is. */
function isTold(folder: string): boolean {
  if (existsSync(join(root, folder, 'README.md'))) return true;
  if (folder.startsWith('test/') && existsSync(join(root, folder.slice('test/'.length)))) return true;
  const above = join(dirname(folder), 'README.md');
  return existsSync(join(root, above)) && textOf(above).includes(`${folder.split('/').at(-1)}/`);
}

/** What stands in backticks or links and looks like a path of a file: it must be there, from the README or from the top. */
function missingIn(readme: string): string[] {
  const text = textOf(readme);
  const named = [...text.matchAll(/`([\w./-]+\.(?:ts|mjs|md|yaml|cjs))`|\]\(([^)#:]+)\)/g)].map(
    ([, code, link]) => code ?? link ?? '',
  );
  return (
    named
      // The user's own file stands wherever the user keeps it.
      .filter((name) => name !== 'strategy.yaml')
      .filter((name) => ![dirname(readme), ''].some((from) => existsSync(join(root, from, name))))
      .map((name) => `${readme}: ${name}`)
  );
}

function fingerprint(content: Buffer): string {
  return createHash('sha256').update(content.toString('utf8').replace(/\s/g, '')).digest('hex');
}
