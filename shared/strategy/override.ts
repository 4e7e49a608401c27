// The same strategy with other addresses, ports and buckets: edits of the YAML text that leave everything else as it is written.
import { parseDocument } from 'yaml';

/** One value to put at a path, making the mappings on the way; `undefined` takes what is there away. */
export type Edit = { path: (string | number)[]; value: unknown };

/** The text with the edits made, comments kept. Throws when the text is no YAML, or a path leads through a plain value. */
export function overrideStrategy(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`cannot edit a strategy that is no YAML: ${error.message}`, { cause: error });
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}
