// The project's own files, as the tidy test looks at them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Folders that hold the product; `test` holds what watches it. */
export const productFolders = ['aws', 'gcp', 'infra', 'shared'];

export type SourceFile = { path: string; text: string; tree: ts.SourceFile };

/** Paths of all files below a folder, relative to the root, in the order of their names. */
export function filesBelow(folder: string): string[] {
  return readdirSync(`${root}${folder}`)
    .sort()
    .flatMap((name) => {
      const path = `${folder}/${name}`;
      return statSync(`${root}${path}`).isDirectory() ? filesBelow(path) : [path];
    });
}

export function textOf(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

export function source(path: string, text: string): SourceFile {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Whether the file is part of the product, and not of its tests. */
export function isProduct(path: string): boolean {
  return productFolders.some((folder) => path.startsWith(`${folder}/`));
}

/** Every node of a file that the test function takes, with its line (from 1). */
export function nodesOf<T extends ts.Node>(
  { tree }: SourceFile,
  takes: (node: ts.Node) => node is T,
): { node: T; line: number }[] {
  const found: { node: T; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (takes(node)) found.push({ node, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
