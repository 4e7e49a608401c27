// The rules of style that a machine can see in one source file. Each names the mend.
import * as ts from 'typescript';
import { isProduct, nodesOf, type SourceFile } from './tree.ts';

export type Rule = {
  name: string;
  /** What to do about it. */
  mend: string;
  /** Lines that break the rule, with what stands there. */
  broken: (file: SourceFile) => { line: number; found: string }[];
  /** A path and a text that break it: shows that the rule can fail. */
  example: { path: string; text: string };
};

const opening = '// What lives here.\n';

export const rules: Rule[] = [
  {
    name: 'a file begins with one line on what lives here',
    mend: 'make the first line a comment that says, in a sentence, what lives in the file',
    broken: ({ text }) => {
      const [first = '', second = ''] = text.split('\n');
      const line = first.startsWith('#!') ? second : first;
      return /^\/\/ \S+ .*\S/.test(line) ? [] : [{ line: 1, found: line }];
    },
    example: { path: 'shared/engine/a.ts', text: "import { b } from './b.ts';\n" },
  },
  {
    name: 'the environment is read in config.ts',
    mend: 'take what you need as an argument, and let a config.ts read it by a schema',
    broken: (file) =>
      !isProduct(file.path) || file.path.endsWith('/config.ts')
        ? []
        : [
            ...found(
              file,
              ts.isPropertyAccessExpression,
              ({ expression, name }) => expression.getText() === 'process' && name.text === 'env',
            ),
            ...found(
              file,
              ts.isImportDeclaration,
              (node) =>
                /^'(node:)?process'$/.test(node.moduleSpecifier.getText()) &&
                /\benv\b/.test(node.importClause?.getText() ?? ''),
            ),
          ],
    example: { path: 'shared/engine/a.ts', text: `${opening}export const home = process.env.HOME;\n` },
  },
  {
    name: 'time, chance and ids are arguments',
    mend: 'take a Clock or a Chance (shared/ports/clock.ts); only shared/engine/system.ts makes the real ones',
    broken: (file) =>
      !/^(aws|gcp|shared)\//.test(file.path) || file.path === 'shared/engine/system.ts'
        ? []
        : [
            ...found(file, ts.isPropertyAccessExpression, (node) =>
              /^(Date\.now|Math\.random|performance\.now|crypto\.randomUUID)$/.test(node.getText()),
            ),
            ...found(
              file,
              ts.isNewExpression,
              (node) => node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0,
            ),
            ...found(
              file,
              ts.isImportSpecifier,
              ({ propertyName, name }) => (propertyName ?? name).text === 'randomUUID',
            ),
          ],
    example: { path: 'shared/decision/a.ts', text: `${opening}export const now = new Date();\n` },
  },
  {
    name: 'no any',
    mend: 'say what it is, or `unknown`, and let a schema find out',
    broken: (file) => found(file, isAnyKeyword, () => isProduct(file.path)),
    example: { path: 'shared/engine/a.ts', text: `${opening}export const a = (b: any): void => b();\n` },
  },
  {
    name: 'no `as`',
    mend: 'narrow by a test or by a schema; only `as const` asserts nothing',
    broken: (file) =>
      found(
        file,
        (node) => ts.isAsExpression(node) || ts.isTypeAssertionExpression(node),
        (node) => isProduct(file.path) && !/\bas const$/.test(node.getText()),
      ),
    example: { path: 'infra/cli/a.ts', text: `${opening}export const a = JSON.parse('1') as number;\n` },
  },
  {
    name: 'no `!`',
    mend: 'ask whether it is there, and say what is wrong when it is not',
    broken: (file) =>
      !isProduct(file.path)
        ? []
        : [
            ...found(file, ts.isNonNullExpression, () => true),
            ...found(file, ts.isVariableDeclaration, (node) => node.exclamationToken !== undefined),
            ...found(file, ts.isPropertyDeclaration, (node) => node.exclamationToken !== undefined),
          ],
    example: { path: 'gcp/events/a.ts', text: `${opening}export const a = [1][0]!;\n` },
  },
  {
    name: 'zod is imported as a namespace',
    mend: "write `import * as z from 'zod'`: the named import carries every language's messages into each bundle",
    broken: (file) =>
      found(
        file,
        ts.isImportDeclaration,
        (node) =>
          /^['"]zod(\/.*)?['"]$/.test(node.moduleSpecifier.getText()) &&
          !/^(type )?\* as z$/.test(node.importClause?.getText() ?? ''),
      ),
    example: { path: 'shared/model/a.ts', text: `${opening}import { z } from 'zod';\n` },
  },
  {
    name: 'imports of our own end in .ts',
    mend: 'name the file that is imported: `./a.ts`',
    broken: (file) =>
      found(
        file,
        ts.isImportDeclaration,
        (node) =>
          /^['"]\.{1,2}\//.test(node.moduleSpecifier.getText()) &&
          !/\.(ts|json)['"]$/.test(node.moduleSpecifier.getText()),
      ),
    example: { path: 'shared/engine/a.ts', text: `${opening}import { b } from './b';\n` },
  },
  {
    name: 'an entry point has at most 25 lines',
    mend: 'let it parse, wire and call the service; what is more belongs to shared/engine',
    broken: ({ path, text }) => {
      const lines = text.trimEnd().split('\n').length;
      return /^(aws|gcp)\/functions\//.test(path) && lines > 25 ? [{ line: 26, found: `${lines} lines` }] : [];
    },
    example: { path: 'aws/functions/a.ts', text: `${opening}${'export {};\n'.repeat(25)}` },
  },
  {
    name: 'nothing is left to do in a comment',
    mend: 'do it, or say what is missing where its users read',
    broken: ({ text }) =>
      linesWith(text, new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`)),
    example: { path: 'shared/engine/a.ts', text: `${opening}// ${'TO' + 'DO'}: later\n` },
  },
  {
    name: 'no path of a developer’s machine',
    mend: 'take the path as an argument, or make it from import.meta.url',
    broken: ({ text }) => linesWith(text, /(^|[\s'"`(=:])\/(work|root|home|Users)\//),
    example: { path: 'infra/local/a.ts', text: `${opening}export const a = '${'/ho' + 'me'}/ana/strategy.yaml';\n` },
  },
  {
    name: 'no module mocks',
    mend: 'pass a fake in (test/support); what cannot be passed in wants to be an argument',
    broken: (file) =>
      found(file, ts.isCallExpression, ({ expression }) =>
        /^(vi|vitest|jest)\.(mock|doMock|hoisted|unstable_mockModule)$/.test(expression.getText()),
      ),
    example: { path: 'test/a.test.ts', text: `${opening}${'vi'}.mock('./b.ts');\n` },
  },
  {
    name: 'no test is focused, and none is skipped without a word',
    mend: 'take .only away; let what is skipped say why, in a title or a line that begins with "skipped"',
    broken: (file) => {
      const marks = found(
        file,
        ts.isPropertyAccessExpression,
        (node) =>
          /^(it|test|describe)(\.\w+)*$/.test(node.expression.getText()) &&
          /^(only|skip|skipIf|runIf|todo|fails)$/.test(node.name.text),
      );
      const says = nodesOf(file, isText).some(({ node }) => /\(?skipped\b/.test(node.text));
      return marks.filter(({ found: mark }) => !says || /\.(only|todo|fails)$/.test(mark));
    },
    example: { path: 'test/a.test.ts', text: `${opening}it.skip('does a thing', () => {});\n` },
  },
];

function found<T extends ts.Node>(
  file: SourceFile,
  takes: (node: ts.Node) => node is T,
  breaks: (node: T) => boolean,
): { line: number; found: string }[] {
  return nodesOf(file, takes)
    .filter(({ node }) => breaks(node))
    .map(({ node, line }) => ({ line, found: node.getText().split('\n')[0] ?? '' }));
}

function linesWith(text: string, pattern: RegExp): { line: number; found: string }[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, found: line.trim() }] : []));
}

function isAnyKeyword(node: ts.Node): node is ts.KeywordTypeNode {
  return node.kind === ts.SyntaxKind.AnyKeyword;
}

function isText(node: ts.Node): node is ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateHead {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node);
}
