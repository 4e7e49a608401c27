// The bundle that one gets without thinking about cold starts: one file, and every import made at the start.
import { readFile } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import * as ts from 'typescript';
import { settings } from '../../infra/local/runtimes/bundle.ts';
import { type Entry, root } from './entries.ts';

/** Writes `<name>.mjs` below `outDir` and answers its size in bytes. */
export async function bundleNaively(entry: Entry, outDir: string): Promise<{ path: string; sizeBytes: number }> {
  const path = `${outDir}/${entry.name}.mjs`;
  const { metafile } = await build({
    ...settings,
    entryPoints: [entry.path],
    outfile: path,
    absWorkingDir: outDir,
    plugins: [importUpFront],
  });
  const sizeBytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { path, sizeBytes };
}

/** Only our own sources are rewritten: what an SDK loads lazily by itself stays lazy in both bundles. */
const importUpFront: Plugin = {
  name: 'import-up-front',
  setup: (builder) => {
    builder.onLoad({ filter: /\/(aws|gcp|shared)\/.*\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(root) || path.includes('/node_modules/')) return null;
      return { contents: withStaticImports(await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
};

/**
 * Rewrites each `import('x')` as a static import. Where the result is taken apart at once, only those names are imported, as a
 * person would write it: tree shaking then works for the naive bundle as well as it can.
 */
export function withStaticImports(text: string): string {
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const found: { call: ts.CallExpression; from: string; names: string[] | null }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      if (from && ts.isStringLiteral(from)) found.push({ call: node, from: from.text, names: namesTaken(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  let out = text;
  const statics: string[] = [];
  for (const [index, { call, from, names }] of [...found.entries()].reverse()) {
    const own = `upFront${index}`;
    const list = names?.map((name) => `${name} as ${own}${name}`).join(', ');
    statics.unshift(`import ${list === undefined ? `* as ${own}` : `{ ${list} }`} from '${from}';`);
    const value = names ? `({ ${names.map((name) => `${name}: ${own}${name}`).join(', ')} })` : own;
    out = `${out.slice(0, call.getStart())}Promise.resolve(${value})${out.slice(call.getEnd())}`;
  }
  return `${statics.join('\n')}\n${out}`;
}

/** The names in `const { a, b } = await import('x')`, or in its place of `const [{ a }, { b }] = await Promise.all([...])`. */
function namesTaken(call: ts.CallExpression): string[] | null {
  const list = ts.isArrayLiteralExpression(call.parent) ? call.parent : null;
  const awaited = list ? list.parent.parent : call.parent;
  if (!ts.isAwaitExpression(awaited) || !ts.isVariableDeclaration(awaited.parent)) return null;
  const whole = awaited.parent.name;
  if (!list) return namesOf(whole);
  const element = ts.isArrayBindingPattern(whole) ? whole.elements[list.elements.indexOf(call)] : undefined;
  return element && ts.isBindingElement(element) ? namesOf(element.name) : null;
}

function namesOf(binding: ts.BindingName): string[] | null {
  if (!ts.isObjectBindingPattern(binding)) return null;
  return binding.elements.map((element) => (element.propertyName ?? element.name).getText());
}
