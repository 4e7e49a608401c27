// Where a path of the data stands in the text: lines and columns, 1-based, always inside the file.
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter } from 'yaml';

type Position = { line: number; column: number };

export type Positions = {
  /** The place of a path; of its nearest ancestor when the file does not have it. */
  of(path: readonly PropertyKey[], at: 'key' | 'value'): Position;
  ofOffset(offset: number): Position;
};

export function createPositions(document: Document.Parsed, lines: LineCounter, text: string): Positions {
  const last = Math.max(0, text.trimEnd().length - 1);
  const ofOffset = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, last));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return { ofOffset, of: (path, at) => ofOffset(offsetOf(document, path, at)) };
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [index, part] of path.entries()) {
    const held: unknown = isAlias(node) ? node.resolve(document) : node;
    const entry = entryOf(held, part);
    if (!entry) return offset;
    const wantsValue = index === path.length - 1 && at === 'value';
    // A mapping begins on the line after its key: the key is what a person looks for.
    const ownPlace = wantsValue && isScalar(entry.value) && entry.value.source !== '';
    offset = (ownPlace ? startOf(entry.value) : startOf(entry.key)) ?? startOf(entry.value) ?? offset;
    node = entry.value;
  }
  return offset;
}

function entryOf(node: unknown, part: PropertyKey): { key: unknown; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair ? { key: pair.key, value: pair.value } : null;
  }
  if (isSeq(node) && typeof part === 'number') {
    const value = node.items[part];
    return value === undefined ? null : { key: value, value };
  }
  // A list of mappings with one key each (routing_policies, actions) may be gone into by that key.
  if (isSeq(node) && typeof part === 'string') {
    for (const item of node.items) {
      const entry = isMap(item) ? entryOf(item, part) : null;
      if (entry) return entry;
    }
  }
  return null;
}

function startOf(node: unknown): number | null {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? null;
  return null;
}
